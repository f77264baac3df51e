// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a printer prints, as a string: through a real Output into a file in memory.
#pragma once

#include "natstat/print/printer.hpp"

#include "make_flow.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <initializer_list>

namespace natstat::test {

/// A file in memory and what is in it.
class MemoryFile {
  public:
    MemoryFile() : descriptor_(memfd_create("natstat-test", MFD_CLOEXEC)) {
        if (descriptor_ < 0)
            throw std::runtime_error("memfd_create failed");
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() { close(descriptor_); }

    [[nodiscard]] int fd() const { return descriptor_; }
    [[nodiscard]] std::string text() const {
        std::string all;
        char piece[65536];
        for (ssize_t got = 0;
             (got = pread(descriptor_, piece, sizeof piece, static_cast<off_t>(all.size()))) > 0;)
            all.append(piece, static_cast<std::size_t>(got));
        return all;
    }

  private:
    int descriptor_;
};

/// The columns of this list, each as it is by itself.
inline Layout layout_of(std::string_view names) {
    return std::get<Layout>(parse_columns(names, {}));
}

/// All that the printer of a format prints for these rows, with the widths of the layout as given.
inline std::string printed(Format format, const Layout& layout, std::initializer_list<Scene> scenes,
                           const PrintStyle& style = {}) {
    MemoryFile file;
    Output output(file.fd(), "memory");
    const auto printer = make_printer(format, layout, style, output);
    printer->begin();
    for (const Scene& scene : scenes)
        printer->row(scene.row());
    printer->end();
    output.flush();
    return file.text();
}

} // namespace natstat::test
