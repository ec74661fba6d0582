// The dead man's switch: a receiver outside that raises an alarm when we fall silent. It is pinged as long as
// alerts are evaluated, and hears of no alert. Settings: url (a secret: whoever has it can keep the alarm
// quiet); timeout_seconds.
#pragma once

#include <memory>
#include <string_view>

#include "notify/channel.h"

namespace sentinella::notify {

inline constexpr std::string_view kHeartbeatKind = "heartbeat";
Result<std::unique_ptr<Channel>> make_heartbeat(std::string_view settings);

}  // namespace sentinella::notify
