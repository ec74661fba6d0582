// Alertmanager's webhook format (version 4), for receivers written for it. Settings: url; bearer_token (a
// secret); timeout_seconds; pinned_sha256.
#pragma once

#include <memory>
#include <string_view>

#include "notify/channel.h"

namespace sentinella::notify {

Result<std::unique_ptr<Channel>> make_alertmanager_webhook(std::string_view settings);

}  // namespace sentinella::notify
