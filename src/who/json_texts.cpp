// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// RapidJSON reads without recursion; the way to a value is kept as it goes.
#include "json_texts.hpp"

#include <vector>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace natstat {

namespace {

class Texts : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Texts> {
  public:
    explicit Texts(const VisitText& visit) : visit_(visit) {}

    // What RapidJSON calls; false ends the reading.
    bool Key(const char* name, rapidjson::SizeType size, bool /*copied*/) {
        names_.back().assign(name, size);
        return true;
    }
    bool String(const char* value, rapidjson::SizeType size, bool /*copied*/) {
        visit_(names_, elements_, {value, size});
        return true;
    }
    bool StartObject() {
        names_.emplace_back();
        return names_.size() <= deepest;
    }
    bool EndObject(rapidjson::SizeType /*members*/) {
        names_.pop_back();
        if (names_.empty())
            ++elements_;
        return true;
    }
    bool StartArray() { return ++arrays_ <= deepest; }
    bool EndArray(rapidjson::SizeType /*elements*/) {
        --arrays_;
        return true;
    }

  private:
    static constexpr std::size_t deepest = 32;

    const VisitText& visit_;
    std::vector<std::string> names_;
    std::size_t elements_ = 0;
    std::size_t arrays_ = 0;
};

} // namespace

bool for_each_text(std::string_view json, const VisitText& visit) {
    Texts handler(visit);
    rapidjson::MemoryStream stream(json.data(), json.size());
    rapidjson::Reader reader;
    return !reader.Parse<rapidjson::kParseIterativeFlag>(stream, handler).IsError();
}

} // namespace natstat
