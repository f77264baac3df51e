// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A row of plain things, for a million of them: it grows without copying and without taking twice
// the memory meanwhile, and what it takes beside them is next to nothing.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace natstat {

template <typename Thing>
class Blocks {
  public:
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] Thing& operator[](std::size_t index) {
        return (*blocks_[index / in_block])[index % in_block];
    }
    [[nodiscard]] const Thing& operator[](std::size_t index) const {
        return (*blocks_[index / in_block])[index % in_block];
    }
    [[nodiscard]] Thing& back() { return (*this)[size_ - 1]; }

    void push_back(const Thing& thing) {
        if (size_ == blocks_.size() * in_block)
            blocks_.push_back(std::make_unique<Block>());
        (*this)[size_++] = thing;
    }
    void pop_back() {
        --size_;
        // One block is kept in reserve, so that a size that changes does not ask again and again.
        while (blocks_.size() > size_ / in_block + 2)
            blocks_.pop_back();
    }
    /// More of them, as they come by themselves.
    void grow_to(std::size_t size) {
        while (size_ < size)
            push_back({});
    }

  private:
    static constexpr std::size_t in_block = 2048;
    using Block = std::array<Thing, in_block>;

    std::vector<std::unique_ptr<Block>> blocks_;
    std::size_t size_ = 0;
};

} // namespace natstat
