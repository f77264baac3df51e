# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for bash. The program itself says what can stand there (src/ask/complete.hpp).

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
    local program=${1//[\\\"\']/} raw=${COMP_WORDS[COMP_CWORD]} word line quoted='' goes_on='' IFS=$' \t\n'
    [[ $1 == \~/* ]] && program=$HOME/${program:2}
    local -a words=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
    words=("${words[@]//[\\\"\']/}")
    word=${raw//[\\\"\']/}
    [[ $raw == [\"\']"$2"* ]] && quoted=yes word=$2 # a quote is open, and all behind it is one word
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            '') ;;
            :files) compopt -o default ;;
            :hosts) # bash takes "=" for a word of its own
                mapfile -t COMPREPLY < <(compgen -A hostname -- "${word#=}")
                ;;
            :open) compopt -o nospace ;;
            :filter) goes_on=$quoted ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <(_natstat_ask "$program" "${words[@]}" "$word")
    if ((${#COMPREPLY[@]} == 1)); then
        [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
        # Readline closes the quote behind an only choice; a filter goes on, so it gets a second one.
        [[ $goes_on ]] && COMPREPLY+=("${COMPREPLY[0]} ")
    fi
    # Where only a list is shown, it is one of words, not of the filter so far.
    [[ $goes_on ]] && ((COMP_TYPE == 63)) && COMPREPLY=("${COMPREPLY[@]##*[[:space:]()&|]}")
    return 0
}

complete -F _natstat natstat netstat-nat
