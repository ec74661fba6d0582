#include "telemetry/notification.h"

#include "base/text.h"
#include "telemetry/datetime.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxName = 255;
constexpr std::string_view kContext = "_context_";

Result<json::value> read(std::string_view text, std::string_view what, const json::storage_ptr& memory) {
  json::parse_options options;
  options.max_depth = kMaxNotificationDepth;
  boost::system::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error, memory, options);
  if (error)
    return fail(Errc::kInvalid, "{} of {} bytes is not JSON: {}", what, text.size(), error.message());
  if (!value.is_object()) return fail(Errc::kInvalid, "{} is not a JSON object", what);
  return value;
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// The inner object, of either version.
Result<json::object> open_envelope(std::string_view body, const json::storage_ptr& memory) {
  SENT_TRY_ASSIGN(auto outer, read(body, "the message", memory));
  json::object& object = outer.get_object();
  const auto* version = object.if_contains("oslo.version");
  const auto* message = object.if_contains("oslo.message");
  if (version == nullptr || message == nullptr) return std::move(object);
  if (!version->is_string() || !message->is_string())
    return fail(Errc::kInvalid, "the envelope's version and message are not both texts");
  const std::string_view number(version->get_string());
  if (!number.starts_with("2.") && number != "2")
    return fail(Errc::kUnsupported, "the envelope has the version \"{}\", not 2.x", number.substr(0, 20));
  SENT_TRY_ASSIGN(auto inner, read(std::string_view(message->get_string()), "the inner message", memory));
  return std::move(inner.get_object());
}

json::object take_context(json::object& inner, const json::storage_ptr& memory) {
  json::object context(memory);
  for (auto& member : inner) {
    const std::string_view key(member.key());
    if (key.starts_with(kContext)) context.emplace(key.substr(kContext.size()), std::move(member.value()));
  }
  return context;
}

}  // namespace

std::string_view Notification::context(std::string_view name) const {
  const auto* value = document.get_object().at("ctxt").get_object().if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

Result<Notification> parse_notification(std::string_view body, std::span<unsigned char> scratch) {
  if (body.size() > kMaxNotificationBytes)
    return fail(Errc::kTooLarge, "the message has {} bytes, at most {}", body.size(), kMaxNotificationBytes);
  const json::storage_ptr memory =
      scratch.empty() ? json::make_shared_resource<json::monotonic_resource>(body.size() * 2 + 1024)
                      : json::make_shared_resource<json::monotonic_resource>(scratch.data(), scratch.size());
  SENT_TRY_ASSIGN(json::object inner, open_envelope(body, memory));

  // Made in the message's own memory: what is moved into it is then not copied.
  Notification out{json::value(json::object(memory)), {}, {}, {}, {}, {}, {}};
  out.event_type = text_of(inner, "event_type");
  out.message_id = text_of(inner, "message_id");
  out.publisher_id = text_of(inner, "publisher_id");
  out.unique_id = text_of(inner, "_unique_id");
  out.priority = to_lower(text_of(inner, "priority"));
  for (const auto& [name, value] : {std::pair{"event_type", &out.event_type},
                                    {"message_id", &out.message_id},
                                    {"publisher_id", &out.publisher_id}}) {
    if (value->empty()) return fail_field(Errc::kInvalid, name, "is missing, or is not a text");
    if (value->size() > kMaxName)
      return fail_field(Errc::kInvalid, name, "has {} bytes, at most {}", value->size(), kMaxName);
  }
  const auto time = parse_datetime(text_of(inner, "timestamp"));
  if (!time) return fail_field(Errc::kInvalid, "timestamp", "is missing, or is not a date and time");
  out.generated = *time;

  json::object& document = out.document.get_object();
  document["ctxt"] = take_context(inner, memory);
  document["publisher_id"] = out.publisher_id;
  document["event_type"] = out.event_type;
  auto* payload = inner.if_contains("payload");
  document["payload"] = payload == nullptr ? json::value(nullptr, memory) : std::move(*payload);
  json::object metadata(memory);
  metadata["message_id"] = out.message_id;
  metadata["timestamp"] = text_of(inner, "timestamp");
  document["metadata"] = std::move(metadata);
  return out;
}

}  // namespace sentinella::telemetry
