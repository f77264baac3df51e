// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// natstat-floor: the least that a listing can cost. It asks for the same dump as natstat does,
// receives it into one buffer and looks at nothing but the end of it. It decodes no flow.

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

namespace {

constexpr const char* usage_text = R"(usage: natstat-floor [-4 | -6] [--count]
Receives the dump of the conntrack table of this network namespace and discards it (root).
  -4, -6    one family
  --count   walk the message headers and count the flows
)";

struct Question {
    std::uint8_t family = AF_UNSPEC;
    bool count = false;
};

struct Answer {
    std::uint64_t reads = 0;
    std::uint64_t bytes = 0;
    std::uint64_t flows = 0;
    bool interrupted = false;
    bool done = false;
    int error = 0; ///< errno
};

struct Close {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};

using Socket = std::unique_ptr<mnl_socket, Close>;
using Buffer = std::array<char, std::size_t{64} * 1024>;

std::optional<Question> parse_options(int argc, char** argv) {
    Question question;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "-4")
            question.family = AF_INET;
        else if (word == "-6")
            question.family = AF_INET6;
        else if (word == "--count")
            question.count = true;
        else
            return {};
    }
    return question;
}

bool ask(const Socket& socket, const Question& question) {
    alignas(4) std::array<char, 64> buffer{};
    nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
    message->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET;
    message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    message->nlmsg_seq = 1;
    auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    header->nfgen_family = question.family;
    header->version = NFNETLINK_V0;
    return mnl_socket_sendto(socket.get(), message, message->nlmsg_len) >= 0;
}

/// True if the message ends the dump; notes why.
bool ends(const nlmsghdr& message, Answer& answer) {
    if (message.nlmsg_type != NLMSG_DONE && message.nlmsg_type != NLMSG_ERROR)
        return false;
    answer.done = true;
    answer.interrupted = answer.interrupted || (message.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    // Both carry an error number first.
    int error = 0;
    std::memcpy(&error, mnl_nlmsg_get_payload(&message), sizeof error);
    answer.error = -error;
    return true;
}

/// Looks at the ends of what was read: the kernel sends the end of a conntrack dump by itself, or
/// as the last message of a read.
void notice_end(const char* data, std::size_t size, Answer& answer) {
    constexpr std::size_t done_bytes = NLMSG_HDRLEN + sizeof(int);
    if (size < done_bytes)
        return;
    if (ends(*reinterpret_cast<const nlmsghdr*>(data), answer))
        return;
    const auto* last = reinterpret_cast<const nlmsghdr*>(data + size - done_bytes);
    if (last->nlmsg_len == done_bytes && last->nlmsg_seq == 1)
        ends(*last, answer);
}

void count_flows(const char* data, std::size_t size, Answer& answer) {
    int left = static_cast<int>(size);
    for (auto* message = reinterpret_cast<const nlmsghdr*>(data); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left)) {
        answer.interrupted = answer.interrupted || (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
        if (ends(*message, answer))
            return;
        ++answer.flows;
    }
}

Answer receive(const Socket& socket, bool count) {
    alignas(4) static Buffer buffer;
    Answer answer;
    while (!answer.done) {
        const ssize_t got = recv(mnl_socket_get_fd(socket.get()), buffer.data(), buffer.size(), 0);
        if (got < 0) {
            answer.error = errno;
            return answer;
        }
        const auto size = static_cast<std::size_t>(got);
        ++answer.reads;
        answer.bytes += size;
        if (count)
            count_flows(buffer.data(), size, answer);
        else
            notice_end(buffer.data(), size, answer);
    }
    return answer;
}

int fail(const char* doing, int error) {
    std::fprintf(stderr, "natstat-floor: %s: %s%s\n", doing, std::strerror(error),
                 error == EPERM ? " (needs CAP_NET_ADMIN; try sudo)" : "");
    return 1;
}

int measure(const Question& question) {
    const Socket socket(mnl_socket_open(NETLINK_NETFILTER));
    if (socket == nullptr)
        return fail("cannot open a netlink socket", errno);
    if (mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0)
        return fail("cannot bind the netlink socket", errno);
    const auto start = std::chrono::steady_clock::now();
    if (!ask(socket, question))
        return fail("cannot ask for the dump", errno);
    const Answer answer = receive(socket, question.count);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    if (answer.error != 0)
        return fail("cannot receive the dump", answer.error);
    if (question.count)
        std::printf("%llu flows, ", static_cast<unsigned long long>(answer.flows));
    std::printf("%llu bytes in %llu reads, %.6f s%s\n",
                static_cast<unsigned long long>(answer.bytes),
                static_cast<unsigned long long>(answer.reads), spent.count(),
                answer.interrupted ? ", interrupted" : "");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const std::optional<Question> question = parse_options(argc, argv);
    if (!question) {
        std::fputs(usage_text, stderr);
        return 2;
    }
    return measure(*question);
}
