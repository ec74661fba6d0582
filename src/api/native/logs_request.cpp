#include "api/native/logs_request.h"

#include <charconv>

namespace sentinella::api::native {
namespace {

Result<std::uint64_t> parse_template_id(const std::string& text) {
  if (text.empty()) return 0;
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  if (error != std::errc() || end != text.data() + text.size())
    return fail_field(Errc::kInvalid, "template_id", "\"{}\" is not a number in hex", text);
  return id;
}

}  // namespace

std::vector<std::string_view> with_log_filters(std::initializer_list<std::string_view> more) {
  std::vector<std::string_view> names{"q",          "host",     "service", "component",
                                      "request_id", "instance", "source",  "template_id",
                                      "severity",   "from",     "to"};
  names.insert(names.end(), more);
  return names;
}

Result<LogRequest> read_log_request(const Query& query, Time now, std::optional<Duration> default_span) {
  LogRequest wanted;
  SENT_TRY_ASSIGN(auto parsed, logs::parse_query(query.text("q")));
  wanted.stage = parsed.stage;
  logs::LogQuery& filter = wanted.query;
  filter.expression = std::move(parsed.expression);
  filter.host = query.text("host");
  filter.service = query.text("service");
  filter.component = query.text("component");
  filter.request_id = query.text("request_id");
  filter.instance = query.text("instance");
  filter.source = query.text("source");
  SENT_TRY_ASSIGN(filter.template_id, parse_template_id(query.text("template_id")));
  if (const auto word = query.text("severity"); !word.empty()) {
    SENT_TRY_ASSIGN(filter.min_severity, parse_word(word, "severity", parse_severity,
                                                    "TRACE, DEBUG, INFO, AUDIT, WARNING, ERROR, CRITICAL"));
  }
  SENT_TRY_ASSIGN(filter.range, query.range(now, default_span));
  return wanted;
}

Result<logs::LogQuery> read_log_filter(const Query& query, Time now, std::optional<Duration> default_span) {
  SENT_TRY_ASSIGN(auto wanted, read_log_request(query, now, default_span));
  if (wanted.stage)
    return fail_field(Errc::kInvalid, "q", "counts instead of finding records: use /api/v1/logs/query");
  return std::move(wanted.query);
}

Result<bool> newest_first(const Query& query) {
  const auto order = query.text("order");
  if (order.empty() || order == "desc") return true;
  if (order == "asc") return false;
  return fail_field(Errc::kInvalid, "order", "is \"{}\"; must be desc or asc", order);
}

}  // namespace sentinella::api::native
