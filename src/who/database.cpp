// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// libmaxminddb maps the file, and a file that is cut short under it would end the program. So the
// file is copied into memory of its own (memfd_create(2)), and that is mapped.
#include "database.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

namespace natstat {

namespace {

/// Larger than any that there is.
constexpr off_t most_bytes = off_t{2} << 30;

// Where a record may have a field, in the order in which it is looked for: MaxMind's and DB-IP's
// own names, then those of flat records.
constexpr const char* organization[] = {"autonomous_system_organization", nullptr};
constexpr const char* as_name[] = {"as_name", nullptr};
constexpr const char* system_number[] = {"autonomous_system_number", nullptr};
constexpr const char* asn[] = {"asn", nullptr};
constexpr const char* iso_code[] = {"country", "iso_code", nullptr};
constexpr const char* country_code[] = {"country_code", nullptr};
constexpr const char* country[] = {"country", nullptr};
constexpr struct {
    Database::Field field;
    const char* const* path;
} known_paths[] = {
    {Database::Field::owner, organization},      {Database::Field::owner, as_name},
    {Database::Field::as_number, system_number}, {Database::Field::as_number, asn},
    {Database::Field::country, iso_code},        {Database::Field::country, country_code},
    {Database::Field::country, country},
};

std::size_t index_of(Database::Field field) {
    return static_cast<std::size_t>(field);
}

struct File {
    int descriptor;

