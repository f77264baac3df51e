// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The filter language: parsed once into a small tree, asked for every row. The conditions that a
// source can check by itself are derived from the tree, so that what a filter excludes is not asked
// for. The grammar stands in filter_parser.cpp.
#pragma once

#include "natstat/table/column.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace natstat {

/// Where and why a filter is wrong: a byte offset into its text.
struct FilterError {
    std::size_t position = 0;
    std::string reason; // "unknown word 'sorce' (did you mean 'source'?)"

    /// Three lines for a terminal, without a newline after the last: reason, the text, a caret
    /// under the place. What a terminal would act on is shown as '?', and of a long text only what
    /// is around the place.
    [[nodiscard]] std::string show(std::string_view text) const;
};

/// The addresses of a host name, in both families; empty when there are none.
using Resolve = std::function<std::vector<Address>(std::string_view name)>;

/// The ports of a service name for a protocol (0: any); empty when it has none.
using ServicePorts =
    std::function<std::vector<std::uint16_t>(std::string_view name, std::uint8_t protocol)>;

/// What a filter may ask while it is parsed. Each may be empty: then such names are errors.
struct FilterNames {
    Resolve resolve;
    ServicePorts service;
    LabelNames labels;
    bool bits = false; // a rate without a unit is in bits a second, otherwise in bytes
    /// What begins no condition is looked for in the cells of these columns, as people see them;
    /// none: it is an error.
    std::vector<const Column*> cells{};
    const Naming* naming = nullptr; // the names in those cells
};

/// The sides of a row that an option can name. The gateway is any NAT side, as `nat` is in a
/// filter.
enum class Side : std::uint8_t { source, destination, gateway };

/// A condition on rows.
class Filter {
  public:
    using Parsed = std::variant<Filter, FilterError>;

    /// Holds for every row.
    Filter();
    Filter(Filter&&) noexcept;
    Filter& operator=(Filter&&) noexcept;
    ~Filter();

    /// Reads a filter; an empty or blank text holds for every row.
    [[nodiscard]] static Parsed parse(std::string_view text, const FilterNames& names = {});

    /// The side is one of a list with commas or blanks: addresses, networks, names, each with a
    /// port or without. The text is taken as values only, never as the language.
    [[nodiscard]] static Parsed on_side(Side side, std::string_view list,
                                        const FilterNames& names = {});

    /// The column is one of a list with commas or blanks, in the column's own literals; values
    /// only, as above.
    [[nodiscard]] static Parsed on_column(const Column& column, std::string_view list,
                                          const FilterNames& names = {});

    [[nodiscard]] bool matches(const Row& row) const;

    /// The columns whose values it looks at, each as often as it does.
    [[nodiscard]] std::vector<const Column*> columns() const;

    /// Both must hold; takes the other one.
    void require(Filter&& other);

    /// Conditions such that every flow for which the filter holds meets at least one. At most
    /// list_query_limit of them; one default condition when the filter does not narrow the list;
    /// none when it can hold for no flow. It counts on the kernel's own rules: both tuples are
    /// there, and the status flags of NAT agree with them (not those of IPVS: see
    /// without_nat_status).
    [[nodiscard]] ListQuery list_query() const;

    /// The same for who can look up a NAT side with its port, and goes by the tuples: ports are
    /// there whatever the protocol, and the side says which NAT it is of.
    [[nodiscard]] ListQuery look_up_query() const;

    /// The tree that it becomes; known inside of the filter language only.
    struct Node;
    explicit Filter(std::unique_ptr<Node> root);

  private:
    std::unique_ptr<Node> root_; // null: everything
};

/// More separate lists than this cost more than the one that they replace: a list that the kernel
/// filters still walks the table, at about a quarter of the whole cost.
inline constexpr std::size_t list_query_limit = 3;

/// Longer filters are errors.
inline constexpr std::size_t filter_length_limit = 64 * 1024;

} // namespace natstat
