// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Recordings there and back, and captures made by hand, byte by byte: every format that there is,
// cut anywhere, with lengths that lie, and through pipes that are slow, full or closed.
#include "natstat/intake/recording.hpp"

#include "messages.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/recording.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace natstat;
using namespace natstat::test;
using natstat::oracle::Message;

namespace {

constexpr Time noon{std::chrono::nanoseconds{1'700'000'000'123'456'789}};

const Message created = flow_message(IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL);
const Message destroyed = flow_message(IPCTNL_MSG_CT_DELETE, 0);

/// What a source has told in the end.
struct Told {
    Batch batch;
    std::string failure;
};

void take(Told& told, Batch& batch) {
    for (Event& event : batch.events) {
        event.flow.extras = told.batch.extras.intern(batch.extras[event.flow.extras]);
        told.batch.events.push_back(event);
    }
    told.batch.odd += batch.odd;
    batch.clear();
}

void wait_for(const Source& source) {
    pollfd wanted{source.fd(), POLLIN, 0};
    REQUIRE(poll(&wanted, 1, 10'000) == 1); // a bound for what must not hang
}

/// Reads until `enough` says so, or the end, or a failure.
template <typename Enough>
void read_until(Source& source, Told& told, Enough&& enough) {
    Batch batch;
    try {
        while (!enough(told)) {
            const Progress progress = source.read(batch);
            take(told, batch);
            if (progress == Progress::ended)
                return;
            if (progress == Progress::idle)
                wait_for(source);
        }
    } catch (const Failure& failure) {
        take(told, batch);
        told.failure = failure.what();
    }
}

Told read_all(Source& source) {
    Told told;
    read_until(source, told, [](const Told&) { return false; });
    return told;
}

std::string text_of(const Message& bytes) {
    return {bytes.begin(), bytes.end()};
}

/// A descriptor at the start of these bytes.
int file_of(const std::string& bytes) {
    const int file = memfd_create("natstat-test", MFD_CLOEXEC);
    REQUIRE(file >= 0);
    REQUIRE(write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    REQUIRE(lseek(file, 0, SEEK_SET) == 0);
    return file;
}

Told played(const std::string& bytes) {
    RecordingSource source(file_of(bytes), "a.pcap");
    return read_all(source);
}

// -- captures made by hand ------------------------------------------------------------------------

enum class Order { little, big };

/// Bytes of a file in one order.
struct Writer {
    Order order = Order::little;
    std::string bytes;

    template <typename Number>
    Writer& put(Number number) {
        std::string text;
        for (std::size_t i = 0; i < sizeof number; ++i)
            text.push_back(static_cast<char>(std::uint64_t{number} >> 8 * i & 0xFF));
        if (order == Order::big)
            std::reverse(text.begin(), text.end());
        bytes += text;
        return *this;
    }
    Writer& put(const std::string& text) {
        bytes += text;
        return *this;
    }
};

constexpr std::uint32_t microseconds = 0xA1B2C3D4;
constexpr std::uint32_t nanoseconds = 0xA1B23C4D;
constexpr std::uint32_t netlink_type = 253;
constexpr std::uint32_t ethernet_type = 1;

/// The cooked header and messages, one after the other.
std::string packet_of(const std::vector<Message>& messages, std::uint8_t family = NETLINK_NETFILTER,
                      std::uint16_t hardware = 824) {
    Writer packet{Order::big, {}};
    packet.put(std::uint16_t{4}).put(hardware).put(std::uint64_t{0});
    packet.put(std::uint16_t{0}).put(std::uint16_t{family});
    for (const Message& message : messages) {
        packet.bytes += text_of(message);
        packet.bytes.resize((packet.bytes.size() + 3) / 4 * 4);
    }
    return packet.bytes;
}

std::string pcap_head(std::uint32_t magic = nanoseconds, std::uint32_t type = netlink_type,
                      Order order = Order::little) {
    Writer head{order, {}};
    head.put(magic).put(std::uint16_t{2}).put(std::uint16_t{4}).put(std::uint64_t{0});
    return head.put(std::uint32_t{262144}).put(type).bytes;
}

/// A packet in a pcap file; `cut` bytes of it were not kept.
std::string in_pcap(const std::string& packet, std::uint32_t fraction = 123'456'789,
                    Order order = Order::little, std::uint32_t cut = 0) {
    Writer head{order, {}};
    const auto size = static_cast<std::uint32_t>(packet.size());
    head.put(std::uint32_t{1'700'000'000}).put(fraction).put(size - cut).put(size);
    return head.put(packet.substr(0, size - cut)).bytes;
}

std::string pcapng_block(std::uint32_t type, std::string body) {
    body.resize((body.size() + 3) / 4 * 4);
    const auto length = static_cast<std::uint32_t>(body.size() + 12);
    return Writer{}.put(type).put(length).put(body).put(length).bytes;
}

/// A pcapng file with nanoseconds and one packet (draft-ietf-opsawg-pcapng).
std::string pcapng_of(const std::string& packet, std::uint16_t type = netlink_type) {
    Writer section;
    section.put(std::uint32_t{0x1A2B3C4D}).put(std::uint16_t{1}).put(std::uint16_t{0});
    section.put(~std::uint64_t{0});
    Writer interface;
    interface.put(type).put(std::uint16_t{0}).put(std::uint32_t{262144});
    interface.put(std::uint16_t{9}).put(std::uint16_t{1}).put(std::uint32_t{9}); // if_tsresol
    interface.put(std::uint32_t{0});
    const auto time = static_cast<std::uint64_t>(noon.time_since_epoch().count());
    const auto size = static_cast<std::uint32_t>(packet.size());
    Writer enhanced;
    enhanced.put(std::uint32_t{0}).put(static_cast<std::uint32_t>(time >> 32));
    enhanced.put(static_cast<std::uint32_t>(time)).put(size).put(size).put(packet);
    return pcapng_block(0x0A0D0D0A, section.bytes) + pcapng_block(1, interface.bytes) +
           pcapng_block(6, enhanced.bytes);
}

/// Kinds and how many odd ones, such as "created destroyed, 1 odd".
std::string summary(const Told& told) {
    std::string text;
    for (const Event& event : told.batch.events) {
        constexpr std::array<const char*, 8> names{"created",    "updated", "destroyed",
                                                   "list_begin", "listed",  "looked_up",
                                                   "list_end",   "lost"};
        text += std::string(names[static_cast<std::size_t>(event.kind)]) + " ";
    }
    if (told.batch.odd != 0)
        text += std::to_string(told.batch.odd) + " odd ";
    text += told.failure;
    return text;
}

/// The ends of a pipe; the writing one is closed on demand.
struct Pipe {
    int read_end = -1;
    int write_end = -1;
    Pipe() {
        int ends[2];
        REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
        read_end = ends[0];
        write_end = ends[1];
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() { close_writer(); }
    void put(const std::string& bytes) const {
        REQUIRE(write(write_end, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    }
    void close_writer() {
        if (write_end >= 0)
            close(write_end);
        write_end = -1;
    }
};

/// A file name that goes away again.
struct TemporaryFile {
    std::string name = std::filesystem::temp_directory_path() / "natstat-test-XXXXXX";
    TemporaryFile() {
        const int file = mkstemp(name.data());
        REQUIRE(file >= 0);
        close(file);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { std::filesystem::remove(name); }

    void put(const std::string& bytes) const {
        std::ofstream(name, std::ios::binary) << bytes;
        REQUIRE(std::filesystem::file_size(name) == bytes.size());
    }
};

/// Standard output elsewhere, for as long as this lives.
struct StandardOutput {
    int kept = dup(STDOUT_FILENO);
    explicit StandardOutput(int other) { dup2(other, STDOUT_FILENO); }
    StandardOutput(const StandardOutput&) = delete;
    StandardOutput& operator=(const StandardOutput&) = delete;
    ~StandardOutput() {
        dup2(kept, STDOUT_FILENO);
        close(kept);
    }
};

std::vector<Message> real_messages() {
    const auto path = std::filesystem::path(__FILE__).parent_path() / "../data/messages.nlm";
    return natstat::oracle::read_recording(path.string());
}

std::string failure_of(const std::string& bytes) {
    return played(bytes).failure;
}

} // namespace

TEST_CASE("a recording plays back what was recorded, message by message") {
    const TemporaryFile file;
    const std::vector<Message> messages = real_messages();
    MessageReader reader;
    Batch expected;
    {
        Recorder recorder(file.name);
        Time time = noon;
        for (const Message& message : messages) {
            recorder.message(time, NETLINK_NETFILTER, message);
            reader.take(time, NETLINK_NETFILTER, message, expected);
            time += std::chrono::nanoseconds{1'000'000'007};
        }
        recorder.flush();
    }
    const auto source = open_file(file.name);
    const Told told = read_all(*source);
    REQUIRE(told.failure.empty());
    CHECK(told.batch.odd == 0);
    REQUIRE(told.batch.events.size() == messages.size());
    REQUIRE(expected.events.size() == messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const Event& a = expected.events[i];
        const Event& b = told.batch.events[i];
        CHECK(a.kind == b.kind);
        CHECK(a.time == b.time);
        CHECK(a.requested == b.requested);
        Flow same = b.flow;
        same.extras = a.flow.extras;
        CHECK(std::memcmp(&a.flow, &same, sizeof same) == 0);
        CHECK(expected.extras[a.flow.extras] == told.batch.extras[b.flow.extras]);
    }
    CHECK_FALSE(source->local_addresses());
}

TEST_CASE("a recording knows the host's addresses") {
    const TemporaryFile file;
    {
        Recorder recorder(file.name);
        recorder.message(noon, NETLINK_ROUTE,
                         address_message(RTM_NEWADDR, 2, AF_INET, {{IFA_LOCAL, {192, 0, 2, 1}}}));
    }
    const auto source = open_file(file.name);
    CHECK(summary(read_all(*source)).empty());
    REQUIRE(source->local_addresses());
    REQUIRE(source->local_addresses()->size() == 1);
    CHECK(to_text(source->local_addresses()->front()) == "192.0.2.1");
}

TEST_CASE("what is flushed is in the file") {
    const TemporaryFile file;
    Recorder recorder(file.name);
    CHECK(std::filesystem::file_size(file.name) == 24);
    recorder.message(noon, NETLINK_NETFILTER, created);
    recorder.flush();
    std::ifstream stream(file.name, std::ios::binary);
    std::ostringstream bytes;
    bytes << stream.rdbuf();
    CHECK(bytes.str() == pcap_head() + in_pcap(packet_of({created})));
}

TEST_CASE("a recorder takes no file that has something to lose") {
    const TemporaryFile file;
    file.put("192.0.2.1\n");
    CHECK_THROWS_WITH(Recorder(file.name), "cannot record to " + file.name +
                                               ": it is there already, and would be lost (remove "
                                               "it, or name another file)");
    CHECK(std::filesystem::file_size(file.name) == 10);
}

TEST_CASE("a recorder that can not write says so") {
    SECTION("no such directory") {
        CHECK_THROWS_WITH(Recorder("/nonexistent/a.pcap"),
                          "cannot record to /nonexistent/a.pcap: No such file or directory");
    }
    SECTION("a full disk") {
        CHECK_THROWS_WITH(Recorder("/dev/full"),
                          "cannot record to /dev/full: No space left on device");
    }
    SECTION("a terminal") {
        const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        REQUIRE(terminal >= 0);
        REQUIRE((grantpt(terminal) == 0 && unlockpt(terminal) == 0));
        const std::string name = ptsname(terminal);
        CHECK_THROWS_WITH(Recorder(name), "cannot record to " + name +
                                              ": it is a terminal, and a recording is no text "
                                              "(name a file, or redirect)");
        close(terminal);
    }
    SECTION("a closed pipe") {
        std::signal(SIGPIPE, SIG_IGN);
        Pipe pipe;
        const StandardOutput other(pipe.write_end);
        Recorder recorder("-");
        close(pipe.read_end);
        const auto record_much = [&] {
            for (int i = 0; i < 100'000; ++i)
                recorder.message(noon, NETLINK_NETFILTER, created);
        };
        CHECK_THROWS_AS(record_much(), ClosedPipe);
        CHECK_THROWS_AS(recorder.flush(), ClosedPipe);
    }
}

TEST_CASE("standard output takes a recording at once") {
    Pipe pipe;
    const StandardOutput other(pipe.write_end);
    Recorder recorder("-");
    RecordingSource source(pipe.read_end, "pipe");
    Told told;
    for (std::size_t i = 1; i <= 3; ++i) {
        recorder.message(noon, NETLINK_NETFILTER, created);
        recorder.flush();
        read_until(source, told,
                   [i](const Told& so_far) { return so_far.batch.events.size() == i; });
        CHECK(told.batch.events.size() == i);
    }
}

TEST_CASE("every kind of capture file is read") {
    const std::string packet = packet_of({created});
    const auto time_of = [](const Told& told) {
        CHECK(summary(told) == "created ");
        return told.batch.events.empty() ? Time{} : told.batch.events.front().time;
    };
    CHECK(time_of(played(pcap_head() + in_pcap(packet))) == noon);
    CHECK(time_of(played(pcapng_of(packet))) == noon);
    const Time to_the_microsecond = std::chrono::floor<std::chrono::microseconds>(noon);
    CHECK(time_of(played(pcap_head(microseconds) + in_pcap(packet, 123'456))) ==
          to_the_microsecond);
    // The file is in the other order, its messages are not: a tool has rewritten it.
    CHECK(time_of(played(pcap_head(nanoseconds, netlink_type, Order::big) +
                         in_pcap(packet, 123'456'789, Order::big))) == noon);
}

// What tshark shows of such a file, too.
TEST_CASE("a pcap file tells times until 2106") {
    for (const std::uint32_t second : {0U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
        CAPTURE(second);
        const std::string packet = packet_of({created});
        std::string bytes = in_pcap(packet);
        Writer time;
        time.put(second);
        bytes.replace(0, 4, time.bytes);
        const Told told = played(pcap_head() + bytes);
        CHECK(summary(told) == "created ");
        REQUIRE(told.batch.events.size() == 1);
        CHECK(told.batch.events[0].time ==
              Time{std::chrono::seconds{second} + std::chrono::nanoseconds{123'456'789}});
    }
}

TEST_CASE("a recorder keeps times until 2106") {
    const TemporaryFile file;
    const Time late{std::chrono::seconds{0xFFFFFFFF}};
    {
        Recorder recorder(file.name);
        recorder.message(late, NETLINK_NETFILTER, created);
    }
    const auto source = open_file(file.name);
    const Told told = read_all(*source);
    REQUIRE(told.batch.events.size() == 1);
    CHECK(told.batch.events[0].time == late);
}

TEST_CASE("what was told before an address came is read before it") {
    const auto address = address_message(RTM_NEWADDR, 2, AF_INET, {{IFA_LOCAL, {192, 0, 2, 1}}});
    RecordingSource source(file_of(pcap_head() + in_pcap(packet_of({created})) +
                                   in_pcap(packet_of({address}, NETLINK_ROUTE)) +
                                   in_pcap(packet_of({created}))),
                           "a.pcap");
    Told told;
    read_until(source, told, [](const Told& so_far) { return !so_far.batch.events.empty(); });
    CHECK(summary(told) == "created ");
    CHECK_FALSE(source.local_addresses());
    read_until(source, told, [](const Told&) { return false; });
    CHECK(summary(told) == "created created ");
    CHECK(source.local_addresses());
}

TEST_CASE("a packet may hold several messages") {
    const Message address = address_message(RTM_NEWADDR, 2, AF_INET, {{IFA_LOCAL, {192, 0, 2, 1}}});
    const std::string several = packet_of({created, list_end(1), destroyed});
    CHECK(summary(played(pcap_head() + in_pcap(several) + in_pcap(packet_of({created})))) ==
          "created destroyed created ");
    CHECK(summary(played(pcap_head() + in_pcap(several, 0, Order::little, 20))) ==
          "created 1 odd ");
    const auto without_last = static_cast<std::uint32_t>(destroyed.size());
    CHECK(summary(played(pcap_head() + in_pcap(several, 0, Order::little, without_last))) ==
          "created 1 odd ");
    CHECK(summary(played(pcap_head() + in_pcap(packet_of({})))).empty());
}

TEST_CASE("other families are passed over, and what is no netlink is odd") {
    const auto of_packet = [](const std::string& packet) {
        return summary(played(pcap_head() + in_pcap(packet) + in_pcap(packet_of({created}))));
    };
    CHECK(of_packet(packet_of({{'a', 'd', 'd'}}, NETLINK_KOBJECT_UEVENT)) == "created ");
    CHECK(of_packet(packet_of({created}, NETLINK_GENERIC)) == "created ");
    CHECK(of_packet(packet_of({created}, NETLINK_NETFILTER, 1)) == "created 1 odd ");
    CHECK(of_packet("short") == "created 1 odd ");
    CHECK(of_packet("") == "created 1 odd ");
}

TEST_CASE("lengths that lie are odd") {
    for (const std::uint32_t length : {0U, 15U, 0x7FFFFFFFU, 0xFFFFFFFFU, 0xFFFFFFFDU}) {
        Message lying = created;
        std::memcpy(lying.data(), &length, sizeof length);
        CHECK(summary(played(pcap_head() + in_pcap(packet_of({created, lying, created})))) ==
              "created 1 odd ");
    }
}

TEST_CASE("a recording that is cut anywhere gives all that is whole") {
    const std::string first = pcap_head() + in_pcap(packet_of({created}));
    const std::string both = first + in_pcap(packet_of({destroyed}));
    for (std::size_t size = 24; size <= both.size(); ++size) {
        const std::string all = size < first.size()  ? ""
                                : size < both.size() ? "created "
                                                     : "created destroyed ";
        const bool whole = size == 24 || size == first.size() || size == both.size();
        CHECK(summary(played(both.substr(0, size))) == all + (whole ? "" : "1 odd "));
    }
    const std::string ng = pcapng_of(packet_of({created}));
    constexpr std::size_t blocks = 28 + 32; // that come before the packets
    for (std::size_t size = blocks; size < ng.size(); ++size)
        CHECK(summary(played(ng.substr(0, size))) == (size == blocks ? "" : "1 odd "));
}

TEST_CASE("what is no recording is refused, and says why") {
    CHECK(failure_of("") != "");
    CHECK(failure_of("ipv4 2 tcp 6 300 ESTABLISHED src=192.0.2.1") ==
          "cannot read a.pcap: unknown file format");
    for (std::size_t size = 4; size < 24; ++size)
        CHECK(failure_of(pcap_head().substr(0, size)).starts_with("cannot read a.pcap: truncated"));
    CHECK(failure_of(pcap_head(nanoseconds, ethernet_type) + in_pcap("x")) ==
          "cannot read a.pcap: it is no capture of netlink (link type EN10MB)");
    CHECK(failure_of(pcapng_of("x", ethernet_type)) ==
          "cannot read a.pcap: it is no capture of netlink (link type EN10MB)");
}

TEST_CASE("a packet that can not be so long ends a recording with a failure") {
    std::string broken = in_pcap(packet_of({created}));
    broken[8 + 3] = 0x7F; // the highest byte of its length
    const Told told =
        played(pcap_head() + in_pcap(packet_of({created})) + broken + std::string(1000, 'x'));
    CHECK(told.batch.events.size() == 1);
    CHECK(told.failure.starts_with("cannot read a.pcap: invalid packet capture length"));
}

TEST_CASE("a recording of a machine with the other byte order is refused") {
    Message foreign = created;
    std::reverse(foreign.begin(), foreign.begin() + 4);
    const std::string packet = in_pcap(packet_of({foreign}), 0, Order::big);
    CHECK(failure_of(pcap_head(nanoseconds, netlink_type, Order::big) + packet) ==
          "cannot read a.pcap: it was recorded on a machine with the other byte order");
    // Once a message was understood, it is only a broken one.
    CHECK(summary(played(pcap_head() + in_pcap(packet_of({created})) +
                         in_pcap(packet_of({foreign})))) == "created 1 odd ");
}

TEST_CASE("a slow pipe tells what it has, and can be left at any time") {
    const std::string bytes = pcap_head() + in_pcap(packet_of({created}));
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{3}, std::size_t{24}, bytes.size() - 1}) {
        Pipe pipe;
        pipe.put(bytes.substr(0, size));
        RecordingSource source(pipe.read_end, "pipe");
        Batch batch;
        CHECK(source.read(batch) == Progress::idle);
    }
    Pipe pipe;
    RecordingSource source(pipe.read_end, "pipe");
    Told told;
    for (const char byte : bytes)
        pipe.put(std::string(1, byte));
    read_until(source, told, [](const Told& so_far) { return !so_far.batch.events.empty(); });
    CHECK(summary(told) == "created ");
    pipe.put(in_pcap(packet_of({destroyed})));
    pipe.close_writer();
    CHECK(summary(read_all(source)) == "destroyed ");
    Batch batch;
    CHECK(source.read(batch) == Progress::ended);
}

TEST_CASE("a long recording is read in pieces, and can be left in the middle") {
    std::string bytes = pcap_head();
    constexpr std::size_t many = 30'000; // more than lies between the thread and the consumer
    for (std::size_t i = 0; i < many; ++i)
        bytes += in_pcap(packet_of({created}));
    CHECK(played(bytes).batch.events.size() == many);
    RecordingSource source(file_of(bytes), "a.pcap");
    wait_for(source);
    Batch batch;
    CHECK(source.read(batch) == Progress::more);
    CHECK(batch.events.size() < 2000);
}

TEST_CASE("a file is what its first bytes say") {
    const TemporaryFile file;
    const auto told = [&](const std::string& bytes) {
        file.put(bytes);
        const auto source = open_file(file.name);
        return summary(read_all(*source));
    };
    const std::string line = "udp 17 29 src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2 [UNREPLIED] "
                             "src=192.0.2.2 dst=192.0.2.1 sport=2 dport=1 use=1\n";
    CHECK(told(line) == "listed list_end ");
    CHECK(told("\n\n" + line) == "listed list_end ");
    CHECK(told(pcap_head() + in_pcap(packet_of({created}))) == "created ");
    CHECK(told(pcapng_of(packet_of({created}))) == "created ");
    CHECK(told("").empty());
    CHECK(told("\n").empty());
    CHECK(told("src") == "1 odd cannot read " + file.name + ": not conntrack text (line 1: src)");
    CHECK(told(pcap_head(nanoseconds, ethernet_type)).starts_with("cannot read " + file.name));
}

TEST_CASE("a file that can not be read says so") {
    CHECK_THROWS_WITH(open_file("/nonexistent"),
                      "cannot read /nonexistent: No such file or directory");
    const auto directory = open_file("/");
    CHECK(read_all(*directory).failure == "cannot read /: Is a directory");
    RecordingSource recording(open("/", O_RDONLY | O_CLOEXEC), "/");
    CHECK(read_all(recording).failure == "cannot read /: Is a directory");
}

TEST_CASE("a FIFO that nobody writes to is waited for like anything else") {
    const TemporaryFile place;
    std::filesystem::remove(place.name);
    REQUIRE(mkfifo(place.name.c_str(), 0600) == 0);
    const auto source = open_file(place.name); // returns
    Batch batch;
    CHECK(source->read(batch) == Progress::idle);
    pollfd wanted{source->fd(), POLLIN, 0};
    CHECK(poll(&wanted, 1, 0) == 0);
    CHECK(source->read(batch) == Progress::idle);
    const int writer = open(place.name.c_str(), O_WRONLY | O_CLOEXEC);
    REQUIRE(writer >= 0);
    CHECK(source->read(batch) == Progress::idle); // there is somebody, who has said nothing yet
    const std::string bytes = pcap_head() + in_pcap(packet_of({created}));
    REQUIRE(write(writer, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    close(writer);
    CHECK(summary(read_all(*source)) == "created ");
}

TEST_CASE("opening a slow pipe waits for nothing") {
    const int kept = dup(STDIN_FILENO);
    Pipe pipe;
    dup2(pipe.read_end, STDIN_FILENO);
    close(pipe.read_end);
    const auto source = open_file("-");
    dup2(kept, STDIN_FILENO);
    close(kept);
    Batch batch;
    CHECK(source->read(batch) == Progress::idle);
    CHECK_FALSE(source->local_addresses());
    for (const char byte : pcap_head() + in_pcap(packet_of({created})))
        pipe.put(std::string(1, byte));
    pipe.close_writer();
    CHECK(summary(read_all(*source)) == "created ");
}
