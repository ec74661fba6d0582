#include "api/routes.h"

#include "api/otlp/otlp_door.h"
#include "api/self/self_doors.h"

namespace sentinella::api {

std::vector<Route> all_routes() {
  using enum Access;
  return {
      {"POST", "/otlp/v1/metrics", sender, &otlp::accept_metrics},
      {"POST", "/otlp/v1/logs", sender, &otlp::accept_logs},
      {"GET", "/metrics", open, &self::metrics},
      {"GET", "/healthz", open, &self::healthz},
      {"GET", "/readyz", open, &self::readyz},
  };
}

}  // namespace sentinella::api
