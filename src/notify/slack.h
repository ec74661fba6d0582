// Slack's incoming webhooks (https://api.slack.com/messaging/webhooks). Settings: url (a secret: whoever has
// it may post); timeout_seconds (1 to 60, default 10).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "notify/channel.h"

namespace sentinella::notify {

Result<std::unique_ptr<Channel>> make_slack(std::string_view settings);
/// The JSON that is posted: a fallback text and one attachment in the severity's colour.
std::string slack_payload(const Message& message);

}  // namespace sentinella::notify
