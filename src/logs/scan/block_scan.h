// Which records of a block an expression wants, decoding no more of it than the answer needs. Gives exactly
// what matches() gives for each record put together.
#pragma once

#include <functional>
#include <optional>

#include "logs/block/log_block.h"
#include "logs/query/expression.h"
#include "logs/scan/selection.h"

namespace sentinella::logs {

/// For one block and one query; not thread-safe. Both must outlive it.
class BlockScan {
 public:
  BlockScan(const LogBlock& block, const Expression& expression) : block_(block), expression_(expression) {}

  /// Of the records within `range`.
  Result<Selection> run(TimeRange range);
  /// For putting the chosen records together.
  Result<RecordAssembler*> assembler();

 private:
  Result<Selection> node(std::uint32_t index, const Selection& among);
  Result<Selection> condition(const Condition& asked, const Selection& among);
  Result<Selection> by_stream(const Condition& asked, const Selection& among);
  Result<Selection> by_shape(const Selection& among, const std::function<bool(std::size_t shape)>& wanted);
  Result<Selection> by_field(const Condition& asked, Field field, const Selection& among);
  Result<Selection> by_template(const Condition& asked, const Selection& among);
  Result<Selection> by_atoms(const Pattern& pattern, const Selection& among);
  Result<Selection> by_constant_text(const Pattern& pattern, const Selection& among);
  Result<Selection> by_pattern(const Condition& asked, const Selection& among);

  const LogBlock& block_;
  const Expression& expression_;
  const ShapeTable* shapes_ = nullptr;
  const RowTable* rows_ = nullptr;
  std::optional<RecordAssembler> assembler_;
};

/// The records among `among` whose raw text contains `lower` (in lower case), case ignored.
Result<Selection> scan_text(const LogBlock& block, std::string_view lower, const Selection& among,
                            const std::function<Result<RecordAssembler*>()>& assembler);

}  // namespace sentinella::logs
