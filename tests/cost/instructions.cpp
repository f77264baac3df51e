// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// natstat-instructions: a listing of recorded messages, many times over, for a tool that counts
// instructions. From the decoder to the output it is the program's own code, with the options of a
// command line. Receiving is left out, and what differs from host to host is fixed. It counts
// nothing itself.

#include "natstat/answer/groups.hpp"
#include "natstat/answer/list.hpp"
#include "natstat/ask/request.hpp"
#include "tests/oracle/recording.hpp"

#include "natstat/intake/decoder.hpp"

#include <iostream>
#include <stdexcept>

namespace {

using namespace natstat;

constexpr std::string_view usage_text =
    "usage: natstat-instructions RECORDING ROUNDS [OPTION...]\n"
    "Prints the messages of RECORDING, ROUNDS times over, as natstat does with these options; "
    "says\n"
    "on standard error how many they were and how it was built.\n";

/// The messages as one list, each time with other clients: a list of the kernel's has no flow
/// twice, and to sort equal ones would be another work.
class RepeatedRecording : public Source {
  public:
    RepeatedRecording(const std::vector<oracle::Message>& messages, unsigned rounds)
        : messages_(messages), rounds_(rounds) {}

    [[nodiscard]] int fd() const override { return -1; } // it is never idle
    void request_list(const ListQuery&) override {
        round_ = 0;
        number_ = 0;
    }

    /// A round, which is about as much as the kernel gives in one call.
    Progress read(Batch& batch) override {
        if (round_ == rounds_) {
            batch.events.emplace_back().kind = EventKind::list_end;
            return Progress::ended;
        }
        for (const oracle::Message& message : messages_) {
            Flow& flow = batch.events.emplace_back().flow;
            if (!decode_flow(std::span(message).subspan(NLMSG_HDRLEN), flow, batch.extras))
                throw Failure("cannot decode a message of the recording");
            change_client(flow);
        }
        ++round_;
        return Progress::more;
    }

  private:
    /// Another address in the client's network and another port, at both of its ends, so that the
    /// translation stays what it was. Multiplied, so that they do not come in order.
    void change_client(Flow& flow) {
        const unsigned change = number_++ * 0x9E35U;
        // The host of IPv4; for IPv6 a byte near enough to the front to count in a sort prefix.
        const std::size_t place = flow.family == Family::ipv4 ? 3 : 9;
        for (const End end : {End::original_source, End::reply_destination}) {
            const auto index = static_cast<std::size_t>(end);
            flow.address[index][place] ^= static_cast<std::uint8_t>(change >> 8);
            flow.port[index] ^= static_cast<std::uint8_t>(change);
        }
    }

    const std::vector<oracle::Message>& messages_;
    unsigned rounds_;
    unsigned round_ = 0;
    unsigned number_ = 0; // of messages so far
};

/// A time after the recording was made, and no addresses of this host's.
Surroundings fixed_surroundings() {
    using namespace std::chrono;
    Surroundings around;
    around.now = sys_days{year{2030} / January / 1};
    around.local_addresses.emplace();
    return around;
}

template <typename T>
T good(std::variant<T, UsageError>&& answer) {
    if (const auto* error = std::get_if<UsageError>(&answer))
        throw std::runtime_error(error->message);
    return std::get<T>(std::move(answer));
}

void run(const std::string& recording, unsigned rounds, const std::vector<std::string>& words) {
    const auto messages = oracle::read_recording(recording);
    RepeatedRecording source(messages, rounds);
    const Options options = good(parse_options(words));
    const AskNames nobody = [](std::chrono::milliseconds) { return WrittenNames{}; };
    const Answer answer =
        options.mode == Mode::list
            ? list_of(source, fixed_surroundings(), good(list_request(options, nobody)))
            : groups_of(source, fixed_surroundings(), good(groups_request(options, nobody)));
    for (const std::string& each : answer.complaints)
        std::cerr << each << '\n';
    std::cerr << messages.size() * rounds << " messages, " NATSTAT_BUILD "\n";
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << usage_text;
        return 2;
    }
    try {
        run(argv[1], static_cast<unsigned>(std::stoul(argv[2])), {argv + 3, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << "natstat-instructions: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
