// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The grammar, by recursive descent. Words are written in any case; [x] may be left out, {x} may
// come any number of times.
//
// clang-format off
//   filter     = [ either ]
//   either     = both { "or" both }                    "||" is "or"
//   both       = negation { [ "and" ] negation }       "&&" is "and"; it binds tighter than "or"
//   negation   = { "not" } condition                   "!" is "not"
//   condition  = "(" either ")" | comparison | selection | word | list | text
//   comparison = column relation ( list | column )
//   relation   = "=" | "==" | "!=" | "<" | "<=" | ">" | ">="    a list goes with = and != only
//   selection  = head [ "=" | "!=" ] ( list | "(" group ")" ) | [ protocol ] "nat"
//   head       = [ protocol ] ( direction [ type ] | type ) | "proto"
//   direction  = "src" | "dst" | "nat"
//   type       = "host" | "net" | "port" | "portrange"
//   group      = lists joined with "and" "or" "not" "(" ")"
//   word       = protocol | "snat" | "dnat" | "both" | "local" | "routed" | a status flag
//   protocol   = a protocol's name | "icmp6" | "ip" | "ip4" | "ipv4" | "ip6" | "ipv6"
//   list       = value { "," value }
//   value      = anything without blanks and signs, or in quotes: '...' or "..."
//   text       = a value
// clang-format on
//
// A list by itself is addresses, networks, endpoints or names on any side; after "and" or "or" it
// has the head of the selection before it, as tcpdump reads "src A or B" and "port 80 or 443".
// Without a head a host's name has a dot or a port, so that a mistyped word is an error and not a
// question to a resolver. A word of the language is a value only in quotes. Where cells are shown,
// what is nothing else is a text that is looked for in them. How values are read is not known here.
#include "parser.hpp"

#include "compare.hpp"
#include "head.hpp"
#include "pair.hpp"
#include "values.hpp"
#include "words.hpp"

#include <algorithm>
#include <optional>

namespace natstat {

namespace {

/// Parentheses in each other; a deeper filter is hostile.
constexpr int deepest = 100;

class Parser {
  public:
    Parser(std::span<const Token> tokens, const FilterNames& names)
        : tokens_(tokens), names_(names) {}

    NodeOrError run() {
        auto node = either();
        if (node && !is(Sign::end))
            node = fail(is(Sign::close) ? "there is no '(' for this ')'"
                                        : "this is not expected here");
        if (!node)
            return std::move(error_);
        return std::move(*node);
    }

  private:
    using Parsed = std::optional<Filter::Node>; // nothing: error_ says why

    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
    }
    [[nodiscard]] bool is(Sign sign, std::size_t ahead = 0) const {
        return peek(ahead).sign == sign;
    }

    bool accept(Sign sign) {
        const bool found = is(sign);
        at_ += found ? 1 : 0;
        return found;
    }

    std::nullopt_t fail(std::string reason) { return fail(peek(), std::move(reason)); }
    std::nullopt_t fail(const Token& token, std::string reason) {
        error_ = {token.position, std::move(reason)};
        return std::nullopt;
    }

    Parsed checked(NodeOrError&& node) {
        if (auto* error = std::get_if<FilterError>(&node)) {
            error_ = std::move(*error);
            return std::nullopt;
        }
        return std::get<Filter::Node>(std::move(node));
    }

    Parsed either() {
        std::vector<Filter::Node> parts;
        do {
            auto part = both();
            if (!part)
                return std::nullopt;
            parts.push_back(std::move(*part));
        } while (joined_ = accept(Sign::or_), joined_);
        return combined<AnyOf>(std::move(parts));
    }

    Parsed both() {
        std::vector<Filter::Node> parts;
        do {
            auto part = negation();
            if (!part)
                return std::nullopt;
            parts.push_back(std::move(*part));
        } while (another());
        return combined<AllOf>(std::move(parts));
    }

    /// Whether one more condition is joined to this one, with "and" or without a word.
    bool another() {
        joined_ = accept(Sign::and_);
        const bool begins = is(Sign::word) || is(Sign::quoted) || is(Sign::open) || is(Sign::not_);
        return joined_ || (begins && group_ == nullptr);
    }

    Parsed negation() {
        bool odd = false;
        while (accept(Sign::not_))
            odd = !odd;
        auto node = condition();
        if (node && odd)
            return negated(std::move(*node));
        return node;
    }

    Parsed condition() {
        switch (peek().sign) {
        case Sign::open:
            return parentheses();
        case Sign::word:
            return group_ != nullptr ? group_value() : from_word();
        case Sign::quoted:
            return group_ != nullptr ? group_value() : lone_list();
        case Sign::end:
            return fail("a condition is missing at the end");
        case Sign::relation:
            return fail("a column is missing before this");
        case Sign::close:
        case Sign::comma:
        case Sign::and_:
        case Sign::or_:
        case Sign::not_:
            break;
        }
        return fail("a condition is missing before this");
    }

    Parsed parentheses() {
        const Token open = peek();
        if (depth_ == deepest)
            return fail("too many parentheses in each other");
        ++depth_;
        ++at_;
        auto node = either();
        --depth_;
        if (!node || accept(Sign::close))
            return node;
        return is(Sign::end) ? fail(open, "this '(' is not closed")
                             : fail("'and', 'or' or ')' is missing before this");
    }

    Parsed from_word() {
        if (begins_head(0) || (begins_protocol() && begins_head(1)))
            return selection();
        if (is(Sign::relation, 1)) {
            last_.reset();
            return comparison();
        }
        auto node = word_called(lower_case(peek().text));
        if (!node)
            return lone_list();
        last_.reset();
        ++at_;
        return node;
    }

