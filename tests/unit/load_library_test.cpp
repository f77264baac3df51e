// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "natstat/load/library.hpp"

#include "natstat/model/source.hpp"

#include "tests/catch.hpp"

#include <cmath>

using namespace natstat;
using Catch::Contains;
using Catch::StartsWith;

TEST_CASE("load: the first name of a library that is there is taken", "[load]") {
    const Library library({"libnatstat-none.so.9", "libm.so.6"});
    double (*root)(double) = library["sqrt"];
    CHECK(root(49.0) == 7.0);
}

TEST_CASE("load: what is not there is said", "[load]") {
    CHECK_THROWS_WITH(Library({"libnatstat-none.so.9", "libnatstat-none.so.8"}),
                      StartsWith("libnatstat-none.so.9: ") && Contains("install the library"));
    const Library library({"libm.so.6"});
    CHECK_THROWS_AS(library["natstat_none"], Failure);
}
