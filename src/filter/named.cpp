// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Values that come from a closed list of names: protocols, kinds, families, states, flags; and
// labels. A name that is not in its list is an error, because such a filter would quietly never
// hold.
#include "named.hpp"

#include "natstat/model/life.hpp"
#include "natstat/model/protocol.hpp"
#include "natstat/model/state.hpp"
#include "values.hpp"

#include <algorithm>
#include <charconv>

namespace natstat {

namespace {

constexpr std::string_view families[] = {"ipv4", "ipv6"};

/// The number of a label, written as a number or by its name, letter for letter.
std::optional<std::size_t> label_bit(std::string_view text, const LabelNames& names) {
    std::size_t bit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bit);
    if (error == std::errc{} && end == text.data() + text.size())
        return bit;
    const auto named = std::find(names.begin(), names.end(), text);
    return named == names.end() || text.empty()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(named - names.begin()));
}

Reading<LabelTest> read_bitmap(const Column& column, std::string_view text) {
    LabelTest test{&column, {}, true};
    const std::string_view digits = text.substr(2);
    if (digits.empty() || digits.size() > 2 * test.bits.size())
        return quoted(text) + " is not a bitmap of 128 bits";
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const char* const digit = &digits[digits.size() - 1 - i];
        unsigned value = 0;
        if (std::from_chars(digit, digit + 1, value, 16).ec != std::errc{})
            return quoted(text) + " is not a bitmap of 128 bits";
        test.bits[i / 2] |= static_cast<std::uint8_t>(value << 4 * (i % 2));
    }
    return test;
}

TextTest text_test(const Column& column, std::span<const Word> values) {
    TextTest test{&column, {}};
    for (const Word& value : values)
        test.texts.push_back(lower_case(value.text));
    return test;
}

/// "0x..." is the whole bitmap, anything else one label in it.
Reading<LabelTest> read_label(const Column& column, std::string_view text,
                              const LabelNames& names) {
    if (text.starts_with("0x"))
        return read_bitmap(column, text);
    LabelTest test{&column, {}, false};
    const auto bit = label_bit(text, names);
    if (bit && *bit < 8 * test.bits.size()) {
        test.bits[*bit / 8] = static_cast<std::uint8_t>(1U << *bit % 8);
        return test;
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    return quoted(text) +
           " is not a label (0 to 127, a name of connlabel.conf, or the bitmap as "
           "0x...)" +
           suggestion(text, known);
}

} // namespace

FilterError wrong(const Word& value, std::string reason) {
    return {value.position, std::move(reason)};
}

FilterError without_order(const Column& column, const Word& value) {
    return wrong(value, "the values of '" + std::string(column.name) +
                            "' have no order: only = and != can be asked");
}

NodeOrError compare_flags(std::span<const Word> values) {
    std::vector<std::string_view> flags;
    for (const StatusFlag& flag : status_flags())
        flags.push_back(flag.name);
    AnyOf any;
    for (const Word& value : values) {
        const auto test = flag_test(lower_case(value.text));
        if (!test)
            return wrong(value, "unknown flag " + quoted(value.text) +
                                    suggestion(lower_case(value.text), flags));
        any.parts.push_back({*test});
    }
    return combined<AnyOf>(std::move(any.parts));
}

NodeOrError compare_kinds(std::span<const Word> values) {
    KindTest test{0};
    for (const Word& value : values) {
        const auto kind = parse_flow_kind(lower_case(value.text));
        if (!kind)
            return wrong(value, "unknown kind " + quoted(value.text) +
                                    suggestion(lower_case(value.text), flow_kind_names()));
        test.kinds |= kind_bit(*kind);
    }
    return Filter::Node{test};
}

NodeOrError compare_families(std::span<const Word> values) {
    AnyOf any;
    for (const Word& value : values) {
        const std::string name = lower_case(value.text);
        if (name != families[0] && name != families[1])
            return wrong(value,
                         "unknown family " + quoted(value.text) + suggestion(name, families));
        any.parts.push_back({FamilyTest{name == families[0] ? Family::ipv4 : Family::ipv6}});
    }
    return combined<AnyOf>(std::move(any.parts));
}

