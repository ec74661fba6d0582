// About the server itself, open to anybody and without tenant data: /metrics (Prometheus text format 0.0.4),
// /healthz (the process answers), /readyz (it takes data).
#pragma once

#include <string>
#include <string_view>

#include "api/router.h"

namespace sentinella::api::self {

Result<Reply> metrics(RequestContext& call);
Result<Reply> healthz(RequestContext& call);
Result<Reply> readyz(RequestContext& call);

/// What /proc/self/statm and /proc/self/stat say; zero where the text is not as expected.
struct ProcessFigures {
  double resident_bytes = 0;
  double cpu_seconds = 0;
};
ProcessFigures parse_process_figures(std::string_view statm, std::string_view stat, double page_bytes,
                                     double ticks_per_second);

}  // namespace sentinella::api::self
