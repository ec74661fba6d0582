#include "agent/config/log_options.h"

#include "agent/tail/journal_entry.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostLogs = 16;
constexpr double kMostPerSecond = 1e12;

Result<std::string> parse_log(std::string_view field, const json::value& value) {
  if (!value.is_string())
    return fail_field(Errc::kInvalid, field, "a path, \"journal\" or a list of them is expected");
  std::string log(trim(std::string_view(value.get_string())));
  if (!log.empty() && log[0] != '/' && !is_journal(log))
    return fail_field(Errc::kInvalid, field, "\"{}\" is neither an absolute path nor \"journal\"", log);
  return log;
}

}  // namespace

Result<std::vector<std::string>> parse_logs(std::string_view field, const json::value& value) {
  std::vector<std::string> logs;
  if (!value.is_array()) {
    SENT_TRY_ASSIGN(auto log, parse_log(field, value));
    if (!log.empty()) logs.push_back(std::move(log));
    return logs;
  }
  if (value.get_array().size() > kMostLogs)
    return fail_field(Errc::kInvalid, field, "has {} logs, at most {}", value.get_array().size(), kMostLogs);
  for (const json::value& one : value.get_array()) {
    SENT_TRY_ASSIGN(auto log, parse_log(field, one));
    if (log.empty()) return fail_field(Errc::kInvalid, field, "a log of the list is empty");
    logs.push_back(std::move(log));
  }
  return logs;
}

Result<LogLimits> parse_log_limits(std::string_view field, const json::value& value, LogLimits otherwise) {
  if (!value.is_object())
    return fail_field(Errc::kInvalid, field,
                      "{{\"records_per_second\": ..., \"bytes_per_second\": ...}} is expected");
  const json::object& object = value.get_object();
  if (const auto known = only_fields(object, {"records_per_second", "bytes_per_second"}); !known)
    return fail_field(Errc::kInvalid, field, "{}", describe(known.error()));
  for (auto [name, into] : {std::pair("records_per_second", &otherwise.records_per_second),
                            std::pair("bytes_per_second", &otherwise.bytes_per_second)}) {
    const json::value* number = object.if_contains(name);
    if (number == nullptr) continue;
    const double given = number->is_number() ? number->to_number<double>() : -1;
    if (!(given >= 0 && given <= kMostPerSecond) || (given > 0 && given < 1))
      return fail_field(Errc::kInvalid, fmt::format("{}.{}", field, name),
                        "must be a number from 1, or 0 for no limit");
    *into = static_cast<std::uint64_t>(given);
  }
  return otherwise;
}

}  // namespace sentinella::agent
