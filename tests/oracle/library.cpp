// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Asking. What the library answers is compared in differences.cpp.
#include "library.hpp"

namespace natstat::oracle {

namespace {

/// Some versions look for attributes up to 20 bytes behind the end: there must be zeros.
constexpr std::size_t zeros_behind = 64;

struct Asked {
    Object object;
    bool understood;
};

Asked ask(Bytes payload) {
    Message message = message_with(payload);
    message.resize(message.size() + zeros_behind);
    Asked asked{Object(nfct_new()), false};
    asked.understood =
        asked.object && nfct_nlmsg_parse(reinterpret_cast<const nlmsghdr*>(message.data()),
                                         asked.object.get()) == 0;
    return asked;
}

/// The tuples of one direction alone, as original ones.
Attributes alone(const Attributes& attributes, int direction) {
    Attributes result;
    for (const Attribute& attribute : attributes)
        if (attribute.type() == direction)
            result.push_back(nest(CTA_TUPLE_ORIG, attribute.inside));
    return result;
}

} // namespace

Answer ask_library(const Reading& reading, Bytes payload) {
    const Attributes suited = for_library(reading.attributes);
    Asked whole = ask(reading.plain ? std::vector<std::uint8_t>(payload.begin(), payload.end())
                                    : payload_with(reading.family, suited));
    Asked original = ask(payload_with(reading.family, alone(suited, CTA_TUPLE_ORIG)));
    Asked reply = ask(payload_with(reading.family, alone(suited, CTA_TUPLE_REPLY)));
    return {std::move(whole.object), std::move(original.object), std::move(reply.object),
            whole.understood && original.understood && reply.understood};
}

} // namespace natstat::oracle
