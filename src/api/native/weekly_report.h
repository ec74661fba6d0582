// The week by team: which rules were worth their noise. Shown, and sent to those who own the rules.
#pragma once

#include "api/context.h"

namespace sentinella::api::native {

/// Of every account whose settings name a day and hour for it (notify/policy.h) that has come since the last
/// report; once for each, whatever becomes of the process. What fails is logged. Call it every minute or so.
void send_due_reports(const Context& server);

}  // namespace sentinella::api::native
