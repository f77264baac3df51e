// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a service manager is told, where natstat runs as a service of the type notify.
#pragma once

namespace natstat {

/// Says that what was asked for has begun (sd_notify(3): READY=1), to the socket that
/// $NOTIFY_SOCKET names; nothing where there is none.
void tell_service_is_ready();

} // namespace natstat
