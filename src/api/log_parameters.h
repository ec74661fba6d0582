// What every HTTP door of the logs takes after '?'.
#pragma once

#include <string_view>

#include "api/log_batch.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::api {

/// Account, and the parameter `zone`.
Result<LogBatch::Options> log_batch_options(const RequestContext& call, LogDoor door);

}  // namespace sentinella::api
