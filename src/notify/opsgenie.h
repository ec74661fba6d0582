// Opsgenie's Alert API (docs.opsgenie.com). Settings: api_key (a secret); url (default
// https://api.opsgenie.com); timeout_seconds; title and text. The alias is the alert's id.
#pragma once

#include <memory>
#include <string_view>

#include "notify/channel.h"

namespace sentinella::notify {

Result<std::unique_ptr<Channel>> make_opsgenie(std::string_view settings);

}  // namespace sentinella::notify
