# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for fish. The program itself says what can stand there (src/ask/complete.hpp).

# What the program $argv[1] says to the words behind it; nothing if it is not there or fails, and never a
# word on the terminal.
function __natstat_ask
    set -l program $argv[1]
    string match -q -- '~/*' $program; and set program $HOME/(string sub -s 3 -- $program)
    command -q -- $program; or return 0 # else fish speaks of an unknown command
    set -l said (command $program --complete $argv[2..-1] 2>/dev/null </dev/null); and printf '%s\n' $said
    return 0
end

function __natstat_complete
    set -l words (commandline -opc)
    set -l raw (commandline -ct | string collect)
    # A word without its quotes, of which one may be open.
    set -l word (begin
        string unescape -- "$raw"
        or string unescape -- "$raw"\"
        or string unescape -- "$raw"\'
    end | string collect)
    set -l name (string match -r -- '^--[^=]*=' "$word") # what is no part of a file's name
    for line in (__natstat_ask $words "$word")
        switch $line
            case :files
                for path in (__fish_complete_path (string replace -- "$name" '' "$word"))
                    echo -- "$name$path"
                end
            case :hosts
                for host in (__fish_print_hostnames)
                    echo -- "$name$host"
                end
            case :open :filter ''
            case '*'
                echo -- "$line"
        end
    end
end

complete -c natstat -c netstat-nat -f -a '(__natstat_complete)'
