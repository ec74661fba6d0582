// Slack's incoming webhooks (https://api.slack.com/messaging/webhooks). Settings: url (a secret: whoever has
// it may post); timeout_seconds (1 to 60, default 10); title and text (notify/words.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "notify/channel.h"
#include "notify/words.h"

namespace sentinella::notify {

Result<std::unique_ptr<Channel>> make_slack(std::string_view settings);
/// The JSON that is posted: a fallback text and one attachment in the severity's colour.
std::string slack_payload(const Message& message, const Words& words = {});
/// The same as fields of an open object.
void write_slack_message(JsonWriter& json, const Message& message, const Words& words);

}  // namespace sentinella::notify