    Parsed comparison() {
        const Column* const column = find_column(lower_case(peek().text));
        if (column == nullptr || is_of_groups(*column))
            return fail(unknown_filter_column(peek().text));
        const Relation relation = peek(1).relation;
        at_ += 2;
        const Column* const other =
            is(Sign::word) ? column_beside(*column, lower_case(peek().text)) : nullptr;
        if (other != nullptr)
            return pair(*column, relation, *other);
        const auto values = list();
        if (!values)
            return std::nullopt;
        return checked(compare_column(*column, relation, *values, names_));
    }

    Parsed pair(const Column& column, Relation relation, const Column& other) {
        const Word word{peek().text, peek().position};
        ++at_;
        if (is(Sign::comma))
            return checked(wrong(word, quoted(word.text) + " is a column, and a list is of values "
                                                           "(a value of this name: in quotes)"));
        return checked(compare_columns(column, relation, other, word));
    }

    /// Values without a head of their own, or a text that cells are to show.
    Parsed lone_list() {
        const std::size_t first = at_;
        const bool goes_on = joined_ && last_;
        auto node = lone_values();
        if (node || goes_on || names_.cells.empty() || tokens_[first].text.empty())
            return node;
        at_ = first + 1;
        last_.reset();
        return Filter::Node{CellTest{names_.cells, lower_case(tokens_[first].text), names_.naming}};
    }

    Parsed lone_values() {
        const bool is_end = looks_like_end(peek().text);
        const bool takes_ends =
            last_ && (last_->type == Type::place || last_->type == Type::network);
        if (joined_ && last_ && (takes_ends || !is_end)) // an address after "port" is no port
            return values_of(*last_);
        if (is(Sign::word) && !is_end)
            return fail(unknown_word(peek().text));
        last_.reset();
        return values_of(Head{});
    }

    [[nodiscard]] bool begins_head(std::size_t ahead) const {
        if (!is(Sign::word, ahead))
            return false;
        const std::string word = lower_case(peek(ahead).text);
        // src, dst and proto are columns as well.
        const bool compared = is(Sign::relation, ahead + 1) && find_column(word) != nullptr;
        return !compared && (direction_called(word) || type_called(word));
    }

    [[nodiscard]] bool begins_protocol() const {
        const std::string word = lower_case(peek().text);
        return family_called(word) || protocol_word(word);
    }

    Parsed selection() {
        const auto head = read_head();
        if (!head)
            return std::nullopt;
        last_ = head;
        bool opposite = false;
        if (is(Sign::relation)) {
            if (peek().relation != Relation::equal && peek().relation != Relation::not_equal)
                return fail("only columns can be compared like this (sport, dport, gport)");
            opposite = peek().relation == Relation::not_equal;
            ++at_;
        } else if (head->only_nat && !is(Sign::open) && !begins_value(*head)) {
            last_.reset();
            return with_head(*head, {KindTest{snat_kinds | dnat_kinds}});
        }
        auto node = is(Sign::open) ? group(*head) : values_of(*head);
        if (node && opposite)
            return negated(std::move(*node));
        return node;
    }

    std::optional<Head> read_head() {
        Head head;
        if (!begins_head(0)) {
            const std::string word = lower_case(peek().text);
            head.family = family_called(word);
            head.protocol = protocol_word(word);
            ++at_;
        }
        const auto ends = direction_called(lower_case(peek().text));
        if (ends) {
            head.ends = *ends;
            ++at_;
        }
        const auto type = begins_head(0) ? type_called(lower_case(peek().text)) : std::nullopt;
        if (type == Type::protocol && (ends || head.protocol || head.family))
            return fail("'proto' has nothing before it");
        if (type) {
            head.type = *type;
            ++at_;
        }
        head.only_nat = ends == Ends::nat && !type;
        return head;
    }

    Parsed group(const Head& head) {
        group_ = &head;
        auto node = parentheses();
        group_ = nullptr;
        return node;
    }

    Parsed group_value() {
        return begins_value(*group_) ? values_of(*group_)
                                     : fail(quoted(peek().text) + " is not a value");
    }

    /// Whether a value of this head is next, and not something of its own.
    [[nodiscard]] bool begins_value(const Head& head) const {
        if (!is(Sign::word) || head.type == Type::protocol)
            return is(Sign::word) || is(Sign::quoted);
        return !is(Sign::relation, 1) && !begins_head(0) && !word_called(lower_case(peek().text));
    }

    /// The test of a head with the values that are next.
    Parsed values_of(const Head& head) {
        if (!begins_value(head))
            return fail(is(Sign::end) ? "a value is missing at the end"
                                      : "a value is missing before this");
        const auto values = list();
        if (!values)
            return std::nullopt;
        return checked(compare_head(head, *values, names_));
    }

    std::optional<std::vector<Word>> list() {
        std::vector<Word> values;
        do {
            if (!is(Sign::word) && !is(Sign::quoted))
                return fail("a value is missing here");
            values.push_back({peek().text, peek().position});
            ++at_;
        } while (accept(Sign::comma));
        return values;
    }

    std::span<const Token> tokens_;
    const FilterNames& names_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool joined_ = false;         // a word joins the next condition to the one before
    const Head* group_ = nullptr; // inside of the parentheses of a selection
    std::optional<Head> last_;    // of the condition before, if it was a selection
    FilterError error_;
};

} // namespace

NodeOrError parse_tokens(std::span<const Token> tokens, const FilterNames& names) {
    return Parser(tokens, names).run();
}

} // namespace natstat
