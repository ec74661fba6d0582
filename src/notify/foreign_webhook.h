// Webhooks in other programs' forms, for receivers written for those: Alertmanager's (version 4), Monasca's
// (monasca-notification) and Aodh's (Heat's signed addresses among them). Settings: url (Aodh's is a secret);
// bearer_token (a secret); timeout_seconds; pinned_sha256.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "notify/channel.h"

namespace sentinella::notify {

std::string alertmanager_body(const Message& message);
/// state and old_state: OK, ALARM, UNDETERMINED (nothing is known any more).
std::string monasca_body(const Message& message);
/// previous and current: ok, alarm, insufficient data.
std::string aodh_body(const Message& message);

Result<std::unique_ptr<Channel>> make_alertmanager_webhook(std::string_view settings);
Result<std::unique_ptr<Channel>> make_monasca_webhook(std::string_view settings);
Result<std::unique_ptr<Channel>> make_aodh_webhook(std::string_view settings);

}  // namespace sentinella::notify