    explicit File(int number) : descriptor(number) {
        if (descriptor < 0)
            throw Failure(std::strerror(errno));
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { close(descriptor); }
};

void copy(const File& from, const File& to) {
    struct stat about {};
    if (fstat(from.descriptor, &about) != 0)
        throw Failure(std::strerror(errno));
    if (!S_ISREG(about.st_mode))
        throw Failure("it is no file");
    if (about.st_size > most_bytes)
        throw Failure("it is larger than 2 GiB");
    for (off_t left = about.st_size; left > 0;) {
        const ssize_t sent =
            sendfile(to.descriptor, from.descriptor, nullptr, static_cast<std::size_t>(left));
        if (sent < 0)
            throw Failure(std::strerror(errno));
        if (sent == 0)
            break; // it has become shorter
        left -= sent;
    }
}

sockaddr_storage socket_address(const Address& address) {
    sockaddr_storage storage{};
    if (address.family == Family::ipv4) {
        sockaddr_in four{};
        four.sin_family = AF_INET;
        std::memcpy(&four.sin_addr, address.bytes.data(), sizeof four.sin_addr);
        std::memcpy(&storage, &four, sizeof four);
    } else {
        sockaddr_in6 six{};
        six.sin6_family = AF_INET6;
        std::memcpy(&six.sin6_addr, address.bytes.data(), sizeof six.sin6_addr);
        std::memcpy(&storage, &six, sizeof six);
    }
    return storage;
}

std::string_view text_of(const MMDB_entry_data_s& data) {
    if (data.type != MMDB_DATA_TYPE_UTF8_STRING)
        return {};
    return {data.utf8_string, data.data_size};
}

bool is_number(const MMDB_entry_data_s& data) {
    return data.type == MMDB_DATA_TYPE_UINT16 || data.type == MMDB_DATA_TYPE_UINT32 ||
           data.type == MMDB_DATA_TYPE_UINT64;
}

} // namespace

Database::Database(const std::string& path) {
    const MaxMind& library = maxmind();
    const File from(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    const File copied(memfd_create("natstat-database", MFD_CLOEXEC));
    copy(from, copied);
    auto opened = std::make_unique<MMDB_s>();
    const std::string name = "/proc/self/fd/" + std::to_string(copied.descriptor);
    if (const int error = library.open(name.c_str(), MMDB_MODE_MMAP, opened.get());
        error != MMDB_SUCCESS)
        throw Failure(error == MMDB_FILE_OPEN_ERROR || error == MMDB_IO_ERROR
                          ? std::strerror(errno)
                          : library.error_text(error));
    database_.reset(opened.release());
    look_at_records();
}

void Database::Close::operator()(MMDB_s* database) const {
    maxmind().close(database);
    delete database;
}

bool Database::has(Field field) const {
    return paths_[index_of(field)] != nullptr;
}

Time Database::built() const {
    constexpr std::uint64_t most = 4'102'444'800; // the year 2100
    return Time{std::chrono::seconds(std::min(database_->metadata.build_epoch, most))};
}

std::string_view Database::type() const {
    const char* const type = database_->metadata.database_type;
    return type == nullptr ? std::string_view{} : type;
}

/// The first records of its tree, from the left: that of an odd database can have circles.
void Database::look_at_records() {
    constexpr unsigned most_nodes = 4096;
    constexpr unsigned most_records = 64;
    std::vector<std::uint64_t> nodes{0};
    unsigned records = 0;
    for (unsigned seen = 0; seen < most_nodes && records < most_records && !nodes.empty(); ++seen) {
        MMDB_search_node_s node{};
        const auto number = static_cast<std::uint32_t>(nodes.back());
        nodes.pop_back();
        if (maxmind().read_node(database_.get(), number, &node) != MMDB_SUCCESS)
            continue;
        const auto look = [&](std::uint8_t type, std::uint64_t record, const MMDB_entry_s& entry) {
            if (type == MMDB_RECORD_TYPE_SEARCH_NODE)
                nodes.push_back(record);
            if (type == MMDB_RECORD_TYPE_DATA && ++records <= most_records)
                look_at_record(entry);
        };
        look(node.right_record_type, node.right_record, node.right_record_entry);
        look(node.left_record_type, node.left_record, node.left_record_entry);
    }
}

void Database::look_at_record(MMDB_entry_s entry) {
    for (const auto& known : known_paths)
        if (!has(known.field) && value(known.path, entry))
            paths_[index_of(known.field)] = known.path;
}

std::optional<MMDB_entry_data_s> Database::value(Path path, MMDB_entry_s entry) const {
    MMDB_entry_data_s data{};
    if (maxmind().value(&entry, &data, path) != MMDB_SUCCESS || !data.has_data)
        return std::nullopt;
    return is_number(data) || !text_of(data).empty() ? std::optional(data) : std::nullopt;
}

std::optional<MMDB_entry_data_s> Database::value(Field field, const Address& address) const {
    const Path path = paths_[index_of(field)];
    if (path == nullptr || address.family == Family::none)
        return std::nullopt;
    const sockaddr_storage storage = socket_address(address);
    int error = MMDB_SUCCESS;
    const MMDB_lookup_result_s found =
        maxmind().lookup(database_.get(), reinterpret_cast<const sockaddr*>(&storage), &error);
    if (error != MMDB_SUCCESS || !found.found_entry)
        return std::nullopt;
    return value(path, found.entry);
}

std::string_view Database::text(Field field, const Address& address) const {
    const auto data = value(field, address);
    return data ? text_of(*data) : std::string_view{};
}

std::optional<std::uint32_t> Database::as_number(const Address& address) const {
    const auto data = value(Field::as_number, address);
    if (!data)
        return std::nullopt;
    switch (data->type) {
    case MMDB_DATA_TYPE_UINT16:
        return data->uint16;
    case MMDB_DATA_TYPE_UINT32:
        return data->uint32;
    case MMDB_DATA_TYPE_UINT64:
        return static_cast<std::uint32_t>(data->uint64);
    default:
        break;
    }
    std::string_view text = text_of(*data);
    if (text.starts_with("AS"))
        text.remove_prefix(2);
    std::uint32_t result = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), result);
    return wrong == std::errc{} && end == text.data() + text.size() ? std::optional(result)
                                                                    : std::nullopt;
}

} // namespace natstat
