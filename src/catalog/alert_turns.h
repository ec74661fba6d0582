// When alerts began and ended, counted over a span: the strip above the list of alerts.
#pragma once

#include <vector>

#include "catalog/alerting.h"

namespace sentinella::catalog {

struct AlertTurns {
  std::size_t opened = 0, closed = 0;
};

/// How many began and ended in each of `buckets` (at least 1) equal parts of `range`, of the alerts that the
/// filter means; its page and page_size are not read. Every beginning counts, of an alert that opens again
/// too. An alert keeps its newest 100 entries of history. kInvalid as list_alerts().
Result<std::vector<AlertTurns>> alert_turns(Transaction& tx, AccountId account, const AlertFilter& filter,
                                            TimeRange range, std::size_t buckets);

}  // namespace sentinella::catalog
