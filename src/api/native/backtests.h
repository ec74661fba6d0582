// What rules would have said in the past, one text beside another.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/json.h"
#include "rules/backtest.h"

namespace sentinella::api::native {

struct BacktestPair {
  std::optional<std::vector<rules::Rule>> fresh, old;
};
/// {"from","to","new","old","only_new","only_old"} over the last `span`, of what is there of the two. Errors
/// as rules::backtest().
Result<std::string> compare(const RequestContext& call, const BacktestPair& pair, Duration span,
                            Duration patience);

/// "backtest" of an answer to a rule that was saved: over 30 days, or where to ask for it when that takes too
/// long to wait for.
void write_backtest_at_save(JsonWriter& json, const RequestContext& call, const std::string& id,
                            BacktestPair pair);

}  // namespace sentinella::api::native
