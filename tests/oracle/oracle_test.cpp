// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// natstat's decoder beside nfct_nlmsg_parse: on recorded and hand-made messages, on every one of
// them cut short, and on 100,000 that went wrong in other ways. It runs under the address and
// undefined behaviour sanitizers like every test.
#include "attributes.hpp"
#include "check.hpp"
#include "handmade.hpp"
#include "mutate.hpp"
#include "recording.hpp"

#include "tests/catch.hpp"

#include <bit>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>

using namespace natstat::oracle;

namespace {

using Payload = std::vector<std::uint8_t>;

std::filesystem::path tests_directory() {
    return std::filesystem::path(__FILE__).parent_path().parent_path();
}

std::vector<Message> recorded_messages() {
    if constexpr (std::endian::native != std::endian::little) {
        WARN("the recording is of a little-endian machine and is left out here");
        return {};
    }
    return read_recording((tests_directory() / "data" / "messages.nlm").string());
}

std::vector<Payload> all_payloads() {
    std::vector<Payload> payloads = handmade_payloads();
    for (const Message& message : recorded_messages()) {
        const Bytes payload = payload_of(message);
        payloads.emplace_back(payload.begin(), payload.end());
    }
    return payloads;
}

std::string to_text(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += line + "\n";
    return text;
}

std::string in_hex(Bytes bytes) {
    std::string hex;
    for (const std::uint8_t byte : bytes)
        for (const int digit : {byte >> 4, byte & 15})
            hex += "0123456789abcdef"[digit];
    return hex;
}

/// Checks one message; a failure shows it.
Outcome check(Bytes payload) {
    const Outcome outcome = check_payload(payload);
    if (!outcome.wrong.empty()) {
        INFO(to_text(outcome.wrong) << in_hex(payload));
        CHECK(outcome.wrong.empty());
    }
    return outcome;
}

} // namespace

TEST_CASE("the recording has every kind of message", "[oracle]") {
    std::set<std::string> kinds;
    const auto messages = recorded_messages();
    for (const Message& message : messages) {
        // "list-family2-proto6" of the shape.
        const std::string shape = shape_of(message);
        kinds.insert(shape.substr(0, shape.find('-', shape.find("proto"))));
    }
    if (messages.empty())
        return;
    for (const char* kind : {"list", "new", "update", "destroy"})
        for (const char* family : {"2", "10"})
            for (const char* protocol : {"6", "17", "47", "132", "136"}) {
                INFO(kind << " " << family << " " << protocol);
                CHECK(kinds.count(std::string(kind) + "-family" + family + "-proto" + protocol) ==
                      1);
            }
    for (const char* kind : {"list-family2-proto1", "list-family10-proto58",
                             "list-family2-proto253", "list-family10-proto253"})
        CHECK(kinds.count(kind) == 1);
}

TEST_CASE("natstat and the library agree on every message", "[oracle]") {
    for (const Message& message : recorded_messages()) {
        INFO(shape_of(message));
        const Outcome outcome = check(payload_of(message));
        CHECK(outcome.accepted);
        CHECK(outcome.plain); // the library has read the very same bytes
    }
    for (const Payload& payload : handmade_payloads())
        CHECK(check(payload).accepted);
}

TEST_CASE("the corpus of the fuzz target holds", "[oracle]") {
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(tests_directory() / "fuzz" / "corpus" / "decoder")) {
        std::ifstream file(entry.path(), std::ios::binary);
        const Message message((std::istreambuf_iterator<char>(file)),
                              std::istreambuf_iterator<char>());
        INFO(entry.path().filename());
        check(payload_of(message));
        ++count;
    }
    CHECK(count >= 24);
}

TEST_CASE("natstat and the library agree on every message cut short", "[oracle]") {
    std::size_t accepted = 0;
    std::size_t refused = 0;
    std::map<std::string, Payload> one_of_each;
    for (const Payload& payload : all_payloads())
        one_of_each.try_emplace(shape_of(message_with(payload)), payload);
    for (const auto& [shape, payload] : one_of_each)
        for (std::size_t size = 0; size < payload.size(); ++size)
            ++(check(Bytes(payload).first(size)).accepted ? accepted : refused);
    // Between two attributes is the only good place for a cut.
    CHECK(accepted > 4 * one_of_each.size());
    CHECK(refused > 100 * one_of_each.size());
}

TEST_CASE("natstat and the library agree on 100,000 messages gone wrong", "[oracle]") {
    constexpr std::size_t count = 100'000, most_shown = 20;
    const std::vector<Payload> seeds = all_payloads();
    Mutator mutator(seeds, 20240607);
    std::size_t accepted = 0, plain = 0, wrong = 0;
    for (std::size_t i = 0; i < count && wrong < most_shown; ++i) {
        const Outcome outcome = check(mutator.next());
        accepted += outcome.accepted ? 1U : 0U;
        plain += outcome.plain ? 1U : 0U;
        wrong += outcome.wrong.empty() ? 0U : 1U;
    }
    std::cout << accepted << " accepted, of these " << plain << " read as they are by the library; "
              << count - accepted << " refused\n";
    CHECK(wrong == 0);
    // Neither side may be a corner: a decoder that refuses all, or a mutator that breaks nothing.
    CHECK(accepted > count / 4);
    CHECK(plain > count / 5);
    CHECK(count - accepted > count / 4);
}
