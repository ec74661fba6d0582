#include "api/native/render.h"

#include <array>
#include <utility>

#include "api/native/typed_event.h"
#include "model/trait_types.h"

namespace sentinella::api::native {
namespace {

void write_flags(JsonWriter& json, std::uint32_t flags) {
  static constexpr std::array<std::pair<std::uint32_t, std::string_view>, 6> kNames{
      {{LogRecord::kUnparsed, "unparsed"},
       {LogRecord::kTimeAssumed, "time_assumed"},
       {LogRecord::kTruncated, "truncated"},
       {LogRecord::kJoined, "joined"},
       {LogRecord::kHistory, "history"},
       {LogRecord::kMasked, "masked"}}};
  json.key("flags").array();
  for (const auto& [flag, name] : kNames)
    if ((flags & flag) != 0) json.value(name);
  json.end();
}

/// What is unknown is left out.
void write_http(JsonWriter& json, const std::optional<HttpAccess>& http) {
  if (!http) return;
  json.key("http").object();
  json.field("client", http->client).field("method", http->method).field("path", http->path);
  if (http->status != 0) json.field("status", http->status);
  if (http->bytes >= 0) json.field("bytes", http->bytes);
  if (http->duration) json.field("duration_seconds", static_cast<double>(http->duration->count()) / 1e9);
  json.end();
}

}  // namespace

std::string_view shorten(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text;
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xc0) == 0x80) --max;
  return text.substr(0, max);
}

void write_event(JsonWriter& json, const Event& event, TraitValues values) {
  json.object();
  write_event_fields(json, event, values);
  json.end();
}

void write_event_fields(JsonWriter& json, const Event& event, TraitValues values) {
  json.field("id", event.id)
      .field("type", event.type)
      .field("time", event.time)
      .field("host", event.host)
      .field("service", event.service)
      .field("summary", event.summary)
      .field("origin", event.origin);
  json.key("traits").object();
  if (values == TraitValues::texts) {
    for (const auto& [name, value] : event.traits)
      if (name != kTraitTypes) json.field(name, value);
  } else {
    for (const TypedTrait& trait : typed_traits(event)) {
      json.key(trait.name);
      write_trait_value(json, trait);
    }
  }
  json.end();
}

void write_service(JsonWriter& json, const rules::ServiceState& state, const std::string& alert_id) {
  json.object()
      .field("host", state.host)
      .field("service", state.service)
      .field("status", rules::to_string(state.status))
      .field("since", state.since)
      .field("pid", state.pid)
      .field("processes", state.processes)
      .field("restarts_in_hour", state.restarts_in_hour)
      .field("detail", state.detail)
      .field("log_problem", state.log_problem);
  json.key("alert_id");
  if (alert_id.empty())
    json.null();
  else
    json.value(alert_id);
  json.end();
}

void write_log(JsonWriter& json, const logs::StoredRecord& stored, std::size_t max_text) {
  json.object();
  write_log_fields(json, stored, max_text);
  json.end();
}

void write_log_fields(JsonWriter& json, const logs::StoredRecord& stored, std::size_t max_text) {
  const LogRecord& record = stored.record;
  json.field("id", to_text(stored.id))
      .field("time", record.time)
      .field("host", record.host)
      .field("service", record.service)
      .field("source", record.source)
      .field("component", record.component)
      .field("severity", to_string(record.severity))
      .field("pid", record.pid)
      .field("request_id", record.request_id)
      .field("global_request_id", record.global_request_id)
      .field("user_id", record.user_id)
      .field("project_id", record.project_id)
      .field("domain_id", record.domain_id)
      .field("instance", record.instance)
      .field("message", shorten(record.message, max_text))
      .field("traceback", shorten(record.traceback, max_text))
      .field("raw", shorten(record.raw, max_text))
      .field("template_id", fmt::format("{:016x}", record.template_id));
  write_flags(json, record.flags);
  write_http(json, record.http);
  if (record.raw.size() > max_text) json.field("shortened", true);
}

void write_time_or_null(JsonWriter& json, std::string_view name, Time time) {
  json.key(name);
  if (time == Time{})
    json.null();
  else
    json.value(time);
}

void write_labels(JsonWriter& json, const Labels& labels) {
  json.object();
  for (const auto& [name, value] : labels) json.field(name, value);
  json.end();
}

void write_delivery(JsonWriter& json, const catalog::OutboxEntry& entry, const std::string& channel) {
  json.object()
      .field("id", entry.delivery_id)
      .field("channel_id", entry.channel_id)
      .field("channel", channel)
      .field("alert_id", entry.alert_id)
      .field("transition", entry.transition)
      .field("state", entry.state)
      .field("attempts", entry.attempts)
      .field("created", entry.created)
      .key("delivered");
  if (entry.delivered)
    json.value(*entry.delivered);
  else
    json.null();
  json.field("last_error", entry.last_error).end();
}

std::string event_json(const Event& event) {
  JsonWriter json;
  write_event(json, event);
  return json.take();
}

std::string service_json(const rules::ServiceState& state) {
  JsonWriter json;
  write_service(json, state, "");
  return json.take();
}

std::string node_state_json(const rules::NodeState& state) {
  JsonWriter json;
  json.object()
      .field("host", state.host)
      .field("status", rules::to_string(state.status))
      .field("since", state.since)
      .field("last_seen", state.last_seen)
      .end();
  return json.take();
}

}  // namespace sentinella::api::native
