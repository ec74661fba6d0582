#include "logs/embedded/log_matcher.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/text.h"

namespace sentinella::logs {
namespace {

constexpr std::size_t kMaxLimit = 10'000;
constexpr std::size_t kMaxWords = 32;
constexpr std::size_t kMaxWordBytes = 256;

char lowered(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
char uppered(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

bool names_allow(const std::vector<std::string>& names, const std::string& wanted) {
  return wanted.empty() || (names.size() == 1 && names[0] == "*") ||
         std::ranges::find(names, wanted) != names.end();
}

bool equal_or_any(std::string_view have, const std::string& wanted) {
  return wanted.empty() || have == wanted;
}

}  // namespace

bool contains_ignoring_case(std::string_view text, std::string_view lower) {
  if (lower.empty()) return true;
  const char small = lower[0], capital = uppered(lower[0]);
  std::size_t next_small = text.find(small), next_capital = capital == small ? text.npos : text.find(capital);
  for (;;) {
    const std::size_t at = std::min(next_small, next_capital);
    if (at == text.npos || text.size() - at < lower.size()) return false;
    std::size_t same = 1;
    while (same < lower.size() && lowered(text[at + same]) == lower[same]) ++same;
    if (same == lower.size()) return true;
    if (at == next_small) {
      next_small = text.find(small, at + 1);
    } else {
      next_capital = text.find(capital, at + 1);
    }
  }
}

Result<void> check_query(const LogQuery& query) {
  if (query.limit == 0 || query.limit > kMaxLimit)
    return fail_field(Errc::kInvalid, "limit", "is {}, must be 1 to {}", query.limit, kMaxLimit);
  if (query.words.size() > kMaxWords)
    return fail_field(Errc::kInvalid, "q", "has {} words, at most {}", query.words.size(), kMaxWords);
  for (const std::string& word : query.words)
    if (word.size() > kMaxWordBytes)
      return fail_field(Errc::kInvalid, "q", "has a word of {} bytes, at most {}", word.size(),
                        kMaxWordBytes);
  return {};
}

std::string to_cursor(const Position& position) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.fixed(position.time.ns);
  writer.varint(position.id.offset);
  writer.varint(position.id.index);
  return to_base64url(bytes);
}

Result<std::optional<Position>> parse_cursor(std::string_view cursor) {
  if (cursor.empty()) return std::nullopt;
  const auto bytes = from_base64url(cursor);
  ByteReader reader(bytes ? std::string_view(*bytes) : std::string_view{});
  Position position;
  position.time.ns = reader.fixed<std::int64_t>();
  position.id.offset = reader.varint();
  position.id.index = static_cast<std::uint32_t>(reader.varint());
  if (!reader.ok() || !reader.at_end())
    return fail_field(Errc::kInvalid, "cursor", "is not one that this server gave");
  return position;
}

LogMatcher::LogMatcher(const LogQuery& query) : query_(query) {
  for (const std::string& word : query.words) words_.push_back(to_lower(word));
}

bool LogMatcher::may_match(const BlockHeader& block) const {
  return block.records > 0 && block.first_time < query_.range.until && block.last_time >= query_.range.from &&
         block.worst >= query_.min_severity && names_allow(block.hosts, query_.host) &&
         names_allow(block.services, query_.service);
}

bool LogMatcher::matches(const RecordView& record) const {
  return query_.range.contains(record.time) && record.severity >= query_.min_severity &&
         equal_or_any(record.host, query_.host) && equal_or_any(record.service, query_.service) &&
         equal_or_any(record.component, query_.component) && equal_or_any(record.instance, query_.instance) &&
         equal_or_any(record.source, query_.source) &&
         (equal_or_any(record.request_id, query_.request_id) ||
          record.global_request_id == query_.request_id) &&
         (query_.template_id == 0 || record.template_id == query_.template_id) &&
         std::ranges::all_of(words_,
                             [&](const auto& word) { return contains_ignoring_case(record.raw, word); });
}

}  // namespace sentinella::logs
