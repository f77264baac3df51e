// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as a file of the NAT log: it is none, or what comes out of it is whole, all of it and
// by a look-up. It lies in a directory of its own, because SQLite opens names.
#include "natstat/log/reader.hpp"

#include "directory.hpp"
#include "input.hpp"

using namespace natstat;
using namespace natstat::fuzz;

namespace {

void read_all(Source& source) {
    Batch batch;
    Progress progress = Progress::more;
    while (progress != Progress::ended) {
        progress = source.read(batch);
        for (const Event& event : batch.events) {
            require(event.time >= Time{});
            if (event.flow.has(Part::original))
                require(event.flow.has(Part::reply) && event.flow.family != Family::none);
        }
        batch.clear();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const test::Directory directory;
    directory.write("nat-2026-03-03.db", {reinterpret_cast<const char*>(data), size});
    ListCondition condition;
    condition.status_mask = condition.status_value = status::src_nat;
    condition.reply.destination = parse_address("198.51.100.1");
    condition.reply.destination_port = 18927;
    const Time noon{std::chrono::sys_days{std::chrono::year{2026} / 3 / 3} +
                    std::chrono::hours{12}};
    try {
        read_all(*log::open_directory(directory.path(), std::nullopt));
        const auto looked_up = log::open_directory(directory.path(), log::Window{noon, noon});
        looked_up->request_list({condition});
        read_all(*looked_up);
    } catch (const Failure&) { // it can not be read
    }
    return 0;
}
