#include "agent/plugin/declared.h"

#include <algorithm>

#include "agent/collect/database_query.h"
#include "agent/plugin/text_pattern.h"
#include "base/text.h"
#include "net/http_client.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxPlaces = 64;
constexpr std::size_t kMaxQuery = 16 << 10;

Result<NamedPlaces> places_in(const json::object& object, std::string_view name) {
  NamedPlaces places;
  const auto* value = object.if_contains(name);
  if (!value) return places;
  if (!value->is_object() || value->get_object().size() > kMaxPlaces)
    return fail_field(Errc::kInvalid, name, "an object of at most {} names and places is expected",
                      kMaxPlaces);
  for (const auto& item : value->get_object()) {
    if (!item.value().is_string() || item.key().empty())
      return fail_field(Errc::kInvalid, fmt::format("{}.{}", name, std::string_view(item.key())),
                        "a text in quotes is expected");
    places.emplace_back(item.key(), item.value().get_string());
  }
  return places;
}

/// Whom to ask. Passwords stand in files of their own: a manifest may be read by everybody.
Result<SourceConfig> place_of(const json::object& object) {
  SourceConfig at;
  SENT_TRY_ASSIGN(at.url, required_string(object, "url"));
  const std::pair<std::string_view, std::string*> texts[] = {
      {"user", &at.user}, {"password_file", &at.password_file}, {"ca_file", &at.ca_file}};
  for (const auto& [name, into] : texts) {
    SENT_TRY_ASSIGN(const auto text, optional_string(object, name));
    if (text) *into = *text;
    if (name != "user" && text && !text->starts_with('/'))
      return fail_field(Errc::kInvalid, name, "\"{}\" is not an absolute path", *text);
  }
  SENT_TRY_ASSIGN(const auto tls, optional_bool(object, "tls"));
  SENT_TRY_ASSIGN(const auto verify, optional_bool(object, "verify"));
  at.tls = tls.value_or(!at.ca_file.empty());
  at.verify = verify.value_or(true);
  return at;
}

Result<HttpCall> parse_http(const json::object& object) {
  SENT_TRY(only_fields(
      object, {"url", "user", "password_file", "ca_file", "verify", "format", "each", "metrics", "labels"}));
  HttpCall call;
  SENT_TRY_ASSIGN(call.at, place_of(object));
  if (const auto url = net::parse_url(call.at.url); !url)
    return fail_field(Errc::kInvalid, "url", "{}", describe(url.error()));
  SENT_TRY_ASSIGN(const auto format, optional_string(object, "format"));
  if (format && *format != "json" && *format != "openmetrics")
    return fail_field(Errc::kInvalid, "format", "\"{}\" is neither json nor openmetrics", *format);
  call.openmetrics = format.value_or("json") == "openmetrics";
  SENT_TRY_ASSIGN(const auto each, optional_string(object, "each"));
  call.each = each.value_or("");
  SENT_TRY_ASSIGN(call.metrics, places_in(object, "metrics"));
  SENT_TRY_ASSIGN(call.labels, places_in(object, "labels"));
  if (call.metrics.empty() != call.openmetrics)
    return fail_field(Errc::kInvalid, "metrics", "{}",
                      call.openmetrics ? "OpenMetrics names its metrics itself"
                                       : "at least one name and the field it stands in is expected");
  return call;
}

Result<SqlCall> parse_sql(const json::object& object) {
  SENT_TRY(only_fields(
      object, {"url", "user", "password_file", "tls", "ca_file", "verify", "query", "columns", "labels"}));
  SqlCall call;
  SENT_TRY_ASSIGN(call.at, place_of(object));
  if (const auto address = parse_database_url(call.at.url); !address)
    return fail_field(Errc::kInvalid, "url", "{}", describe(address.error()));
  SENT_TRY_ASSIGN(call.query, required_string(object, "query"));
  if (call.query.size() > kMaxQuery)
    return fail_field(Errc::kInvalid, "query", "it is over {} bytes", kMaxQuery);
  SENT_TRY_ASSIGN(call.columns, optional_strings(object, "columns"));
  SENT_TRY_ASSIGN(const auto labels, optional_strings(object, "labels"));
  for (const std::string& label : labels)
    if (std::ranges::find(call.columns, label) == call.columns.end())
      return fail_field(Errc::kInvalid, "labels", "\"{}\" is not among the columns", label);
  for (const std::string& column : call.columns)
    call.is_label.push_back(std::ranges::find(labels, column) != labels.end());
  if (call.columns.size() > kMaxPlaces || std::ranges::find(call.is_label, false) == call.is_label.end())
    return fail_field(Errc::kInvalid, "columns",
                      "what each column is called, in order, is expected, and at least one that is no label");
  return call;
}

Result<PatternCall> parse_pattern(const json::object& object, bool has_command) {
  SENT_TRY(only_fields(object, {"file", "regex", "metrics", "labels", "event"}));
  PatternCall call;
  SENT_TRY_ASSIGN(const auto file, optional_string(object, "file"));
  call.file = file.value_or("");
  if (call.file.empty() != has_command)
    return fail_field(Errc::kInvalid, "file", "either a \"file\" or a \"command\" is expected");
  if (!call.file.empty() && !call.file.starts_with('/'))
    return fail_field(Errc::kInvalid, "file", "\"{}\" is not an absolute path", call.file);
  SENT_TRY_ASSIGN(call.regex, required_string(object, "regex"));
  SENT_TRY_ASSIGN(call.metrics, places_in(object, "metrics"));
  SENT_TRY_ASSIGN(call.labels, optional_strings(object, "labels"));
  if (const auto* event = object.if_contains("event")) {
    if (!event->is_object()) return fail_field(Errc::kInvalid, "event", "an object is expected");
    SENT_TRY(only_fields(event->get_object(), {"type", "summary"}));
    SENT_TRY_ASSIGN(call.event_type, required_string(event->get_object(), "type"));
    SENT_TRY_ASSIGN(call.event_summary, required_string(event->get_object(), "summary"));
  }
  SENT_TRY(TextPattern::create(call));
  return call;
}

/// The parser's error, with the field below `kind`.
template <typename Call>
Result<DeclaredCall> below(std::string_view kind, Result<Call> call) {
  if (call) return DeclaredCall(std::move(*call));
  const std::string& field = call.error().field;
  return fail_field(call.error().code, field.empty() ? std::string(kind) : fmt::format("{}.{}", kind, field),
                    "{}", call.error().message);
}

}  // namespace

Result<DeclaredCall> parse_declared(const json::object& function, bool has_command) {
  std::string_view kind;
  for (std::string_view one : {"http", "sql", "pattern"}) {
    if (!function.contains(one)) continue;
    if (!kind.empty()) return fail_field(Errc::kInvalid, one, "the function has {} already", kind);
    kind = one;
  }
  if (kind.empty()) return DeclaredCall();
  if (has_command && kind != "pattern")
    return fail_field(Errc::kInvalid, kind, "the function has a command already");
  const json::value& value = function.at(kind);
  if (!value.is_object()) return fail_field(Errc::kInvalid, kind, "an object is expected");
  const json::object& object = value.get_object();
  if (kind == "http") return below(kind, parse_http(object));
  if (kind == "sql") return below(kind, parse_sql(object));
  return below(kind, parse_pattern(object, has_command));
}

}  // namespace sentinella::agent
