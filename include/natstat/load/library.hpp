// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A shared library that most answers do without, and that would cost each start its own loading and
// that of all that it needs. It is loaded when it is asked for (dlopen(3)), and only then has to be
// there. What a program may load stands in notes of its ELF file, which packagers and tools for
// images read (https://uapi-group.org/specifications/specs/elf_dlopen_metadata/).
#pragma once

#include <initializer_list>

namespace natstat {

class Library {
  public:
    /// The first of these names that is there, for example {"libz.so.1"}: names that a library has
    /// in different distributions. Throws Failure with the reason when none is. It stays as long as
    /// the program, because what it has started itself would not outlive it.
    Library(std::initializer_list<const char*> names);

    /// The address of a function, as the type that a header has for it:
    ///
    ///     decltype(&zlibVersion) version = library["zlibVersion"];
    class Symbol {
      public:
        template <typename Function>
        // NOLINTNEXTLINE(google-explicit-constructor): it is what it is assigned to.
        operator Function*() const {
            return reinterpret_cast<Function*>(address_);
        }

      private:
        friend class Library;
        explicit Symbol(void* address) : address_(address) {}
        void* address_;
    };

    /// Throws Failure when the library has no such function.
    [[nodiscard]] Symbol operator[](const char* name) const;

  private:
    void* handle_ = nullptr;
};

} // namespace natstat

/// The note of a library, at file scope: what it is for, how much it is missed when it is not there
/// ("required", "recommended" or "suggested"), and its names, each in quotation marks with commas
/// between. DESCRIPTION and NAMES are string literals, as JSON has them.
#define NATSTAT_LOADS(feature, description, priority, names)                                       \
    __asm__(".pushsection .note.dlopen, \"aG\", %note, natstat_loads_" feature ", comdat\n"        \
            "  .balign 4\n"                                                                        \
            "  .long 884f - 883f\n" /* size of the name, FDO */                                    \
            "  .long 886f - 885f\n" /* size of the text */                                         \
            "  .long 0x407c0c0a\n"  /* the type of such a note */                                  \
            "883: .asciz \"FDO\"\n"                                                                \
            "884: .balign 4\n"                                                                     \
            "885: .asciz \"[{\\\"feature\\\":\\\"" feature                                         \
            "\\\",\\\"description\\\":\\\"" description "\\\",\\\"priority\\\":\\\"" priority      \
            "\\\",\\\"soname\\\":[" names "]}]\"\n"                                                \
            "886: .balign 4\n"                                                                     \
            ".popsection\n")
