// Microsoft Teams, a workflow's webhook that takes an adaptive card. Settings: url (a secret: whoever has it
// may post); timeout_seconds; title and text (notify/words.h).
#pragma once

#include <memory>
#include <string_view>

#include "notify/channel.h"

namespace sentinella::notify {

Result<std::unique_ptr<Channel>> make_teams(std::string_view settings);

}  // namespace sentinella::notify
