// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Lists the conntrack table of the present network namespace and compares natstat's decoder with
// the library on each message. Prints counts and every difference; exit 1 when there is one, when
// natstat refused a message, or when the table is empty, because then nothing was shown.
#include "check.hpp"
#include "message.hpp"

#include <cstdio>
#include <cstring>
#include <memory>

#include <libmnl/libmnl.h>

using namespace natstat::oracle;

namespace {

struct Count {
    std::size_t messages = 0, plain = 0, wrong = 0;
};

void compare(const nlmsghdr* head, Count& count) {
    const auto* payload = static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(head));
    Outcome outcome = check_payload({payload, mnl_nlmsg_get_payload_len(head)});
    if (!outcome.accepted)
        outcome.wrong.emplace_back("natstat refuses it");
    ++count.messages;
    count.plain += outcome.plain ? 1U : 0U;
    count.wrong += outcome.wrong.empty() ? 0U : 1U;
    for (const std::string& difference : outcome.wrong)
        std::printf("message %zu: %s\n", count.messages, difference.c_str());
}

/// -1 for an error, 0 after the last message, 1 in between.
int take(const std::uint8_t* bytes, int size, Count& count) {
    const auto* head = reinterpret_cast<const nlmsghdr*>(bytes);
    for (; mnl_nlmsg_ok(head, size); head = mnl_nlmsg_next(head, &size)) {
        if (head->nlmsg_type == NLMSG_DONE)
            return 0;
        if (head->nlmsg_type == NLMSG_ERROR)
            return -1;
        compare(head, count);
    }
    return 1;
}

bool list(mnl_socket* socket, Count& count) {
    Message request =
        message_with(payload_with(AF_UNSPEC, {}), NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET);
    reinterpret_cast<nlmsghdr*>(request.data())->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
        mnl_socket_sendto(socket, request.data(), request.size()) < 0)
        return false;
    std::vector<std::uint8_t> buffer(64 * 1024);
    for (int state = 1; state != 0;) {
        const ssize_t size = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
        state = size < 0 ? -1 : take(buffer.data(), static_cast<int>(size), count);
        if (state < 0)
            return false;
    }
    return true;
}

} // namespace

int main() {
    Count count;
    const std::unique_ptr<mnl_socket, int (*)(mnl_socket*)> socket(
        mnl_socket_open(NETLINK_NETFILTER), mnl_socket_close);
    if (!socket || !list(socket.get(), count)) {
        std::fprintf(stderr, "oracle_live: cannot list the table (needs CAP_NET_ADMIN)\n");
        return 1;
    }
    std::printf("%zu messages, %zu read by the library as they are, %zu with a difference\n",
                count.messages, count.plain, count.wrong);
    if (count.messages == 0)
        std::printf("the table is empty: nothing was compared\n");
    return count.messages != 0 && count.wrong == 0 ? 0 : 1;
}
