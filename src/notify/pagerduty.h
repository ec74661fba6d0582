// PagerDuty's Events API v2 (developer.pagerduty.com, "Send an alert event"). Settings: routing_key (a
// secret); url (default https://events.pagerduty.com/v2/enqueue); timeout_seconds; title. The dedup_key is
// the alert's id, so that a retry does no harm; an acknowledgement here acknowledges there.
#pragma once

#include <memory>
#include <string_view>

#include "notify/channel.h"

namespace sentinella::notify {

Result<std::unique_ptr<Channel>> make_pagerduty(std::string_view settings);

}  // namespace sentinella::notify
