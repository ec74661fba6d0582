#include "api/log_parameters.h"

#include "codec/log_zone.h"

namespace sentinella::api {

Result<LogBatch::Options> log_batch_options(const RequestContext& call, LogDoor door) {
  LogBatch::Options options{.account = call.caller.account, .door = door};
  if (const auto zone = net::query_parameter(call.request, "zone"); zone && !zone->empty()) {
    SENT_TRY_ASSIGN(options.zone, codec::parse_log_zone(*zone));
  }
  return options;
}

}  // namespace sentinella::api
