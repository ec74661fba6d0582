// Which alerts a request means: the parameters that the lists of alerts have in common.
#pragma once

#include "api/parameters.h"
#include "catalog/alerting.h"

namespace sentinella::api::native {

/// status, severity, host, service, rule, environment, q, page, page_size. Without a status: all but closed
/// and expired.
Result<catalog::AlertFilter> read_alert_filter(const Query& query, std::size_t default_page_size);

}  // namespace sentinella::api::native
