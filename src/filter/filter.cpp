// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A filter as its users see it: made from text or from the list of an option, joined, asked. The
// parts are elsewhere: filter_parser.cpp reads, filter_match.cpp asks a row, filter_list.cpp
// derives what a source can check.
#include "natstat/filter/filter.hpp"

#include "compare.hpp"
#include "parser.hpp"

#include <utility>

namespace natstat {

namespace {

Filter::Parsed made(NodeOrError&& node) {
    if (auto* error = std::get_if<FilterError>(&node))
        return std::move(*error);
    return Filter(std::make_unique<Filter::Node>(std::get<Filter::Node>(std::move(node))));
}

Ends ends_of(Side side) {
    switch (side) {
    case Side::source:
        return Ends::source;
    case Side::destination:
        return Ends::destination;
    case Side::gateway:
        break;
    }
    return Ends::nat;
}

} // namespace

Filter::Filter() = default;
Filter::Filter(std::unique_ptr<Node> root) : root_(std::move(root)) {}
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;
Filter::~Filter() = default;

Filter::Parsed Filter::parse(std::string_view text, const FilterNames& names) {
    auto tokens = split_filter(text);
    if (auto* error = std::get_if<FilterError>(&tokens))
        return std::move(*error);
    if (std::get<0>(tokens).size() == 1)
        return Filter();
    return made(parse_tokens(std::get<0>(tokens), names));
}

Filter::Parsed Filter::on_side(Side side, std::string_view list, const FilterNames& names) {
    auto values = split_list(list);
    if (auto* error = std::get_if<FilterError>(&values))
        return std::move(*error);
    return made(compare_ends(ends_of(side), std::get<0>(values), 0, names));
}

Filter::Parsed Filter::on_column(const Column& column, std::string_view list,
                                 const FilterNames& names) {
    auto values = split_list(list);
    if (auto* error = std::get_if<FilterError>(&values))
        return std::move(*error);
    return made(compare_column(column, Relation::equal, std::get<0>(values), names));
}

namespace {

struct CollectColumns {
    std::vector<const Column*>& found;

    void of(const Filter::Node& node) const { std::visit(*this, node.test); }

    void operator()(const AllOf& all) const { each(all.parts); }
    void operator()(const AnyOf& any) const { each(any.parts); }
    void operator()(const Not& node) const { of(*node.part); }
    void operator()(const NumberTest& test) const { found.push_back(test.column); }
    void operator()(const TextTest& test) const { found.push_back(test.column); }
    void operator()(const LabelTest& test) const { found.push_back(test.column); }
    void operator()(const EndTest& test) const {
        if (test.ends == Ends::master || test.ends == Ends::saved) // no flow has it
            found.push_back(&column(test.ends == Ends::master ? "master" : "saved"));
    }
    void operator()(const PairTest& test) const {
        found.insert(found.end(), {test.column, test.other});
    }
    template <typename Other>
    void operator()(const Other&) const {} // of what every flow has

    void each(const std::vector<Filter::Node>& parts) const {
        for (const Filter::Node& part : parts)
            of(part);
    }
};

} // namespace

std::vector<const Column*> Filter::columns() const {
    std::vector<const Column*> found;
    if (root_)
        CollectColumns{found}.of(*root_);
    return found;
}

bool Filter::matches(const Row& row) const {
    return root_ == nullptr || meets(*root_, row);
}

void Filter::require(Filter&& other) {
    std::unique_ptr<Node> second = std::move(other.root_);
    if (second == nullptr)
        return;
    if (root_ == nullptr) {
        root_ = std::move(second);
        return;
    }
    if (auto* both = std::get_if<AllOf>(&root_->test)) {
        both->parts.push_back(std::move(*second));
        return;
    }
    AllOf all;
    all.parts.push_back(std::move(*root_));
    all.parts.push_back(std::move(*second));
    root_ = std::make_unique<Node>(Node{std::move(all)});
}

ListQuery Filter::list_query() const {
    return root_ == nullptr ? ListQuery{ListCondition{}}
                            : list_conditions(*root_, Searched::kernel);
}

ListQuery Filter::look_up_query() const {
    return root_ == nullptr ? ListQuery{ListCondition{}} : list_conditions(*root_, Searched::index);
}

} // namespace natstat
