// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// natstat-fill: puts many flows into the conntrack table of the network namespace that it runs in,
// or prints them. This file holds the options and the words; it sends no packet, makes no namespace
// and changes no system setting.

#include "filler.hpp"
#include "flows.hpp"

#include <getopt.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

namespace {

using namespace natstat::bench;

constexpr const char* usage_text =
    R"(usage: natstat-fill [options] NUMBER
Puts NUMBER flows into the conntrack table of this network namespace (root).
  --first I        begin with flow I of the mix, to extend a table (default 0)
  --seed S         another mix of the same kind (default 1)
  --ipv6 PERCENT   share of IPv6 (default 10)
  --marks PERCENT  flows with a mark (default 5)
  --zones PERCENT  flows in a zone of their own (default 0)
  --snat-only      SNAT alone; else one flow in 1,000 is DNAT, one in 10,000 both,
                   8 in 100 not translated
  --print          print the flows as `conntrack -L -o extended` would, touch no table
  --initial        allow the initial network namespace
  --help
)";

struct Job {
    Mix mix;
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    bool print = false;
    bool initial = false;
    bool help = false;
};

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t limit) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > limit)
        return {};
    return value;
}

/// Sets what the option means; false if its argument is no number in range.
bool apply_option(Job& job, int option, const char* argument) {
    const bool percent = option == '6' || option == 'm' || option == 'z';
    std::uint64_t value = 0;
    if (argument != nullptr) {
        const auto number = parse_number(argument, percent ? 100 : UINT64_MAX);
        if (!number)
            return false;
        value = *number;
    }
    switch (option) {
    case 'f':
        job.first = value;
        return true;
    case 's':
        job.mix.seed = value;
        return true;
    case '6':
        job.mix.ipv6_percent = static_cast<unsigned>(value);
        return true;
    case 'm':
        job.mix.mark_percent = static_cast<unsigned>(value);
        return true;
    case 'z':
        job.mix.zone_percent = static_cast<unsigned>(value);
        return true;
    case 'S':
        job.mix.snat_only = true;
        return true;
    case 'p':
        job.print = true;
        return true;
    case 'i':
        job.initial = true;
        return true;
    case 'h':
        job.help = true;
        return true;
    default:
        return false;
    }
}

std::optional<Job> parse_options(int argc, char** argv) {
    static constexpr std::array<option, 10> options = {{
        {"first", required_argument, nullptr, 'f'},
        {"seed", required_argument, nullptr, 's'},
        {"ipv6", required_argument, nullptr, '6'},
        {"marks", required_argument, nullptr, 'm'},
        {"zones", required_argument, nullptr, 'z'},
        {"snat-only", no_argument, nullptr, 'S'},
        {"print", no_argument, nullptr, 'p'},
        {"initial", no_argument, nullptr, 'i'},
        {"help", no_argument, nullptr, 'h'},
        {nullptr, 0, nullptr, 0},
    }};
    Job job;
    int found = 0;
    while ((found = getopt_long(argc, argv, "h", options.data(), nullptr)) != -1)
        if (!apply_option(job, found, optarg))
            return {};
    if (job.help)
        return job;
    if (optind + 1 != argc)
        return {};
    const auto count = parse_number(argv[optind], max_flows);
    if (!count || job.first > max_flows - *count)
        return {};
    job.count = *count;
    return job;
}

bool in_initial_namespace() {
    // The hash table belongs to all namespaces: only the initial one shows its size as writable.
    struct stat buckets {};
    return stat("/proc/sys/net/netfilter/nf_conntrack_buckets", &buckets) == 0 &&
           (buckets.st_mode & S_IWUSR) != 0;
}

int fail(const char* doing) {
    std::fprintf(stderr, "natstat-fill: %s: %s%s\n", doing, std::strerror(errno),
                 errno == EPERM ? " (needs CAP_NET_ADMIN; try sudo)" : "");
    return 1;
}

int print_flows(const Job& job) {
    for (std::uint64_t i = job.first; i < job.first + job.count; ++i)
        std::printf("%s\n", to_line(flow_at(i, job.mix)).c_str());
    return std::fflush(stdout) == 0 ? 0 : fail("cannot write");
}

/// Says so if the flows do not fit. A table that is nearly full throws flows out by itself.
bool has_room(const Job& job, const TableSize& size) {
    if (size.limit == 0 || size.entries + job.count <= size.limit / 100 * 95)
        return true;
    std::fprintf(
        stderr,
        "natstat-fill: no room for %llu flows: the table holds %llu of %llu and the kernel "
        "drops flows above 95 %% (raise net.netfilter.nf_conntrack_max in the initial "
        "namespace)\n",
        static_cast<unsigned long long>(job.count), static_cast<unsigned long long>(size.entries),
        static_cast<unsigned long long>(size.limit));
    return false;
}

bool send_all(Filler& filler, const Job& job) {
    for (std::uint64_t i = job.first; i < job.first + job.count; ++i)
        if (!filler.add(flow_at(i, job.mix), static_cast<std::uint32_t>(i)))
            return false;
    return filler.flush();
}

const char* explain(int error) {
    switch (error) {
    case ENOMEM:
        return " (table full, see net.netfilter.nf_conntrack_max; or out of memory)";
    case EEXIST:
        return " (these flows are in the table already; see --first)";
    case EOPNOTSUPP:
        return " (no NAT in this kernel)";
    case EPERM:
        return " (needs CAP_NET_ADMIN; try sudo)";
    case ENOSPC:
        return " (hash chain too long, see net.netfilter.nf_conntrack_buckets)";
    default:
        return "";
    }
}

/// Prints the outcome; gives the exit code.
int report(Filler& filler, const Job& job, std::uint64_t before, double seconds) {
    std::uint64_t refused = 0;
    for (const auto& [error, number] : filler.refused()) {
        refused += number;
        std::fprintf(stderr, "natstat-fill: %llu flows refused: %s%s\n",
                     static_cast<unsigned long long>(number), std::strerror(error), explain(error));
    }
    const std::uint64_t made = job.count - refused;
    const std::uint64_t entries = filler.ask_size().value_or(TableSize{}).entries;
    std::printf("made %llu flows in %.3f s, %llu in the table\n",
                static_cast<unsigned long long>(made), seconds,
                static_cast<unsigned long long>(entries));
    if (entries < before + made) {
        std::fprintf(stderr, "natstat-fill: the kernel dropped %llu flows again\n",
                     static_cast<unsigned long long>(before + made - entries));
        return 1;
    }
    return refused == 0 ? 0 : 1;
}

int fill(const Job& job) {
    if (!job.initial && in_initial_namespace()) {
        std::fputs("natstat-fill: this is the initial network namespace; run it in one of its own "
                   "(`unshare -n`), or say --initial\n",
                   stderr);
        return 1;
    }
    std::optional<Filler> filler = Filler::open();
    if (!filler)
        return fail("cannot open a netlink socket");
    const std::optional<TableSize> before = filler->ask_size();
    if (!before)
        return fail("cannot ask the conntrack table");
    if (!has_room(job, *before))
        return 1;
    const auto start = std::chrono::steady_clock::now();
    if (!send_all(*filler, job))
        return fail("cannot send requests");
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    return report(*filler, job, before->entries, spent.count());
}

} // namespace

int main(int argc, char** argv) {
    const std::optional<Job> job = parse_options(argc, argv);
    if (!job) {
        std::fputs(usage_text, stderr);
        return 2;
    }
    if (job->help) {
        std::fputs(usage_text, stdout);
        return 0;
    }
    return job->print ? print_flows(*job) : fill(*job);
}
