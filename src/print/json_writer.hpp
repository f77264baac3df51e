// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// RapidJSON's streaming writer on an output buffer.
#pragma once

#include "natstat/print/output.hpp"

#include <rapidjson/writer.h>

namespace natstat {

/// RapidJSON's idea of an output stream.
struct JsonStream {
    using Ch = char;
    Output& output;
    void Put(char c) { output.put(c); }
    void Flush() {}
};

/// RapidJSON asks for room once for each value, and finds these by their argument; its own would
/// ask for each character.
inline void PutReserve(JsonStream& stream, std::size_t size) { stream.output.reserve(size); }
inline void PutUnsafe(JsonStream& stream, char c) { stream.output.put_reserved(c); }

using JsonWriter = rapidjson::Writer<JsonStream>;

} // namespace natstat
