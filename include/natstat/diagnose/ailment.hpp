// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The answer to "it hangs": what is wrong, who causes it, what it means and what to do. One table
// has the kinds of findings; a row is all that a kind needs. Pure: what was seen comes in as
// evidence.
#pragma once

#include "natstat/diagnose/watch.hpp"
#include "natstat/model/health.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// All that a diagnosis knows.
struct Evidence {
    const Watch& watch;
    std::optional<Health> before{};          // the watch; absent: of a file
    std::optional<Health> after{};           // at its end
    std::chrono::duration<double> length{0}; // of the watch; 0: a single look
    NatRules rules{};
    std::vector<Address> silent{}; // neighbours that do not answer ARP or neighbour discovery
    bool narrowed = false;         // a filter says what it is about
    bool of_kernel = true;

    /// By how much a counter of the kernel rose in the watch; absent where that is not known.
    [[nodiscard]] std::optional<std::uint64_t> rise(std::string_view counter) const;
};

/// fail: connections fail now. warn: they may, or soon will. note: worth knowing.
enum class Grade : std::uint8_t { fail, warn, note };

/// "FAIL", "WARN", "note"
[[nodiscard]] std::string_view grade_name(Grade grade);

struct AilmentKind;

/// Something that is wrong. All texts are clauses without a full stop.
struct Ailment {
    struct Host {
        Address address;
        std::uint64_t count = 0;   // of what Ailment::numbers names first
        std::string workload = {}; // who has it, as it comes from outside; empty: not known
    };
    struct Number {
        std::string_view name; // of a field in JSON
        std::optional<std::uint64_t> value;
    };
    Grade grade = Grade::fail;
    std::uint64_t weight = 0; // connections that suffer, or hold what others need: worse first
    std::string what;
    std::string seen;          // the evidence, with its numbers
    std::vector<Host> hosts{}; // with the largest parts first
    std::uint64_t other_hosts = 0;
    std::string means;
    std::string remedy;
    std::string filter; // of the flows that it is about, in natstat's language; empty: no flows
    std::string look;   // the command that shows more
    std::vector<Number> numbers{};
    // Set by diagnose(): of which kind it is, and the hosts, where this says whose they are.
    const AilmentKind* kind = nullptr;
    const Parts* parts = nullptr;
    std::uint32_t part_of = 0;
};

struct Noun {
    std::string_view one, several;
};

struct AilmentKind {
    std::string_view name;      // in JSON
    std::string_view looks_for; // a clause
    std::string_view more;      // what further ones are called, where only the worst are shown
    void (*find)(const Evidence& evidence, std::vector<Ailment>& found);
    Noun counted_in{}; // what its hosts have of it; empty: it names no hosts
    /// What has to be there so that finding none says that there is none.
    enum class Needs : std::uint8_t {
        list,   // of flows
        kernel, // and its own numbers
        watch,  // and a time before: what waits since when, what rises
    } needs = Needs::list;
};

/// Whether this evidence can tell.
[[nodiscard]] bool can_tell(const AilmentKind& kind, const Evidence& evidence);

/// How many findings there are of each grade, of a kind that the evidence can tell.
struct AilmentCount {
    std::string_view kind;
    std::array<std::uint64_t, 3> of_grade{}; // by Grade
};

/// In the order of the table.
[[nodiscard]] std::vector<AilmentCount> count_ailments(const Evidence& evidence);

/// All kinds, those that stop most first.
[[nodiscard]] std::span<const AilmentKind> ailment_kinds();

/// A part of what there is to say of a finding, beside what it is.
struct FindingPart {
    std::string_view label; // "seen", "who", "means", "remedy", "look"
    std::string text;
    bool is_command = false; // to be copied
};
/// In the order in which it is read.
[[nodiscard]] std::vector<FindingPart> said_of(const Ailment& ailment);

/// What is wrong, the worst first.
[[nodiscard]] std::vector<Ailment> diagnose(const Evidence& evidence);

/// Says who has the addresses of the hosts now.
void name_hosts(std::vector<Ailment>& ailments, const Who& who);

/// Something that the evidence does not tell, so that what hangs on it is not found. Texts are
/// clauses without a full stop.
struct Untold {
    std::string_view name; // in JSON
    std::string what;
    std::string_view remedy; // a command, or what helps; empty: nothing does
};

/// What this evidence can not tell.
[[nodiscard]] std::vector<Untold> can_not_tell(const Evidence& evidence);

/// What is well of the table as a whole, in a line: "table 4.8 % full, +18/s; no loss, no early
/// drops".
[[nodiscard]] std::string general_state(const Evidence& evidence);

} // namespace natstat
