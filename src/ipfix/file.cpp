// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file of IPFIX is its messages, one behind the other (RFC 5655).
#include "transports.hpp"

#include "natstat/model/new_file.hpp"

#include <cerrno>

#include <unistd.h>

namespace natstat::ipfix {

namespace {

class File : public Transport {
  public:
    explicit File(const std::string& name)
        : name_(name == "-" ? "standard output" : name), file_(open_new_file(name)) {
        if (file_.get() < 0)
            fail(errno);
        if (isatty(file_.get()) != 0)
            throw Failure("cannot write IPFIX to " + name_ +
                          ": it is a terminal, and messages are no text (name a file)");
    }

    Sent send(std::span<const std::uint8_t> message) override {
        const auto* bytes = reinterpret_cast<const char*>(message.data());
        if (const int error = write_all(file_.get(), bytes, message.size(), nullptr))
            fail(error);
        return Sent::all;
    }

    [[nodiscard]] std::size_t message_limit() const override { return 16 * 1024; }

  private:
    [[noreturn]] void fail(int error) const {
        if (error == EPIPE)
            throw ClosedPipe();
        throw Failure("cannot write IPFIX to " + name_ + ": " + why_no_file(error));
    }

    std::string name_;
    Descriptor file_;
};

} // namespace

std::unique_ptr<Transport> open_file(const Destination& destination) {
    return std::make_unique<File>(destination.name);
}

} // namespace natstat::ipfix
