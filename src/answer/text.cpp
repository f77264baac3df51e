// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The room that asks has made it.
#include "natstat/answer/text.hpp"

#include "natstat/print/output.hpp"

#include <unistd.h>

namespace natstat {

Answer text(TextRequest request, const Complain&) {
    Output output(STDOUT_FILENO, "standard output");
    output.put(request.text);
    output.flush();
    return {};
}

} // namespace natstat
