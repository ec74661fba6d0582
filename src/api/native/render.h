// The nouns as the native API shows them (schemas: openapi.json). Used by the handlers and by the live
// stream.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "catalog/alerting.h"
#include "logs/log_store.h"
#include "model/account.h"
#include "model/event.h"
#include "model/labels.h"
#include "rules/live_state.h"

namespace sentinella::api::native {

/// At most `max` bytes of UTF-8, not cut inside a character.
std::string_view shorten(std::string_view text, std::size_t max);

enum class TraitValues : std::uint8_t {
  texts,
  typed,  ///< numbers are numbers
};
/// Writers append one object to `json`.
void write_event(JsonWriter& json, const Event& event, TraitValues values = TraitValues::texts);
/// The same without the braces, for objects that say more.
void write_event_fields(JsonWriter& json, const Event& event, TraitValues values = TraitValues::texts);
/// `alert_id` "" = no alert is open for it.
void write_service(JsonWriter& json, const rules::ServiceState& state, const std::string& alert_id);
/// In lists, long texts are cut at `max_text` bytes and the record says `"shortened":true`.
void write_log(JsonWriter& json, const logs::StoredRecord& stored, std::size_t max_text);
/// The same without the braces, for objects that say more.
void write_log_fields(JsonWriter& json, const logs::StoredRecord& stored, std::size_t max_text);

/// The member `name`; null for a time that never was.
void write_time_or_null(JsonWriter& json, std::string_view name, Time time);
/// One object of name and value.
void write_labels(JsonWriter& json, const Labels& labels);

/// One attempt to tell somebody; `channel` is its name.
void write_delivery(JsonWriter& json, const catalog::OutboxEntry& entry, const std::string& channel);

std::string event_json(const Event& event);
std::string service_json(const rules::ServiceState& state);
std::string node_state_json(const rules::NodeState& state);

}  // namespace sentinella::api::native
