// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One socket for each request, with libmnl.
#include "own_table.hpp"

#include "natstat/intake/decoder.hpp"
#include "tests/oracle/parts.hpp"
#include "tests/oracle/socket.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace natstat::test {

using namespace natstat::oracle;

namespace {

/// Takes one message; the error number when it is the last one.
std::optional<int> take(const nlmsghdr& head, Answer& answer) {
    const auto* payload = static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(&head));
    if (head.nlmsg_type == NLMSG_ERROR || head.nlmsg_type == NLMSG_DONE) {
        int error = 0;
        std::memcpy(&error, payload, sizeof error);
        return -error;
    }
    ExtrasPool extras;
    Flow flow;
    if (!decode_flow({payload, mnl_nlmsg_get_payload_len(&head)}, flow, extras))
        return EPROTO;
    answer.flows.push_back(flow);
    return std::nullopt;
}

std::optional<int> receive(mnl_socket* socket, Answer& answer) {
    std::vector<std::uint8_t> buffer(64 * 1024);
    const ssize_t size = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
    if (size < 0)
        fail("cannot receive");
    auto left = static_cast<int>(size);
    const auto* head = reinterpret_cast<const nlmsghdr*>(buffer.data());
    for (; mnl_nlmsg_ok(head, left); head = mnl_nlmsg_next(head, &left))
        if (const auto error = take(*head, answer))
            return error;
    return std::nullopt;
}

std::vector<std::uint8_t> request_of(int kind, int flags, std::uint8_t family,
                                     const Attributes& attributes) {
    Message message =
        message_with(payload_with(family, attributes), NFNL_SUBSYS_CTNETLINK << 8 | kind);
    nlmsghdr head;
    std::memcpy(&head, message.data(), sizeof head);
    head.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    std::memcpy(message.data(), &head, sizeof head);
    return message;
}

} // namespace

void enter_own_namespace() {
    static const bool entered = [] {
        if (unshare(CLONE_NEWNET) == 0)
            return true;
        std::perror("skipped: cannot make a network namespace");
        std::exit(77);
    }();
    static_cast<void>(entered);
}

EmptyNamespace::EmptyNamespace() {
    enter_own_namespace();
    before_ = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (before_ < 0 || unshare(CLONE_NEWNET) != 0)
        fail("cannot make a network namespace");
}

EmptyNamespace::~EmptyNamespace() {
    if (setns(before_, CLONE_NEWNET) != 0)
        std::abort(); // the tests that follow would look at the wrong table
    close(before_);
}

Attributes udp_flow(std::uint16_t port) {
    return {nest(CTA_TUPLE_ORIG, {ip(AF_INET, 10, 200), ports(protocol::udp, port, 53)}),
            nest(CTA_TUPLE_REPLY, {ip(AF_INET, 200, 10), ports(protocol::udp, 53, port)})};
}

int insert(std::uint8_t family, const Attributes& attributes) {
    return ask(request_of(IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, family,
                          attributes))
        .error;
}

int change(std::uint8_t family, const Attributes& attributes) {
    return ask(request_of(IPCTNL_MSG_CT_NEW, NLM_F_ACK, family, attributes)).error;
}

int remove(std::uint8_t family, const Attribute& original) {
    return ask(request_of(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, family, {original})).error;
}

std::set<std::uint32_t> Answer::ids() const {
    std::set<std::uint32_t> result;
    for (const Flow& flow : flows)
        result.insert(flow.id);
    return result;
}

Answer ask(std::vector<std::uint8_t> request) {
    const Socket socket = open_socket();
    if (mnl_socket_sendto(socket.get(), request.data(), request.size()) < 0)
        fail("cannot ask the kernel");
    Answer answer;
    std::optional<int> error;
    while (!error)
        error = receive(socket.get(), answer);
    answer.error = *error;
    return answer;
}

std::vector<std::uint8_t> dump_request(std::uint8_t family, const Attributes& attributes) {
    return request_of(IPCTNL_MSG_CT_GET, NLM_F_DUMP, family, attributes);
}

bool kernel_is_at_least(int major, int minor) {
    utsname name{};
    int its_major = 0, its_minor = 0;
    if (uname(&name) != 0 || std::sscanf(name.release, "%d.%d", &its_major, &its_minor) != 2)
        fail("cannot tell the kernel's version");
    return its_major > major || (its_major == major && its_minor >= minor);
}

} // namespace natstat::test
