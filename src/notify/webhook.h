// JSON to a URL of the user's. Settings: url; secret ("" = unsigned); timeout_seconds (1 to 60, default 10);
// pinned_sha256 (hex of the receiver's certificate, instead of the system's authorities).
//
// Body: {"event":"alert.opened","seq":n,"attempt":n,"delivery_id":"...","alert":{...},"alert_url":"...",
// "playbook":"..."}. Headers: X-Sentinella-Delivery, the same on every retry; with a secret
// X-Sentinella-Signature: sha256= and the hex HMAC-SHA-256 of the body.
#pragma once

#include <memory>
#include <string_view>

#include "notify/channel.h"

namespace sentinella::notify {

std::string webhook_body(const Message& message);
Result<std::unique_ptr<Channel>> make_webhook(std::string_view settings);

}  // namespace sentinella::notify
