# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for bash. The program itself says what can stand there (src/complete.hpp).

_natstat() {
    local word=${COMP_WORDS[COMP_CWORD]} line
    [[ $word == = ]] && word='' # bash takes "=" for a word of its own
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :files) compopt -o default ;;
            :hosts) mapfile -t COMPREPLY < <(compgen -A hostname -- "$word") ;;
            :open) compopt -o nospace ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <("$1" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return 0
}

complete -F _natstat natstat netstat-nat
