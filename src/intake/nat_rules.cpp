// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// libnftables, with the few functions of its interface that it takes to list rules. They are
// declared here, so that natstat is built without its headers.
#include "natstat/intake/nat_rules.hpp"

#include "natstat/load/library.hpp"
#include "natstat/model/source.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

NATSTAT_LOADS("rules", "The NAT ports that the rules leave are known", "suggested",
              "\\\"libnftables.so.1\\\"");

namespace natstat {

namespace {

/// Of enum nft_output_flags in nftables/libnftables.h: no counters, JSON, numbers of protocols, and
/// no elements of sets.
constexpr unsigned stateless = 1U << 2, as_json = 1U << 4, numeric = 1U << 7 | 1U << 9,
                   terse = 1U << 11;

struct Context; // nft_ctx

class Nftables {
    Library library_{"libnftables.so.1"};

  public:
    Context* (*make)(std::uint32_t) = library_["nft_ctx_new"];
    void (*free)(Context*) = library_["nft_ctx_free"];
    void (*set_flags)(Context*, unsigned) = library_["nft_ctx_output_set_flags"];
    int (*buffer_output)(Context*) = library_["nft_ctx_buffer_output"];
    int (*buffer_error)(Context*) = library_["nft_ctx_buffer_error"];
    int (*run)(Context*, const char*) = library_["nft_run_cmd_from_buffer"];
    const char* (*output)(Context*) = library_["nft_ctx_get_output_buffer"];
    const char* (*error)(Context*) = library_["nft_ctx_get_error_buffer"];
};

NatRules not_known(std::string why) {
    NatRules rules;
    rules.why_not = std::move(why);
    return rules;
}

/// The first line of what the library says.
std::string first_line(const char* text) {
    const std::string_view all(text == nullptr ? "" : text);
    return std::string(all.substr(0, all.find('\n')));
}

NatRules ask(const Nftables& calls) {
    const std::unique_ptr<Context, void (*)(Context*)> context(calls.make(0), calls.free);
    if (!context || calls.buffer_output(context.get()) != 0 ||
        calls.buffer_error(context.get()) != 0)
        return not_known("libnftables could not begin");
    calls.set_flags(context.get(), stateless | as_json | numeric | terse);
    if (calls.run(context.get(), "list ruleset") != 0)
        return not_known(first_line(calls.error(context.get())));
    const char* const text = calls.output(context.get());
    NatRules rules = parse_nat_rules(text == nullptr ? std::string_view() : text);
    if (!rules.known)
        rules.why_not = "libnftables tells them in a form that is not understood";
    return rules;
}

/// iptables that knows nothing of nftables names its tables here.
bool has_iptables() {
    for (const char* name : {"/proc/net/ip_tables_names", "/proc/net/ip6_tables_names"}) {
        std::ifstream file(name);
        for (std::string table; std::getline(file, table);)
            if (table == "nat")
                return true;
    }
    return false;
}

/// Whether the kernel would tell. Where it does not, the library writes that to standard error by
/// itself, whatever is buffered.
bool is_allowed() {
    __user_cap_header_struct of_this_thread{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> words{};
    constexpr std::uint32_t network_admin = 1U << CAP_NET_ADMIN;
    return syscall(SYS_capget, &of_this_thread, words.data()) == 0 &&
           (words[0].effective & network_admin) != 0;
}

} // namespace

NatRules read_nat_rules() {
    NatRules rules;
    try {
        rules = is_allowed() ? ask(Nftables()) : not_known("that needs CAP_NET_ADMIN");
    } catch (const Failure& none) { // no library, or another one of its name
        rules = not_known(none.what());
    }
    rules.has_untold = rules.has_untold || has_iptables();
    return rules;
}

} // namespace natstat
