// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Reading and writing, with plain streams: the files are small.
#include "recording.hpp"

#include "attributes.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace natstat::oracle {

namespace {

const Attribute* find(const Attributes& attributes, int type) {
    for (const Attribute& attribute : attributes)
        if (attribute.type() == type)
            return &attribute;
    return nullptr;
}

std::string types_in(const Attributes& attributes) {
    std::string types;
    for (const Attribute& attribute : attributes)
        types += "-" + std::to_string(attribute.type());
    return types;
}

std::string protocol_of(const Attributes& attributes) {
    const Attribute* found = nullptr;
    const Attributes* level = &attributes;
    for (const int type : {int{CTA_TUPLE_ORIG}, int{CTA_TUPLE_PROTO}, int{CTA_PROTO_NUM}}) {
        found = find(*level, type);
        if (found == nullptr)
            return "none";
        level = &found->inside;
    }
    return std::to_string(found->payload.at(0));
}

} // namespace

std::vector<Message> read_recording(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
    if (!file)
        throw std::runtime_error("cannot read " + path);
    std::vector<Message> messages;
    for (std::size_t at = 0; at < bytes.size();) {
        std::uint32_t size = 0;
        if (bytes.size() - at >= sizeof size)
            std::memcpy(&size, bytes.data() + at, sizeof size);
        at += sizeof size;
        if (size < NLMSG_HDRLEN || at > bytes.size() || size > bytes.size() - at)
            throw std::runtime_error(path + " is cut short");
        const auto* start = reinterpret_cast<const std::uint8_t*>(bytes.data()) + at;
        messages.emplace_back(start, start + size);
        at += size;
    }
    return messages;
}

void write_recording(const std::string& path, const std::vector<Message>& messages) {
    std::ofstream file(path, std::ios::binary);
    for (const Message& message : messages) {
        const auto size = static_cast<std::uint32_t>(message.size());
        file.write(reinterpret_cast<const char*>(&size), sizeof size);
        file.write(reinterpret_cast<const char*>(message.data()), size);
    }
    file.close();
    if (!file)
        throw std::runtime_error("cannot write " + path);
}

std::string shape_of(const Message& message) {
    nlmsghdr head{};
    std::memcpy(&head, message.data(), std::min(sizeof head, message.size()));
    const Reading reading = read_payload(payload_of(message));
    const bool is_new = (head.nlmsg_flags & NLM_F_CREATE) != 0;
    std::string shape = (head.nlmsg_type & 0xFF) == IPCTNL_MSG_CT_DELETE ? "destroy"
                        : (head.nlmsg_flags & NLM_F_MULTI) != 0          ? "list"
                        : is_new                                         ? "new"
                                                                         : "update";
    shape +=
        "-family" + std::to_string(reading.family) + "-proto" + protocol_of(reading.attributes);
    return shape + types_in(reading.attributes);
}

} // namespace natstat::oracle
