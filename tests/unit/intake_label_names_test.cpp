// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The names of connection labels, out of a file of the test's own.
#include "natstat/intake/label_names.hpp"

#include "tests/catch.hpp"

#include <filesystem>
#include <fstream>

#include <stdlib.h>
#include <unistd.h>

using namespace natstat;

namespace {

LabelNames names_in(const std::string& text) {
    std::string name = std::filesystem::temp_directory_path() / "natstat-test-XXXXXX";
    const int file = mkstemp(name.data());
    REQUIRE(file >= 0);
    close(file);
    std::ofstream(name) << text;
    const LabelNames names = label_names(name.c_str());
    std::filesystem::remove(name);
    return names;
}

} // namespace

TEST_CASE("label names: by their number", "[labels]") {
    const LabelNames names = names_in("# what our labels mean\n0 mail\n5\tvoice\n127 last\n");
    REQUIRE(names.size() == 128);
    CHECK(names[0] == "mail");
    CHECK(names[1].empty());
    CHECK(names[5] == "voice");
    CHECK(names[127] == "last");
}

TEST_CASE("label names: no file, none in it, none that is a label's", "[labels]") {
    CHECK(label_names("/nonexistent").empty());
    CHECK(names_in("").empty());
    CHECK(names_in("# nothing\n").empty());
    CHECK(names_in("128 beyond\n").empty());
}
