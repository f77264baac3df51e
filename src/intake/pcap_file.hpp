// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// libpcap's handle, closed with its owner.
#pragma once

#include <memory>

#include <pcap/pcap.h>

namespace natstat {

struct ClosePcap {
    void operator()(pcap_t* handle) const { pcap_close(handle); }
};
using PcapHandle = std::unique_ptr<pcap_t, ClosePcap>;

} // namespace natstat
