#include "codec/agent_settings.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/log.h"

namespace sentinella::codec {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxEntries = 500;
constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxText = 1000;
constexpr std::size_t kMaxUrls = 16;
constexpr std::array<std::string_view, 3> kNested{"services", "checks", "watch"};

bool is_printable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

Result<std::string_view> text_of(std::string_view field, const json::value& value) {
  if (!value.is_string()) return fail_field(Errc::kInvalid, field, "a text in quotes is expected");
  const std::string_view text = value.get_string();
  if (text.empty() || text.size() > kMaxText || !is_printable(text))
    return fail_field(Errc::kInvalid, field, "1 to {} bytes of printable text are expected", kMaxText);
  return text;
}

Result<void> number_between(std::string_view field, const json::value& value, double least, double most) {
  if (!value.is_number()) return fail_field(Errc::kInvalid, field, "a number is expected");
  const auto number = value.to_number<double>();
  if (!(number >= least && number <= most))
    return fail_field(Errc::kInvalid, field, "{} is not between {} and {}", number, least, most);
  return {};
}

Result<void> is_flag(std::string_view field, const json::value& value) {
  if (!value.is_bool()) return fail_field(Errc::kInvalid, field, "true or false is expected");
  return {};
}

Result<void> is_url(std::string_view field, const json::value& value) {
  SENT_TRY_ASSIGN(const std::string_view text, text_of(field, value));
  if (!text.contains("://")) return fail_field(Errc::kInvalid, field, "\"{}\" is not a URL", text);
  return {};
}

Result<void> is_door(std::string_view field, const json::value& value) {
  SENT_TRY(is_url(field, value));
  const std::string_view text = value.get_string();
  if (!text.starts_with("https://") && !text.starts_with("http://"))
    return fail_field(Errc::kInvalid, field, "\"{}\" begins neither with https:// nor with http://", text);
  return {};
}

/// One URL, or a list of them.
Result<void> check_doors(const json::value& value) {
  if (!value.is_array()) return is_door("server_url", value);
  const json::array& urls = value.get_array();
  if (urls.empty() || urls.size() > kMaxUrls)
    return fail_field(Errc::kInvalid, "server_url", "1 to {} URLs are expected", kMaxUrls);
  for (const json::value& url : urls) SENT_TRY(is_door("server_url", url));
  return {};
}

Result<void> check_watch(const json::value& value) {
  if (!value.is_object()) return fail_field(Errc::kInvalid, "watch", "an object is expected");
  SENT_TRY(only_fields(value.get_object(), {"kernel_events", "exit_info"}));
  for (const auto& item : value.get_object())
    SENT_TRY(is_flag(fmt::format("watch.{}", std::string_view(item.key())), item.value()));
  return {};
}

Result<void> check_log(std::string_view field, const json::value& value) {
  SENT_TRY_ASSIGN(const std::string_view log, text_of(field, value));
  if (log == "journal" || log.starts_with("journal:")) return {};
  if (!log.starts_with('/') || log.contains("/../") || log.ends_with("/.."))
    return fail_field(Errc::kInvalid, field,
                      "\"{}\" is neither an absolute path without \"..\" nor \"journal\"", log);
  return {};
}

constexpr std::size_t kMaxLogs = 16;

/// One, or a list of them.
Result<void> check_logs(std::string_view field, const json::value& value) {
  if (!value.is_array()) return check_log(field, value);
  if (value.get_array().size() > kMaxLogs)
    return fail_field(Errc::kTooLarge, field, "has {} logs, at most {}", value.get_array().size(), kMaxLogs);
  for (const json::value& log : value.get_array()) SENT_TRY(check_log(field, log));
  return {};
}

Result<void> check_limits(std::string_view field, const json::value& value) {
  if (!value.is_object()) return fail_field(Errc::kInvalid, field, "an object is expected");
  if (const auto known = only_fields(value.get_object(), {"records_per_second", "bytes_per_second"}); !known)
    return fail_field(Errc::kInvalid, field, "{}", describe(known.error()));
  for (const auto& item : value.get_object()) {
    const std::string name = fmt::format("{}.{}", field, std::string_view(item.key()));
    const bool none = item.value().is_number() && item.value().to_number<double>() == 0;
    if (!none) SENT_TRY(number_between(name, item.value(), 1, 1e12));
  }
  return {};
}

Result<void> check_service(std::string_view field, const json::value& value) {
  if (value.is_bool() && !value.get_bool()) return {};
  if (!value.is_object())
    return fail_field(Errc::kInvalid, field, "false or {{\"process\", \"log\", \"check\"}} is expected");
  const json::object& service = value.get_object();
  if (const auto known = only_fields(service, {"process", "log", "log_limits", "check"}); !known)
    return fail_field(Errc::kInvalid, field, "{}", describe(known.error()));
  if (const auto* process = service.if_contains("process"))
    SENT_TRY(text_of(fmt::format("{}.process", field), *process));
  if (const auto* log = service.if_contains("log")) SENT_TRY(check_logs(fmt::format("{}.log", field), *log));
  if (const auto* limits = service.if_contains("log_limits"))
    SENT_TRY(check_limits(fmt::format("{}.log_limits", field), *limits));
  const auto* check = service.if_contains("check");
  if (!check || check->is_bool()) return {};
  return is_url(fmt::format("{}.check", field), *check);
}

/// Calls `each` with the field and the value of every entry of an object of names.
template <typename Each>
Result<void> check_entries(std::string_view key, const json::value& value, Each each) {
  if (!value.is_object()) return fail_field(Errc::kInvalid, key, "an object of names is expected");
  if (value.get_object().size() > kMaxEntries)
    return fail_field(Errc::kTooLarge, key, "has {} entries, at most {}", value.get_object().size(),
                      kMaxEntries);
  for (const auto& item : value.get_object()) {
    const std::string_view name = item.key();
    if (name.empty() || name.size() > kMaxName || !is_printable(name) || name.contains(' '))
      return fail_field(Errc::kInvalid, key, "a name has 1 to {} characters and no blanks", kMaxName);
    SENT_TRY(each(fmt::format("{}.{}", key, name), item.value()));
  }
  return {};
}

Result<void> check_level(const json::value& value) {
  SENT_TRY_ASSIGN(const std::string_view text, text_of("log_level", value));
  if (const auto level = log::parse_level(text); !level)
    return fail_field(Errc::kInvalid, "log_level", "{}", level.error().message);
  return {};
}

}  // namespace

