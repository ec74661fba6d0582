// The traits of an event: named texts in one piece of memory, for an event of a cloud has a score of them and
// is copied, written and read many thousand times a second.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sentinella {

struct Trait {
  std::string_view name, value;
  friend bool operator==(const Trait&, const Trait&) = default;
};

/// In the order of their coming; a name may come twice. Views of them last until the next change.
class Traits {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Trait;
    using difference_type = std::ptrdiff_t;
    using pointer = const Trait*;
    using reference = const Trait&;
    Iterator() = default;
    explicit Iterator(std::string_view from) : from_(from) { read(); }
    reference operator*() const { return trait_; }
    pointer operator->() const { return &trait_; }
    Iterator& operator++() {
      from_ = next_;
      read();
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.from_.size() == b.from_.size(); }

   private:
    void read() {
      ByteReader in(from_);
      trait_.name = in.text();
      trait_.value = in.text();
      next_ = in.rest();
    }
    std::string_view from_, next_;
    Trait trait_;
  };
  using value_type = Trait;
  using iterator = Iterator;
  using const_iterator = Iterator;

  Traits() = default;
  Traits(std::initializer_list<Trait> traits);

  /// Neither may be a view of these traits.
  void add(std::string_view name, std::string_view value);
  void add(const Trait& trait) { add(trait.name, trait.value); }
  /// The value of the first of this name, or "".
  std::string_view get(std::string_view name) const;
  Iterator begin() const { return Iterator(bytes_); }
  Iterator end() const { return Iterator(std::string_view(bytes_).substr(bytes_.size())); }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

  /// Their number, then names and values in turn, each as ByteWriter::text() has it.
  void write(ByteWriter& out) const;
  /// Nothing, and in.ok() is false, when the input is not what write() wrote.
  static Traits read(ByteReader& in);
  friend bool operator==(const Traits& a, const Traits& b);

 private:
  std::string bytes_;  ///< as write() has them, without the number
  std::size_t count_ = 0;
};

}  // namespace sentinella
