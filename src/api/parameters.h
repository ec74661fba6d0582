// Reading what a request asks for. Every error names the parameter or field at fault.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/context.h"
#include "base/json.h"
#include "base/time.h"

namespace sentinella::api {

struct Page {
  std::size_t number = 1;  ///< from 1
  std::size_t size = 100;
  std::size_t begin() const { return (number - 1) * size; }
};

/// The parameters after '?'.
class Query {
 public:
  /// kInvalid: a parameter that is not in `known` (with the nearest known name), or the same one twice unless
  /// it is in `repeatable`.
  static Result<Query> read(const net::Request& request, const std::vector<std::string_view>& known,
                            const std::vector<std::string_view>& repeatable = {});
  /// Takes any name; for routes where labels are parameters.
  static Query read_any(const net::Request& request);

  std::string text(std::string_view name) const;  ///< "" when absent
  std::vector<std::string> all(std::string_view name) const;
  Result<std::size_t> number(std::string_view name, std::size_t fallback, std::size_t least,
                             std::size_t most) const;
  Result<bool> flag(std::string_view name) const;           ///< 1, true, 0, false; absent = false
  Result<Page> page(std::size_t default_size = 100) const;  ///< page, page_size (at most 1000)
  /// from, to (both included); absent `from` = `default_span` before `to`, nullopt = from the beginning;
  /// absent `to` = without end when there is no default span, else now.
  Result<TimeRange> range(Time now, std::optional<Duration> default_span) const;
  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

/// RFC 3339, "now", "now-15m", "now+1h".
Result<Time> parse_when(std::string_view text, Time now, std::string_view field);

/// The body as a JSON object with no other fields than `known`. kUnsupported: another content type (a form of
/// another site cannot send application/json); kTooLarge over 1 MiB.
Result<boost::json::object> json_body(const net::Request& request,
                                      const std::vector<std::string_view>& known);

/// A string field of at most `max` bytes. The optional one is "" when absent.
Result<std::string> required_text(const boost::json::object& body, std::string_view field, std::size_t max);
Result<std::string> optional_text(const boost::json::object& body, std::string_view field, std::size_t max);

/// A field that holds one of a fixed set of words; `parse` is like parse_role().
template <typename T>
Result<T> parse_word(std::string_view text, std::string_view field,
                     std::optional<T> (*parse)(std::string_view), std::string_view words) {
  if (const auto value = parse(text)) return *value;
  return fail_field(Errc::kInvalid, field, "is \"{}\"; must be one of {}", text, words);
}

inline constexpr std::string_view kRoleWords = "viewer, responder, operator, admin";
inline constexpr std::string_view kTierWords = "page, ticket, info";

}  // namespace sentinella::api
