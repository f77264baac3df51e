// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// libnetfilter_conntrack knows where the file is and how it is written, as iptables and conntrack
// do by it.
#include "natstat/intake/label_names.hpp"

#include <memory>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

namespace natstat {

LabelNames label_names(const char* path) {
    LabelNames names;
    const std::unique_ptr<nfct_labelmap, decltype(&nfct_labelmap_destroy)> map(
        nfct_labelmap_new(path), &nfct_labelmap_destroy);
    if (!map)
        return names;
    constexpr unsigned bits = 8 * std::tuple_size_v<decltype(Extras::labels)>;
    for (unsigned bit = 0; bit < bits; ++bit) {
        const char* const name = nfct_labelmap_get_name(map.get(), bit);
        if (name == nullptr || *name == '\0')
            continue;
        names.resize(bit + 1);
        names[bit] = name;
    }
    return names;
}

} // namespace natstat
