#include "api/parameters.h"

#include <algorithm>

#include "base/text.h"

namespace sentinella::api {
namespace {

constexpr std::size_t kMaxBody = 1u << 20;

}  // namespace

Result<Query> Query::read(const net::Request& request, const std::vector<std::string_view>& known,
                          const std::vector<std::string_view>& repeatable) {
  Query query = read_any(request);
  std::vector<std::string_view> seen;
  for (const auto& [name, value] : query.pairs_) {
    const bool many = std::ranges::find(repeatable, name) != repeatable.end();
    if (!many && std::ranges::find(known, name) == known.end()) {
      auto candidates = known;
      candidates.insert(candidates.end(), repeatable.begin(), repeatable.end());
      const auto near = suggest(name, candidates);
      return fail_field(Errc::kInvalid, name, "unknown parameter{}",
                        near ? fmt::format("; did you mean \"{}\"?", *near) : "");
    }
    if (!many && std::ranges::find(seen, name) != seen.end())
      return fail_field(Errc::kInvalid, name, "is given twice");
    if (!many) seen.push_back(name);
  }
  return query;
}

Query Query::read_any(const net::Request& request) {
  Query query;
  query.pairs_ = net::parse_query(request.query);
  return query;
}

std::string Query::text(std::string_view name) const {
  const auto found = std::ranges::find_if(pairs_, [&](const auto& pair) { return pair.first == name; });
  return found == pairs_.end() ? "" : found->second;
}

std::vector<std::string> Query::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : pairs_)
    if (key == name) values.push_back(value);
  return values;
}

Result<std::size_t> Query::number(std::string_view name, std::size_t fallback, std::size_t least,
                                  std::size_t most) const {
  const auto given = text(name);
  if (given.empty()) return fallback;
  const auto value = parse_uint(given);
  if (!value || *value < least || *value > most)
    return fail_field(Errc::kInvalid, name, "is \"{}\"; must be a whole number from {} to {}", given, least,
                      most);
  return *value;
}

Result<bool> Query::flag(std::string_view name) const {
  const auto given = text(name);
  if (given.empty() || given == "0" || given == "false") return false;
  if (given == "1" || given == "true") return true;
  return fail_field(Errc::kInvalid, name, "is \"{}\"; must be true or false", given);
}

Result<Page> Query::page(std::size_t default_size) const {
  Page page;
  SENT_TRY_ASSIGN(page.number, number("page", 1, 1, 1'000'000));
  SENT_TRY_ASSIGN(page.size, number("page_size", default_size, 1, 1000));
  return page;
}

Result<TimeRange> Query::range(Time now, std::optional<Duration> default_span) const {
  TimeRange range{{0}, {INT64_MAX}};
  const auto to = text("to");
  if (!to.empty() || default_span) {
    SENT_TRY_ASSIGN(const Time end, to.empty() ? Result<Time>(now) : parse_when(to, now, "to"));
    range.until = Time{end.ns == INT64_MAX ? INT64_MAX : end.ns + 1};
  }
  if (const auto from = text("from"); !from.empty()) {
    SENT_TRY_ASSIGN(range.from, parse_when(from, now, "from"));
  } else if (default_span) {
    range.from = range.until - *default_span;
  }
  if (range.until <= range.from) return fail_field(Errc::kInvalid, "from", "must not be after \"to\"");
  return range;
}

Result<Time> parse_when(std::string_view text, Time now, std::string_view field) {
  if (text == "now") return now;
  if (text.starts_with("now-") || text.starts_with("now+")) {
    const auto distance = parse_duration(text.substr(4));
    constexpr Duration kMost = std::chrono::hours(24 * 365 * 100);
    if (!distance || *distance > kMost)
      return fail_field(Errc::kInvalid, field, "\"{}\" is not a time such as now-15m", text);
    return text[3] == '-' ? now - *distance : now + *distance;
  }
  const auto time = parse_rfc3339(text);
  if (!time)
    return fail_field(Errc::kInvalid, field,
                      "\"{}\" is neither RFC 3339 (2026-03-02T10:11:12Z) nor now-15m: {}", text,
                      time.error().message);
  return *time;
}

Result<boost::json::object> json_body(const net::Request& request,
                                      const std::vector<std::string_view>& known) {
  const std::string_view header = request.headers.get("Content-Type");
  if (!iequals(trim(header.substr(0, header.find(';'))), "application/json"))
    return fail_field(Errc::kUnsupported, "Content-Type", "is \"{}\"; must be application/json", header);
  if (request.body.size() > kMaxBody)
    return fail(Errc::kTooLarge, "the body is {} bytes, at most {}", request.body.size(), kMaxBody);
  SENT_TRY_ASSIGN(auto object, parse_json_object(request.body));
  SENT_TRY(only_fields(object, known));
  return object;
}

Result<std::string> optional_text(const boost::json::object& body, std::string_view field, std::size_t max) {
  SENT_TRY_ASSIGN(auto text, optional_string(body, field));
  if (text && text->size() > max)
    return fail_field(Errc::kInvalid, field, "is {} bytes, at most {}", text->size(), max);
  return std::move(text).value_or("");
}

Result<std::string> required_text(const boost::json::object& body, std::string_view field, std::size_t max) {
  SENT_TRY_ASSIGN(auto text, optional_text(body, field, max));
  if (text.empty()) return fail_field(Errc::kInvalid, field, "is required");
  return text;
}

}  // namespace sentinella::api
