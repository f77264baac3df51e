// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Records what ctnetlink says in the present network namespace, as raw messages. It decodes nothing
// beyond what it needs to thin a recording. record_lab.sh uses it.
//
//   natstat-record FILE SECONDS       the events of so many seconds, or until standard input ends,
//                                     then a list of the table
//   natstat-record --split FILE DIR   one message of each shape of a recording, and those made by
//   hand,
//                                     a file each
//   natstat-record --thin FILE COUNT  keep at most COUNT messages of each shape
//   natstat-record --capture FILE PCAP  the same as a capture, one message each second from
//                                     1700000000.123456789 on
#include "handmade.hpp"
#include "message.hpp"
#include "recording.hpp"
#include "socket.hpp"

#include "natstat/intake/recording.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <stdexcept>

#include <linux/netfilter/nfnetlink_compat.h>
#include <poll.h>
#include <unistd.h>

using namespace natstat::oracle;

namespace {

/// One read; appends the conntrack messages in it. False after the last message of a list.
bool receive(mnl_socket* socket, std::vector<Message>& messages) {
    std::vector<std::uint8_t> buffer(64 * 1024);
    const ssize_t size = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
    if (size < 0)
        fail("cannot receive");
    auto left = static_cast<int>(size);
    const auto* head = reinterpret_cast<const nlmsghdr*>(buffer.data());
    for (; mnl_nlmsg_ok(head, left); head = mnl_nlmsg_next(head, &left)) {
        if (head->nlmsg_type == NLMSG_DONE)
            return false;
        if (head->nlmsg_type == NLMSG_ERROR)
            throw std::runtime_error("the kernel refuses to list");
        const auto* start = reinterpret_cast<const std::uint8_t*>(head);
        messages.emplace_back(start, start + head->nlmsg_len);
    }
    return true;
}

void record_events(std::chrono::seconds duration, std::vector<Message>& messages) {
    const Socket socket = open_socket(NF_NETLINK_CONNTRACK_NEW | NF_NETLINK_CONNTRACK_UPDATE |
                                      NF_NETLINK_CONNTRACK_DESTROY);
    const auto end = std::chrono::steady_clock::now() + duration;
    std::array<pollfd, 2> waits{pollfd{mnl_socket_get_fd(socket.get()), POLLIN, 0},
                                pollfd{STDIN_FILENO, POLLIN, 0}};
    std::puts("listening");
    std::fflush(stdout);
    while (std::chrono::steady_clock::now() < end) {
        if (poll(waits.data(), waits.size(), 100) < 0)
            fail("cannot wait");
        if ((waits[0].revents & POLLIN) != 0)
            receive(socket.get(), messages);
        else if (waits[1].revents != 0)
            return;
    }
}

void record_list(std::vector<Message>& messages) {
    const Socket socket = open_socket(0);
    Message request =
        message_with(payload_with(AF_UNSPEC, {}), NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET);
    reinterpret_cast<nlmsghdr*>(request.data())->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    if (mnl_socket_sendto(socket.get(), request.data(), request.size()) < 0)
        fail("cannot ask for the list");
    while (receive(socket.get(), messages))
        continue;
}

void split(const std::string& path, const std::string& directory) {
    std::map<std::string, Message> shapes;
    for (const Message& message : read_recording(path)) {
        // The decoder does not see whether it is a list or an event.
        const std::string shape = shape_of(message);
        shapes.try_emplace(shape.substr(shape.find('-') + 1), message);
    }
    for (const auto& payload : handmade_payloads())
        shapes.try_emplace("made-" + shape_of(message_with(payload)), message_with(payload));
    for (const auto& [shape, message] : shapes) {
        std::ofstream file(directory + "/" + shape, std::ios::binary);
        file.write(reinterpret_cast<const char*>(message.data()),
                   static_cast<std::streamsize>(message.size()));
    }
    std::printf("%zu shapes\n", shapes.size());
}

void thin(const std::string& path, int count) {
    std::map<std::string, int> seen;
    std::vector<Message> kept;
    for (const Message& message : read_recording(path))
        if (++seen[shape_of(message)] <= count)
            kept.push_back(message);
    write_recording(path, kept);
    std::printf("%zu messages of %zu shapes\n", kept.size(), seen.size());
}

void capture(const std::string& path, const std::string& name) {
    natstat::Recorder recorder(name);
    natstat::Time time{std::chrono::nanoseconds{1'700'000'000'123'456'789}};
    for (const Message& message : read_recording(path)) {
        recorder.message(time, NETLINK_NETFILTER, message);
        time += std::chrono::seconds{1};
    }
    recorder.flush();
}

void run(const std::vector<std::string>& words) {
    if (words.size() == 3 && words[0] == "--split")
        return split(words[1], words[2]);
    if (words.size() == 3 && words[0] == "--thin")
        return thin(words[1], std::atoi(words[2].c_str()));
    if (words.size() == 3 && words[0] == "--capture")
        return capture(words[1], words[2]);
    if (words.size() != 2)
        throw std::runtime_error(
            "natstat-record FILE SECONDS | --split FILE DIR | --thin FILE COUNT | "
            "--capture FILE PCAP");
    std::vector<Message> messages;
    record_events(std::chrono::seconds(std::atoi(words[1].c_str())), messages);
    record_list(messages);
    write_recording(words[0], messages);
    std::printf("%zu messages\n", messages.size());
}

} // namespace

int main(int count, char** words) {
    try {
        run({words + 1, words + count});
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "natstat-record: %s\n", error.what());
        return 1;
    }
}
