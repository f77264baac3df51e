# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for bash. The program itself says what can stand there (src/complete.hpp).

# What the program "$1" says to the words behind it; nothing if it is not there or fails, and never a
# word on the terminal.
_natstat_ask() {
    local program=$1 said
    shift
    type -P -- "$program" >/dev/null || return 0 # else a handler of unknown commands would speak
    said=$({ command -- "$program" --complete "$@"; } 2>/dev/null </dev/null) && printf '%s\n' "$said"
    return 0
}

_natstat() {
    local program=$1 word=${COMP_WORDS[COMP_CWORD]} line
    [[ $1 == \~/* ]] && program=$HOME/${1:2}
    [[ $word == = ]] && word='' # bash takes "=" for a word of its own
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            '') ;;
            :files) compopt -o default ;;
            :hosts) mapfile -t COMPREPLY < <(compgen -A hostname -- "$word") ;;
            :open) compopt -o nospace ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <(_natstat_ask "$program" "${COMP_WORDS[@]:1:COMP_CWORD}")
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return 0
}

complete -F _natstat natstat netstat-nat
