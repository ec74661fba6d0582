// One alert as Prometheus posts it, as a signal.
#pragma once

#include "base/json.h"
#include "model/alert.h"

namespace sentinella::api::alertmanager {

inline constexpr Duration kResolveTimeout = std::chrono::minutes(5);

/// Identity is the whole set of labels. kInvalid names the field: no labels, a label that is no text, times.
Result<Signal> read_posted(const boost::json::value& posted, AccountId account, Time now);

}  // namespace sentinella::api::alertmanager
