// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One <flow> element of conntrack's XML into one event. Private to the room
// intake.
#pragma once

#include "natstat/model/source.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace natstat {

class XmlFlow {
  public:
    XmlFlow();
    XmlFlow(const XmlFlow&) = delete;
    XmlFlow& operator=(const XmlFlow&) = delete;
    ~XmlFlow();

    /// Takes an element from "<flow" to "</flow>" and appends to `batch` the
    /// event that it is. The answer says what is wrong, empty for nothing; then
    /// nothing was appended. Elements that are not known are passed over.
    ///
    /// Some things conntrack's XML does not say: the id, type and code of ICMP,
    /// and the state of SCTP where TCP has one of that name with another number:
    /// libnetfilter_conntrack prints TCP's names for every protocol.
    [[nodiscard]] std::string take(std::string_view element, Batch& batch);

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

} // namespace natstat
