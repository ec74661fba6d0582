// A value for each series id: an array in pages, because ids of one account lie close together.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>

#include "model/sample_block.h"

namespace sentinella::rules {

template <typename Value>
class SeriesMap {
 public:
  /// Value{} until it is assigned to.
  Value& operator[](SeriesId id) {
    const auto number = std::to_underlying(id);
    if (page_ == nullptr || number / kPage != page_number_) {
      auto& page = pages_[number / kPage];
      if (!page) page = std::make_unique<Page>();
      page_ = page.get();
      page_number_ = number / kPage;
    }
    return (*page_)[number % kPage];
  }
  void clear() {
    pages_.clear();
    page_ = nullptr;
  }

 private:
  static constexpr std::size_t kPage = 1024;
  using Page = std::array<Value, kPage>;

  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
  Page* page_ = nullptr;  ///< the last one used
  std::uint64_t page_number_ = 0;
};

}  // namespace sentinella::rules
