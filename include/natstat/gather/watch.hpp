// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The evidence of a diagnosis: of the kernel one watch, whose end is one list; of a file what it
// amounts to.
#pragma once

#include "natstat/ask/request.hpp"
#include "natstat/diagnose/ailment.hpp"
#include "natstat/gather/list_end.hpp"

namespace natstat {

/// What was looked at. It stays where it is: its parts refer to each other.
struct Sight {
    Surroundings around;
    Watch watch{around};
    Evidence evidence{watch};
    ListEnd end;

    Sight() = default;
    Sight(const Sight&) = delete;
    Sight& operator=(const Sight&) = delete;
    ~Sight() = default;
};

/// Fills `sight` as the request wants; what its filter asks `who` for is known to that. `complain`
/// hears at once what leaves it doubtful. Throws Failure.
void look(const DiagnoseRequest& request, const Who* who, Sight& sight, const Complain& complain);

} // namespace natstat