Result<void> check_agent_settings(const json::object& settings) {
  SENT_TRY(only_fields(settings, {"interval_seconds", "discover", "kernel_log", "log_level", "log_limits",
                                  "spool_max_bytes", "server_url", "watch", "services", "checks"}));
  for (const auto& item : settings) {
    const std::string_view key = item.key();
    const json::value& value = item.value();
    if (key == "interval_seconds") SENT_TRY(number_between(key, value, 0.1, 3600));
    if (key == "spool_max_bytes") SENT_TRY(number_between(key, value, 2 << 20, 1e12));
    if (key == "discover" || key == "kernel_log") SENT_TRY(is_flag(key, value));
    if (key == "log_level") SENT_TRY(check_level(value));
    if (key == "log_limits") SENT_TRY(check_limits(key, value));
    if (key == "server_url") SENT_TRY(check_doors(value));
    if (key == "watch") SENT_TRY(check_watch(value));
    if (key == "services") SENT_TRY(check_entries(key, value, check_service));
    if (key == "checks") SENT_TRY(check_entries(key, value, is_url));
  }
  return {};
}

Result<json::object> parse_agent_settings(std::string_view text) {
  if (text.size() > kMaxAgentSettings)
    return fail(Errc::kTooLarge, "the settings have {} bytes, at most {}", text.size(), kMaxAgentSettings);
  SENT_TRY_ASSIGN(json::object settings, parse_json_object(text));
  SENT_TRY(check_agent_settings(settings));
  return settings;
}

void lay_over(json::object& below, const json::object& above) {
  for (const auto& item : above) {
    json::value& under = below[item.key()];
    const bool nested = std::ranges::find(kNested, std::string_view(item.key())) != kNested.end();
    if (!nested || !under.is_object() || !item.value().is_object()) {
      under = item.value();
      continue;
    }
    for (const auto& entry : item.value().get_object()) under.get_object()[entry.key()] = entry.value();
  }
}

}  // namespace sentinella::codec
