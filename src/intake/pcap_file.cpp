// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The one libpcap of the program. Its second name is Debian's.
#include "pcap_file.hpp"

NATSTAT_LOADS("recordings", "Recordings are read and written", "recommended",
              "\\\"libpcap.so.1\\\",\\\"libpcap.so.0.8\\\"");

namespace natstat {

const Pcap& libpcap() {
    static const Pcap loaded;
    return loaded;
}

} // namespace natstat
