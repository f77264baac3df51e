// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The one thing that natstat ever changes: it ends a flow that its user chose and confirmed.
#pragma once

#include "natstat/model/flow.hpp"

namespace natstat {

/// Asks the kernel to delete exactly this flow: its original tuple, zone and id. Gives 0, or the
/// kernel's error number: ENOENT when it is no longer there, EPERM without CAP_NET_ADMIN; and
/// EPROTONOSUPPORT, with nothing asked, when this libnetfilter_conntrack can not name a flow of the
/// protocol (1.0.8: of none without ports but ICMP). Throws Failure when the kernel can not be
/// asked.
[[nodiscard]] int remove_flow(const Flow& flow);

} // namespace natstat
