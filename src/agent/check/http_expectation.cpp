#include "agent/check/http_expectation.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "agent/collect/json_fields.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxExpectedFields = 32;
constexpr std::size_t kShownValue = 80;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::optional<int> status_number(std::string_view text) {
  const auto number = parse_uint(text);
  return number && *number >= 100 && *number <= 599 ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

/// 200, or "200-299".
Result<std::pair<int, int>> status_range(const json::value& value) {
  const std::string text = value.is_string() ? std::string(value.get_string()) : json::serialize(value);
  const std::size_t dash = text.find('-');
  const auto first = status_number(std::string_view(text).substr(0, dash));
  const auto last =
      dash == std::string::npos ? first : status_number(std::string_view(text).substr(dash + 1));
  if (!first || !last || *last < *first)
    return fail_field(Errc::kInvalid, "status", "{} is not a status (200) or a range of them (\"200-299\")",
                      text);
  return std::pair(*first, *last);
}

std::string shown(const std::vector<std::pair<int, int>>& ranges) {
  std::vector<std::string> parts;
  for (const auto& [first, last] : ranges)
    parts.push_back(first == last ? std::to_string(first) : fmt::format("{}-{}", first, last));
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// The value of a field of the head; names have no case.
std::string_view header(std::string_view head, std::string_view name) {
  for (std::string_view line : split(head, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != name.size()) continue;
    const bool same = std::ranges::equal(line.substr(0, colon), name, [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
    });
    if (same) return trim(line.substr(colon + 1));
  }
  return {};
}

/// Pieces as "SIZE in hexadecimal CRLF bytes CRLF"; size 0 ends (RFC 9112, 7.1).
void join_chunks(std::string_view text, HttpAnswer& answer) {
  for (;;) {
    const std::size_t line = text.find("\r\n");
    if (line == std::string_view::npos) return;
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + line, size, 16);
    if (error != std::errc() || (end != text.data() + line && *end != ';' && *end != ' ')) {
      answer.broken = true;
      return;
    }
    text.remove_prefix(line + 2);
    if (size == 0) {
      answer.complete = true;
      return;
    }
    answer.body += text.substr(0, size);
    if (text.size() < size || text.size() - size < 2) return;
    text.remove_prefix(size + 2);
  }
}

std::string unmet_field(const json::value& root, const std::string& path, const std::string& expected) {
  const json::value* value = value_at(root, path);
  if (!value) return fmt::format("its answer has no field {}", path);
  const std::string text = json::serialize(*value);
  if (text == expected) return "";
  return fmt::format("its answer's {} is {}, and {} is expected", path, text.substr(0, kShownValue),
                     expected);
}

}  // namespace

Result<HttpExpectation> parse_expectation(const json::object& object) {
  HttpExpectation expectation;
  if (const auto* status = object.if_contains("status")) {
    if (status->is_array()) {
      for (const json::value& one : status->get_array()) {
        SENT_TRY_ASSIGN(const auto range, status_range(one));
        expectation.statuses.push_back(range);
      }
    } else {
      SENT_TRY_ASSIGN(const auto range, status_range(*status));
      expectation.statuses.push_back(range);
    }
  }
  SENT_TRY_ASSIGN(const auto body, optional_string(object, "body"));
  expectation.body = body.value_or("");
  const auto* fields = object.if_contains("json");
  if (!fields) return expectation;
  if (!fields->is_object() || fields->get_object().size() > kMaxExpectedFields)
    return fail_field(Errc::kInvalid, "json", "an object of at most {} fields and their values is expected",
                      kMaxExpectedFields);
  for (const auto& item : fields->get_object()) {
    if (item.value().is_object() || item.value().is_array())
      return fail_field(Errc::kInvalid, fmt::format("json.{}", std::string_view(item.key())),
                        "a text, a number, true, false or null is expected");
    expectation.fields.emplace_back(item.key(), json::serialize(item.value()));
  }
  return expectation;
}

HttpAnswer read_http_answer(std::string_view received) {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::size_t kStatusEnd = std::string_view("HTTP/1.1 200").size();
  received = received.substr(0, kMaxHttpAnswer);
  HttpAnswer answer;
  answer.broken = !kVersion.starts_with(received.substr(0, kVersion.size()));
  if (answer.broken || received.size() < kStatusEnd) return answer;
  const auto status = status_number(received.substr(kStatusEnd - 3, 3));
  if (!status) {
    answer.broken = true;
    return answer;
  }
  answer.status = *status;
  const std::size_t end = received.find(kHeadEnd);
  if (end == std::string_view::npos) return answer;
  const std::string_view head = received.substr(0, end), rest = received.substr(end + kHeadEnd.size());
  if (header(head, "transfer-encoding") == "chunked") {
    join_chunks(rest, answer);
    return answer;
  }
  const auto length = parse_uint(header(head, "content-length"));
  answer.complete = length && rest.size() >= *length;
  answer.body = rest.substr(0, length ? static_cast<std::size_t>(*length) : rest.size());
  return answer;
}

std::string unmet(const HttpExpectation& expectation, const HttpAnswer& answer) {
  const auto in = [&](const std::pair<int, int>& range) {
    return answer.status >= range.first && answer.status <= range.second;
  };
  if (expectation.statuses.empty() && answer.status >= 500)
    return fmt::format("it answers {}", answer.status);
  if (!expectation.statuses.empty() && std::ranges::none_of(expectation.statuses, in))
    return fmt::format("it answers {}, and {} is expected", answer.status, shown(expectation.statuses));
  if (!expectation.body.empty() && !answer.body.contains(expectation.body))
    return fmt::format("its answer does not contain \"{}\"", expectation.body);
  if (expectation.fields.empty()) return "";
  const auto root = parse_json(answer.body);
  if (!root) return "its answer is not JSON";
  for (const auto& [path, expected] : expectation.fields)
    if (std::string problem = unmet_field(*root, path, expected); !problem.empty()) return problem;
  return "";
}

}  // namespace sentinella::agent
