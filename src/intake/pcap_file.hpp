// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The part of libpcap that knows files. It brings the libraries of every device along that it can
// capture from, so it is loaded with the first recording.
#pragma once

#include "natstat/load/library.hpp"

#include <memory>

#include <pcap/pcap.h>

namespace natstat {

class Pcap {
    Library library_{"libpcap.so.1", "libpcap.so.0.8"};

  public:
    decltype(&pcap_fopen_offline_with_tstamp_precision) open_offline =
        library_["pcap_fopen_offline_with_tstamp_precision"];
    decltype(&pcap_open_dead_with_tstamp_precision) open_dead =
        library_["pcap_open_dead_with_tstamp_precision"];
    decltype(&pcap_datalink) datalink = library_["pcap_datalink"];
    decltype(&pcap_datalink_val_to_name) datalink_name = library_["pcap_datalink_val_to_name"];
    decltype(&pcap_next_ex) next = library_["pcap_next_ex"];
    decltype(&pcap_geterr) error_of = library_["pcap_geterr"];
    decltype(&pcap_close) close = library_["pcap_close"];
    decltype(&pcap_dump_fopen) dump_open = library_["pcap_dump_fopen"];
    decltype(&pcap_dump) dump = library_["pcap_dump"];
    decltype(&pcap_dump_flush) dump_flush = library_["pcap_dump_flush"];
    decltype(&pcap_dump_close) dump_close = library_["pcap_dump_close"];
};

/// Throws Failure, with the reason alone, when the library is not there.
[[nodiscard]] const Pcap& libpcap();

struct ClosePcap {
    void operator()(pcap_t* handle) const { libpcap().close(handle); }
};
using PcapHandle = std::unique_ptr<pcap_t, ClosePcap>;

struct CloseDumper {
    void operator()(pcap_dumper_t* dumper) const { libpcap().dump_close(dumper); }
};
using PcapDumper = std::unique_ptr<pcap_dumper_t, CloseDumper>;

} // namespace natstat
