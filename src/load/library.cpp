// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// dlopen(3), with all of a library's own symbols found at once, so that it is whole or not there.
#include "natstat/load/library.hpp"

#include "natstat/model/source.hpp"

#include <string>

#include <dlfcn.h>

namespace natstat {

Library::Library(std::initializer_list<const char*> names) {
    std::string why;
    for (const char* name : names) {
        handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
        if (handle_ != nullptr)
            return;
        if (why.empty()) // of the name that most have
            why = dlerror();
    }
    throw Failure(why + " (install the library)");
}

Library::Symbol Library::operator[](const char* name) const {
    void* const address = dlsym(handle_, name);
    if (address == nullptr)
        throw Failure(dlerror());
    return Symbol(address);
}

} // namespace natstat
