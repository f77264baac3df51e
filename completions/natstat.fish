# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for fish. The program itself says what can stand there (src/complete.hpp).

function __natstat_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l begun (string match -r -- '^--[^=]*=' $word) # what is no part of a file's name
    for line in ($words[1] --complete $words[2..-1] "$word" 2>/dev/null)
        switch $line
            case :files
                for path in (__fish_complete_path (string replace -- "$begun" '' $word))
                    echo -- "$begun$path"
                end
            case :hosts
                for host in (__fish_print_hostnames)
                    echo -- "$begun$host"
                end
            case :open
            case '*'
                echo -- $line
        end
    end
end

complete -c natstat -c netstat-nat -f -a '(__natstat_complete)'
