// Live push to browsers through a Thunderpush server (its HTTP API, version 1.0.0): every message is
// published on one of its channels, where those who have subscribed get it. Settings: url of the server;
// api_key; secret_key (a secret); channel ("alerts" when absent); timeout_seconds.
//
// POST /api/1.0.0/API_KEY/channels/CHANNEL/ with X-Thunder-Secret-Key; the body is the webhook's (webhook.h).
// The answer is {"count":receivers}; 401: the secret is wrong.
#pragma once

#include <memory>
#include <string_view>

#include "notify/channel.h"

namespace sentinella::notify {

Result<std::unique_ptr<Channel>> make_thunderpush(std::string_view settings);

}  // namespace sentinella::notify
