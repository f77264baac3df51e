// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The three kinds of word, and a message for each way in which they fail.
#include "natstat/gather/netns.hpp"

#include "natstat/intake/network_namespace.hpp"
#include "natstat/model/source.hpp"
#include "natstat/table/column.hpp"
#include "natstat/table/value.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace natstat {

namespace {

enum class Word { path, process, name };

Word kind_of(const std::string& word) {
    if (word.find('/') != std::string::npos)
        return Word::path;
    return word.find_first_not_of("0123456789") == std::string::npos ? Word::process : Word::name;
}

std::string path_of(const std::string& word) {
    switch (kind_of(word)) {
    case Word::path:
        return word;
    case Word::process:
        return "/proc/" + word + "/ns/net";
    case Word::name:
        return "/run/netns/" + word;
    }
    return {};
}

/// As a word that a shell leaves alone.
std::string for_shell(const std::string& word) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,";
    if (word.find_first_not_of(plain) == std::string::npos)
        return word;
    std::string quoted = "'";
    for (const char c : word)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string why_missing(const std::string& word) {
    if (kind_of(word) == Word::path)
        return std::strerror(ENOENT);
    const auto names = network_namespace_names();
    if (kind_of(word) == Word::process) {
        const bool is_name = std::find(names.begin(), names.end(), word) != names.end();
        return "there is no such process" +
               (is_name ? " (a number is a process; the namespace of this name is /run/netns/" +
                              word + ")"
                        : std::string());
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string near(nearest(word, views));
    return "there is none of this name in /run/netns" +
           (near.empty() ? std::string() : " (did you mean '" + to_text(Text{near}) + "'?)");
}

std::string why(int error, const std::string& word) {
    switch (error) {
    case ENOENT:
        return why_missing(word);
    case EINVAL:
        return to_text(Text{path_of(word)}) + " is not a network namespace";
    case EPERM:
    case EACCES:
        return std::string(std::strerror(error)) +
               " (needs CAP_SYS_ADMIN, and CAP_SYS_PTRACE for another user's process; try sudo)";
    default:
        return std::strerror(error);
    }
}

} // namespace

std::string command_within(const std::string& word) {
    if (word.empty())
        return {};
    switch (kind_of(word)) {
    case Word::path:
        return "nsenter --net=" + for_shell(word) + " ";
    case Word::process:
        return "nsenter -n -t " + word + " ";
    case Word::name:
        break;
    }
    return "ip netns exec " + for_shell(word) + " ";
}

void enter_netns(const std::string& word) {
    if (const int error = enter_network_namespace(path_of(word)))
        throw Failure("cannot enter network namespace '" + to_text(Text{word}) +
                      "': " + why(error, word));
}

std::string netns_file(const std::string& word) {
    return word.empty() || path_of(word).starts_with("/proc/") ? std::string() : path_of(word);
}

} // namespace natstat
