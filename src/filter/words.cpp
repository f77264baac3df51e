// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the words of the filter language mean, and what is said of one that it has not. The lists of
// them are in vocabulary.cpp.
#include "words.hpp"

#include "lexer.hpp"
#include "named.hpp"
#include "natstat/filter/vocabulary.hpp"
#include "natstat/model/protocol.hpp"

#include <algorithm>

namespace natstat {

namespace {

std::optional<KindTest> kind_word(std::string_view word) {
    // As words these ask for a translation, as options -S and -D do; kind=snat asks for the value.
    if (word == "snat")
        return KindTest{snat_kinds};
    if (word == "dnat")
        return KindTest{dnat_kinds};
    const auto kind = parse_flow_kind(word);
    return kind ? std::optional(KindTest{kind_bit(*kind)}) : std::nullopt;
}

/// Every word that can begin a condition.
std::vector<std::string_view> all_words() {
    std::vector<std::string_view> words = filter_words();
    words.insert(words.end(), filter_columns().begin(), filter_columns().end());
    return words;
}

} // namespace

std::optional<Ends> direction_called(std::string_view word) {
    if (word == "src")
        return Ends::source;
    if (word == "dst")
        return Ends::destination;
    return word == "nat" ? std::optional(Ends::nat) : std::nullopt;
}

std::optional<Type> type_called(std::string_view word) {
    if (word == "host")
        return Type::place;
    if (word == "net")
        return Type::network;
    if (word == "port" || word == "portrange")
        return Type::port;
    return word == "proto" ? std::optional(Type::protocol) : std::nullopt;
}

std::optional<Family> family_called(std::string_view word) {
    if (word == "ip" || word == "ip4" || word == "ipv4")
        return Family::ipv4;
    return word == "ip6" || word == "ipv6" ? std::optional(Family::ipv6) : std::nullopt;
}

std::optional<std::uint8_t> protocol_word(std::string_view word) {
    const bool number = word.find_first_not_of("0123456789") == std::string_view::npos;
    // ipv6 is a protocol as well, for tunnels: proto=ipv6. As a word it is the family.
    return number || family_called(word) ? std::nullopt : protocol_called(word);
}

std::optional<Filter::Node> word_called(std::string_view word) {
    if (const auto family = family_called(word))
        return Filter::Node{FamilyTest{*family}};
    if (const auto protocol = protocol_word(word))
        return Filter::Node{ProtocolTest{std::bitset<256>{}.set(*protocol)}};
    if (const auto kind = kind_word(word))
        return Filter::Node{*kind};
    if (const auto flag = flag_test(word))
        return Filter::Node{*flag};
    return std::nullopt;
}

std::string unknown_word(std::string_view text) {
    const std::string word = lower_case(text);
    const Column* const column = find_column(word);
    if (column != nullptr && !is_of_groups(*column))
        return quoted(text) + " is a column and needs a comparison, such as " + word + "=VALUE";
    if (word.find_first_not_of("0123456789-") == std::string::npos)
        return quoted(text) + " alone says nothing (a port: 'port NUMBER')";
    const auto& states = all_states();
    const auto is_it = [&](std::string_view state) { return lower_case(state) == word; };
    if (std::any_of(states.begin(), states.end(), is_it))
        return "unknown word " + quoted(text) + " (did you mean 'state=" + word + "'?)";
    const std::string near = suggestion(word, all_words());
    return "unknown word " + quoted(text) + (near.empty() ? " (a host's name: 'host NAME')" : near);
}

std::string unknown_filter_column(std::string_view text) {
    if (find_column(lower_case(text)) != nullptr) // it would quietly never hold
        return quoted(text) + " is of groups of flows, and a filter chooses flows";
    const std::string near = suggestion(lower_case(text), filter_columns());
    return "unknown column " + quoted(text) +
           (near.empty() ? " (--list-columns lists them)" : near);
}

} // namespace natstat