NodeOrError compare_closed(const Column& column, std::span<const std::string_view> names,
                           std::span<const Word> values) {
    for (const Word& value : values) {
        const std::string name = lower_case(value.text);
        if (std::find(names.begin(), names.end(), name) == names.end())
            return wrong(value, "unknown " + std::string(column.name) + " " + quoted(value.text) +
                                    suggestion(name, names));
    }
    return compare_texts(column, values);
}

NodeOrError compare_texts(const Column& column, std::span<const Word> values) {
    return Filter::Node{text_test(column, values)};
}

NodeOrError compare_states(const Column& column, std::span<const Word> values) {
    for (const Word& value : values) {
        std::string name = lower_case(value.text);
        std::transform(name.begin(), name.end(), name.begin(), [](char c) {
            return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        });
        const auto& states = all_states();
        if (!name.empty() && std::find(states.begin(), states.end(), name) == states.end())
            return wrong(value, "unknown state " + quoted(value.text) + suggestion(name, states));
    }
    TextTest test = text_test(column, values);
    test.or_offloaded =
        column.traits.present_state &&
        std::find(test.texts.begin(), test.texts.end(), "established") != test.texts.end();
    // Listings say nothing where steps say it: a flow without states that was answered.
    const std::string replied = lower_case(state_label(protocol::udp, stateless::replied));
    if (std::find(test.texts.begin(), test.texts.end(), replied) != test.texts.end())
        test.texts.emplace_back();
    return Filter::Node{std::move(test)};
}

NodeOrError compare_labels(const Column& column, std::span<const Word> values,
                           const LabelNames& names) {
    AnyOf any;
    for (const Word& value : values) {
        auto test = read_label(column, value.text, names);
        if (auto* reason = std::get_if<std::string>(&test))
            return wrong(value, std::move(*reason));
        any.parts.push_back({std::get<LabelTest>(test)});
    }
    return combined<AnyOf>(std::move(any.parts));
}

NodeOrError compare_protocols(std::span<const Word> values) {
    ProtocolTest test;
    for (const Word& value : values) {
        const auto number = protocol_called(value.text);
        if (!number)
            return wrong(value, "unknown protocol " + quoted(value.text) +
                                    suggestion(lower_case(value.text), protocol_names()));
        test.numbers.set(*number);
    }
    return Filter::Node{test};
}

std::optional<std::uint8_t> protocol_called(std::string_view word) {
    return lower_case(word) == "icmp6" ? protocol::icmpv6 : parse_protocol(word);
}

std::optional<StatusTest> flag_test(std::string_view name) {
    for (const StatusFlag& flag : status_flags())
        if (flag.name == name)
            return StatusTest{1U << flag.bit, flag.inverted ? 0U : 1U << flag.bit};
    return std::nullopt;
}

std::span<const std::string_view> words_of(const Column& column) {
    switch (column.traits.words) {
    case Vocabulary::kinds:
        return flow_kind_names();
    case Vocabulary::families:
        return families;
    case Vocabulary::states:
        return all_states();
    case Vocabulary::events:
        return transition_names();
    case Vocabulary::endings:
        return ending_names();
    case Vocabulary::any:
        break;
    }
    return {};
}

const std::vector<std::string_view>& all_states() {
    static const std::vector<std::string_view> states = [] {
        std::vector<std::string_view> all{"UNREPLIED", "REPLIED", "ASSURED", "OFFLOAD",
                                          "HW_OFFLOAD"};
        for (const ProtocolKind& kind : protocols())
            for (const ProtocolState& state : kind.states)
                if (std::find(all.begin(), all.end(), state.name) == all.end())
                    all.push_back(state.name);
        return all;
    }();
    return states;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> names) {
    const std::string_view near = nearest(word, names);
    return near.empty() ? "" : " (did you mean '" + std::string(near) + "'?)";
}

} // namespace natstat
