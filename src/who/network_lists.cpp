// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// RapidJSON finds the values of ip-ranges.json
// (https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html); no document is built.
#include "network_lists.hpp"

#include <algorithm>
#include <utility>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace natstat {

namespace {

constexpr std::string_view blanks = " \t\r\v\f";

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// Takes the first line off `text`, without its end.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

bool is_json(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] == '{';
}

std::uint8_t rank_of(std::string_view service) {
    return service == "AMAZON" ? 0 : service == "EC2" ? 1 : 2;
}

} // namespace

/// Hands on every object that has a network and its service, wherever it stands.
class NetworkLists::RangesReader
    : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, RangesReader> {
  public:
    explicit RangesReader(NetworkLists& lists) : lists_(lists) {}

    [[nodiscard]] std::size_t odd() const { return odd_; }

    // What RapidJSON calls; false ends the reading.
    bool Key(const char* name, rapidjson::SizeType size, bool /*copied*/) {
        key_.assign(name, size);
        return true;
    }
    bool String(const char* value, rapidjson::SizeType size, bool /*copied*/) {
        const std::string_view text(value, size);
        if (key_ == "ip_prefix" || key_ == "ipv6_prefix")
            network_ = text;
        else if (key_ == "service")
            offer_.service = text;
        else if (key_ == "region")
            offer_.region = text;
        return true;
    }
    bool StartObject() {
        network_.clear();
        offer_ = {};
        return ++depth_ <= deepest;
    }
    bool EndObject(rapidjson::SizeType /*members*/) {
        --depth_;
        if (!network_.empty())
            take();
        network_.clear(); // the object around it has none
        return true;
    }
    bool StartArray() { return ++depth_ <= deepest; }
    bool EndArray(rapidjson::SizeType /*elements*/) {
        --depth_;
        return true;
    }

  private:
    static constexpr int deepest = 8;

    void take() {
        const auto network = parse_network(network_);
        if (!network || offer_.service.empty()) {
            ++odd_;
            return;
        }
        lists_.ranges_.add(*network, static_cast<NetworkMap::Item>(lists_.offers_.size()),
                           rank_of(offer_.service));
        lists_.offers_.push_back(std::move(offer_));
    }

    NetworkLists& lists_;
    std::string key_;
    std::string network_;
    Offer offer_;
    std::size_t odd_ = 0; // objects with a network that is none, or without a service
    int depth_ = 0;
};

std::string NetworkLists::take(std::string_view text) {
    return is_json(text) ? take_ranges(text) : take_lines(text);
}

std::string NetworkLists::take_lines(std::string_view text) {
    std::size_t odd = 0;
    std::size_t first_odd = 0;
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = take_line(text);
        line = trimmed(line.substr(0, line.find('#')));
        if (line.empty())
            continue;
        const std::size_t end = std::min(line.find_first_of(blanks), line.size());
        const auto network = parse_network(line.substr(0, end));
        const std::string_view name = trimmed(line.substr(end));
        if (!network || name.empty()) {
            first_odd = odd++ == 0 ? number : first_odd;
            continue;
        }
        by_name_.add(*network, static_cast<NetworkMap::Item>(names_.size()));
        names_.emplace_back(name);
    }
    if (odd == 0)
        return {};
    return "line " + std::to_string(first_odd) + " is no network and its name" +
           (odd == 1   ? ""
            : odd == 2 ? ", nor is another one"
                       : ", nor are " + std::to_string(odd - 1) + " more");
}

std::string NetworkLists::take_ranges(std::string_view text) {
    RangesReader handler(*this);
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    const auto result = reader.Parse<rapidjson::kParseIterativeFlag>(stream, handler);
    if (result.IsError())
        return std::string("it is no ip-ranges.json from byte ") + std::to_string(result.Offset()) +
               " on (" + rapidjson::GetParseError_En(result.Code()) + ")";
    if (handler.odd() != 0)
        return std::to_string(handler.odd()) + " of its prefixes are no networks with a service";
    return {};
}

void NetworkLists::finish() {
    by_name_.finish();
    ranges_.finish();
}

Who::Range NetworkLists::range(const Address& address) const {
    const auto item = ranges_.find(address);
    return item ? Who::Range{offers_[*item].service, offers_[*item].region} : Who::Range{};
}

std::string_view NetworkLists::name(const Address& address) const {
    const auto item = by_name_.find(address);
    return item ? std::string_view(names_[*item]) : std::string_view{};
}

} // namespace natstat
