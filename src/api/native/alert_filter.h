// Which alerts a request means: the parameters that the lists of alerts have in common.
#pragma once

#include <string_view>
#include <vector>

#include "api/context.h"
#include "api/parameters.h"
#include "catalog/alerting.h"

namespace sentinella::api::native {

/// What read_alert_filter() takes once, and what it takes several times; a route adds its own, of a list page
/// and page_size.
inline const std::vector<std::string_view> kAlertFilters{"host",  "service", "rule", "environment",
                                                         "owner", "q",       "from", "to"};
inline const std::vector<std::string_view> kAlertFilterLists{"status", "severity"};

/// Without a status: all but closed and expired, and under the model of ISA 18.2 what waits for somebody to
/// take note although it is over. With from or to: what stood at some time between.
Result<catalog::AlertFilter> read_alert_filter(const RequestContext& call, const Query& query,
                                               std::size_t default_page_size);

}  // namespace sentinella::api::native
