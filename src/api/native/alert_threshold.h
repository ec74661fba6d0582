// What an alert's number was compared with: drawn beside the number itself.
#pragma once

#include "api/context.h"
#include "base/json.h"

namespace sentinella::api::native {

/// An object as openapi.json's Threshold has it, or null: the alert's rule watches no number, is not there
/// any more, or holds back by its expression alone.
void write_threshold(JsonWriter& json, const Context& server, const Alert& alert);

}  // namespace sentinella::api::native
