# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Counts the flows of `conntrack -L -o extended` by one of src, dst,dport and state (variable BY), and
# prints each group as natstat --by does in CSV. A flow is DNATed when its reply does not come from
# where it went; then the end that answers is the reply's source.

function number(hex,    i, value) {
    for (i = 3; i <= length(hex); i++)
        value = 16 * value + index("0123456789abcdef", substr(hex, i, 1)) - 1
    return value + 0
}

{
    split("", said)
    tuple = 0
    for (i = 1; i <= NF; i++) {
        if (!(at = index($i, "=")))
            continue
        name = substr($i, 1, at - 1)
        value = substr($i, at + 1)
        if (name == "src")
            tuple++
        if (name == "srckey" || name == "dstkey") {
            name = name == "srckey" ? "sport" : "dport"
            value = number(value)
        }
        if (!((tuple, name) in said))
            said[tuple, name] = value
    }
    dnat = said[1, "dst"] != said[2, "src"] || said[1, "dport"] != said[2, "sport"]
    if (BY == "src")
        key = said[1, "src"]
    else if (BY == "dst,dport")
        key = said[dnat ? 2 : 1, dnat ? "src" : "dst"] "," said[dnat ? 2 : 1, dnat ? "sport" : "dport"]
    else if ($4 == 6 || $4 == 132 || $4 == 33) # ipv4 2 tcp 6 431999 ESTABLISHED
        key = $6
    else
        key = index($0, "[UNREPLIED]") ? "UNREPLIED" : index($0, "[ASSURED]") ? "ASSURED" : ""
    count[key]++
}

END {
    for (key in count)
        print key "," count[key]
}
