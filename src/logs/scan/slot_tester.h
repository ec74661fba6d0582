// Answers what shape_ways.h asks of slots, a column at a time.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logs/block/log_block.h"
#include "logs/scan/number_text.h"
#include "logs/scan/shape_ways.h"

namespace sentinella::logs {

/// Of one block, for one search; decodes a section when it is first needed. Not thread-safe.
class SlotTester {
 public:
  explicit SlotTester(const LogBlock& block) : block_(block) {}

  /// Leaves of `ordinals` those whose lines answer. `rows`: the records of the shape's lines, by ordinal.
  Result<void> keep(const SlotAsk& ask, std::span<const std::uint32_t> rows,
                    std::vector<std::uint32_t>& ordinals);

 private:
  /// Which entries of a dictionary answer.
  struct Entries {
    std::vector<std::uint8_t> answer;
    bool any = false;
  };
  using Key = std::pair<std::string_view, std::pair<SlotAsk::Kind, std::uint8_t>>;

  Result<const Entries*> words(const SlotAsk& ask);
  Result<const Entries*> ids(const SlotAsk& ask, bool dashed);
  const NumberText& number(std::string_view digits);
  Result<void> keep_entries(const SlotPlace& slot, const Entries& entries,
                            std::vector<std::uint32_t>& ordinals) const;
  Result<void> keep_numbers(const SlotAsk& ask, const SlotPlace& slot, std::vector<std::uint32_t>& ordinals);
  Result<void> keep_times(const SlotAsk& ask, const SlotPlace& slot, std::span<const std::uint32_t> rows,
                          std::vector<std::uint32_t>& ordinals);

  const LogBlock& block_;
  std::map<Key, Entries> words_, dashed_, plain_;
  std::map<std::string_view, NumberText> numbers_;
};

}  // namespace sentinella::logs
