// Some of the records of a block, one bit each.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace sentinella::logs {

class Selection {
 public:
  explicit Selection(std::size_t size = 0, bool all = false)
      : words_((size + 63) / 64, all ? ~0ull : 0), size_(size) {
    if (all && size % 64 != 0) words_.back() = (1ull << size % 64) - 1;
  }
  std::size_t size() const { return size_; }
  bool has(std::size_t i) const { return (words_[i / 64] >> i % 64 & 1) != 0; }
  void add(std::size_t i) { words_[i / 64] |= 1ull << i % 64; }
  void add(const Selection& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  void keep(const Selection& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  }
  void remove(const Selection& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
  }
  bool empty() const {
    for (const std::uint64_t word : words_)
      if (word != 0) return false;
    return true;
  }
  std::size_t count() const {
    std::size_t bits = 0;
    for (const std::uint64_t word : words_) bits += static_cast<std::size_t>(std::popcount(word));
    return bits;
  }
  template <typename Visit>
  void each(Visit&& visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w)
      for (std::uint64_t word = words_[w]; word != 0; word &= word - 1)
        visit(w * 64 + static_cast<std::size_t>(std::countr_zero(word)));
  }
  template <typename Keep>
  Selection where(Keep&& keep) const {
    Selection kept(size_);
    each([&](std::size_t i) {
      if (keep(i)) kept.add(i);
    });
    return kept;
  }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_;
};

}  // namespace sentinella::logs
