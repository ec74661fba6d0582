// One event as a row's value (format: docs/formats/events.md).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/event.h"

namespace sentinella::events {

std::string encode_event_row(const Event& event);
/// kCorrupt.
Result<Event> decode_event_row(std::string_view row);

}  // namespace sentinella::events
