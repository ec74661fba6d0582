// Heartbeats of other programs: each says by itself that it lives, and whoever asks sees who does not any
// more.
#include <algorithm>

#include "api/alerta/alerta_alert.h"
#include "api/alerta/alerta_door.h"
#include "api/alerta/alerta_parts.h"
#include "api/native/catalog_access.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/ids.h"
#include "base/text.h"
#include "catalog/heartbeats.h"

namespace sentinella::api::alerta {
namespace {

constexpr Duration kTimeout = std::chrono::seconds(86400);
constexpr Duration kMaxLatency = std::chrono::seconds(2);
constexpr std::size_t kMaxOrigin = 256;
constexpr std::size_t kMaxExtras = 16 << 10;  ///< tags and attributes together, bytes of JSON
constexpr double kMaxSeconds = 400.0 * 86400;

std::int64_t millis(Duration span) {
  return span / std::chrono::milliseconds(1);
}
std::int64_t seconds(Duration span) {
  return span / std::chrono::seconds(1);
}

std::string_view status_of(const catalog::Heartbeat& beat, Time now) {
  if (now - beat.received > beat.timeout) return "expired";
  return beat.received - beat.created > beat.max_latency ? "slow" : "ok";
}

void write_heartbeat(JsonWriter& json, const catalog::Heartbeat& beat, Time now) {
  json.object()
      .field("id", beat.id)
      .field("href", "/alerta/heartbeat/" + beat.id)
      .field("origin", beat.origin)
      .field("type", "Heartbeat")
      .field("createTime", alerta_time(beat.created))
      .field("receiveTime", alerta_time(beat.received))
      .field("timeout", seconds(beat.timeout))
      .field("maxLatency", millis(beat.max_latency))
      .field("latency", std::max<std::int64_t>(millis(beat.received - beat.created), 0))
      .field("since", seconds(now - beat.received))
      .field("status", status_of(beat, now))
      .key("tags")
      .raw(beat.tags)
      .key("attributes")
      .raw(beat.attributes)
      .key("customer")
      .null()
      .end();
}

Result<Duration> read_seconds(const boost::json::object& body, std::string_view name, Duration fallback,
                              Duration unit) {
  SENT_TRY_ASSIGN(const auto number, optional_number(body, name));
  if (!number) return fallback;
  const double span = *number * std::chrono::duration<double>(unit).count();
  if (!(span >= 0 && span <= kMaxSeconds)) return fail_field(Errc::kInvalid, name, "must not be negative");
  return Duration(static_cast<std::int64_t>(span * 1e9));
}

/// The JSON of a field that must be of a kind; `fallback` when it is absent.
Result<std::string> read_extras(const boost::json::object& body, std::string_view name, bool list,
                                std::string_view fallback) {
  const auto* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return std::string(fallback);
  if (list ? !value->is_array() : !value->is_object())
    return fail_field(Errc::kInvalid, name, "must be {}", list ? "a list" : "an object");
  std::string text = boost::json::serialize(*value);
  if (text.size() > kMaxExtras) return fail_field(Errc::kTooLarge, name, "over {} bytes", kMaxExtras);
  return text;
}

Result<catalog::Heartbeat> keep(RequestContext& call, const boost::json::object& body) {
  SENT_TRY_ASSIGN(auto beat, read_heartbeat(body, call.caller.account, call.server.clock.now()));
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(beat.id, catalog::put_heartbeat(tx, beat));
    return {};
  }));
  return beat;
}

Result<std::vector<catalog::Heartbeat>> all_of(const RequestContext& call) {
  return native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::list_heartbeats(tx, call.caller.account);
  });
}

}  // namespace

Result<catalog::Heartbeat> read_heartbeat(const boost::json::object& body, AccountId account, Time now) {
  catalog::Heartbeat beat;
  beat.account = account;
  beat.id = to_text(random_uuid());
  SENT_TRY_ASSIGN(const auto origin, optional_string(body, "origin"));
  if (!origin || origin->empty())
    return fail_field(Errc::kInvalid, "origin", "Missing mandatory value for \"origin\"");
  if (origin->size() > kMaxOrigin) return fail_field(Errc::kTooLarge, "origin", "over {} bytes", kMaxOrigin);
  beat.origin = to_valid_utf8(*origin);
  beat.created = beat.received = now;
  SENT_TRY_ASSIGN(const auto created, optional_string(body, "createTime"));
  if (created) {
    SENT_TRY_ASSIGN(beat.created, parse_when(*created, now, "createTime"));
  }
  SENT_TRY_ASSIGN(beat.timeout, read_seconds(body, "timeout", kTimeout, std::chrono::seconds(1)));
  SENT_TRY_ASSIGN(beat.max_latency,
                  read_seconds(body, "maxLatency", kMaxLatency, std::chrono::milliseconds(1)));
  SENT_TRY_ASSIGN(beat.tags, read_extras(body, "tags", true, "[]"));
  SENT_TRY_ASSIGN(beat.attributes, read_extras(body, "attributes", false, "{}"));
  return beat;
}

Result<Reply> post_heartbeat(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto beat, keep(call, body));
  JsonWriter json;
  json.object().field("id", beat.id).key("heartbeat");
  write_heartbeat(json, beat, call.server.clock.now());
  return ok_reply(json, 201);
}

std::optional<Result<Reply>> heartbeat_in_alert(RequestContext& call) {
  const auto body = read_body(call.request);
  const auto event = body ? optional_string(*body, "event") : Result<std::optional<std::string>>();
  if (!body || !event || *event != "Heartbeat") return std::nullopt;
  const auto beat = keep(call, *body);
  if (!beat) return std::unexpected(beat.error());
  JsonWriter json;
  json.object()
      .field("id", beat->id)
      .field("message", "the report was kept as a heartbeat of " + beat->origin);
  return ok_reply(json, 202);
}

Result<Reply> get_heartbeat(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto all, all_of(call));
  for (const catalog::Heartbeat& beat : all) {
    if (beat.id != call.path_value("id")) continue;
    JsonWriter json;
    json.object().field("total", 1).key("heartbeat");
    write_heartbeat(json, beat, call.server.clock.now());
    return ok_reply(json);
  }
  return fail(Errc::kNotFound, "no such heartbeat");
}

/// `status` (ok, slow, expired) may be repeated; other parameters that clients send are passed over.
Result<Reply> list_heartbeats(RequestContext& call) {
  const auto wanted = Query::read_any(call.request).all("status");
  SENT_TRY_ASSIGN(const auto all, all_of(call));
  const Time now = call.server.clock.now();
  std::uint64_t total = 0;
  JsonWriter json;
  json.object().key("heartbeats").array();
  for (const catalog::Heartbeat& beat : all) {
    if (!wanted.empty() && std::ranges::find(wanted, status_of(beat, now)) == wanted.end()) continue;
    write_heartbeat(json, beat, now);
    ++total;
  }
  json.end().field("total", total).field("page", 1).field("pages", 1).field("more", false);
  json.field("pageSize", total).field("time", alerta_time(now));
  if (total == 0) json.field("message", "not found");
  return ok_reply(json);
}

Result<Reply> delete_heartbeat(RequestContext& call) {
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) {
    return catalog::delete_heartbeat(tx, call.caller.account, call.path_value("id"));
  }));
  return plain_ok();
}

}  // namespace sentinella::api::alerta
