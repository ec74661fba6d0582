// Slack with a bot token (api.slack.com/methods/chat.postMessage, chat.update): one message per alert,
// changed in place as the alert changes. Settings: token (a secret); channel (its id); url (default
// https://slack.com/api); timeout_seconds; title and text (notify/words.h).
#pragma once

#include <memory>
#include <string_view>

#include "notify/channel.h"

namespace sentinella::notify {

Result<std::unique_ptr<Channel>> make_slack_bot(std::string_view settings);

}  // namespace sentinella::notify
