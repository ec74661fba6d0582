#include "logs/embedded/log_matcher.h"

#include <algorithm>
#include <iterator>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/text.h"
#include "logs/block/id_text.h"
#include "logs/block/word_char.h"

namespace sentinella::logs {
namespace {

constexpr std::size_t kMaxLimit = 10'000;
constexpr std::size_t kMaxWords = 32;
constexpr std::size_t kMaxWordBytes = 256;
/// To look for more texts would take longer than to look at every record.
constexpr std::size_t kMaxTexts = 8;

bool has_name(const std::vector<std::string>& names, const std::string& wanted) {
  return wanted.empty() || (names.size() == 1 && names[0] == "*") ||
         std::ranges::find(names, wanted) != names.end();
}

/// The ids that a record must have somewhere to contain this text.
std::vector<std::string> ids_in(std::string_view text) {
  std::vector<std::string> ids;
  each_dashed(text, [&](const IdBytes& id) { ids.emplace_back(bytes_of(id)); });
  return ids;
}

/// Of a text that ends in an id: whether nothing but a whole word, or several, is the id.
bool ends_in_id_word(std::string_view text) {
  const bool dashed = text.size() >= kDashedId && parse_id(text.substr(text.size() - kDashedId));
  const std::size_t begin = text.size() - (dashed ? kDashedId : kPlainId);
  return begin == 0 || !is_word_char(text[begin - 1]);
}

/// Of these a record has one in its text, or as a field, that this is true of; none: nothing is known. In
/// lower case.
std::vector<std::string> texts_of(const Condition& condition) {
  if (condition.kind == Condition::Kind::pattern && !condition.pattern->may_match(0))
    return condition.pattern->atoms();
  if (condition.value.empty()) return {};
  if (condition.kind == Condition::Kind::text) return {condition.value};
  if (condition.kind != Condition::Kind::equal) return {};
  switch (condition.field) {
    case QueryField::request_id:
    case QueryField::instance:
    case QueryField::user:
    case QueryField::project:
      return {to_lower(condition.value)};
    default:
      return {};
  }
}

}  // namespace

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

LogMatcher::LogMatcher(const LogQuery& query) : range_(query.range) {
  if (query.expression) expression_ = *query.expression;
  const auto equal = [&](QueryField field, const std::string& value) {
    if (!value.empty()) expression_.require({.kind = Condition::Kind::equal, .field = field, .value = value});
  };
  equal(QueryField::host, query.host);
  equal(QueryField::service, query.service);
  equal(QueryField::source, query.source);
  equal(QueryField::component, query.component);
  equal(QueryField::request_id, query.request_id);
  equal(QueryField::instance, query.instance);
  if (query.template_id != 0) equal(QueryField::template_id, to_text(query.template_id));
  if (query.min_severity != Severity::unspecified)
    expression_.require({.kind = Condition::Kind::between,
                         .field = QueryField::severity,
                         .low = static_cast<std::uint64_t>(query.min_severity),
                         .high = static_cast<std::uint64_t>(Severity::critical)});
  for (const std::string& word : query.words) expression_.require({.value = to_lower(word)});
  for (const Condition& condition : expression_.conditions) needs_.push_back(need_of(condition));
  texts_ = find_needed_texts();
}

std::vector<std::string> LogMatcher::find_needed_texts() const {
  using Texts = std::vector<std::string>;
  const auto shortest = [](const Texts& texts) {
    std::size_t size = texts.empty() ? 0 : SIZE_MAX;
    for (const std::string& text : texts) size = std::min(size, text.size());
    return size;
  };
  std::vector<Texts> of(expression_.nodes.size());
  for (std::size_t i = 0; i < of.size(); ++i) {
    const Expression::Node& node = expression_.nodes[i];
    switch (node.kind) {
      case Expression::Node::Kind::condition:
        of[i] = texts_of(expression_.conditions[node.condition]);
        break;
      case Expression::Node::Kind::all:  // any one would do: the rarest
        if (!node.children.empty())
          of[i] = of[*std::ranges::max_element(node.children, {},
                                               [&](std::uint32_t c) { return shortest(of[c]); })];
        break;
      case Expression::Node::Kind::any: {
        if (std::ranges::any_of(node.children, [&](std::uint32_t c) { return of[c].empty(); })) break;
        for (const std::uint32_t c : node.children) of[i].insert(of[i].end(), of[c].begin(), of[c].end());
        break;
      }
      case Expression::Node::Kind::none:
        break;
    }
    if (of[i].size() > kMaxTexts) of[i].clear();
  }
  return of.empty() ? Texts{} : std::move(of.back());
}

LogMatcher::Need LogMatcher::need_of(const Condition& condition) {
  Need need;
  if (condition.kind == Condition::Kind::text) need.ids = ids_in(condition.value);
  if (condition.kind == Condition::Kind::between && condition.field == QueryField::severity)
    need.severity = condition.low;
  if (condition.kind != Condition::Kind::equal) return need;
  switch (condition.field) {
    case QueryField::host:
      need.host = condition.value;
      break;
    case QueryField::service:
      need.service = condition.value;
      break;
    case QueryField::request_id:
    case QueryField::instance:
    case QueryField::user:
    case QueryField::project:
      // A block knows only ids that are whole words.
      if (auto id = trailing_id(condition.value); id && ends_in_id_word(condition.value))
        need.ids.push_back(std::move(*id));
      break;
    default:
      break;
  }
  return need;
}

bool LogMatcher::Need::is_met_by(const BlockHeader& block, const IdFilter& filter) const {
  return static_cast<std::uint64_t>(block.worst) >= severity && has_name(block.hosts, host) &&
         has_name(block.services, service) &&
         std::ranges::all_of(ids, [&](const auto& id) { return filter.may_have(id); });
}

bool LogMatcher::may_match(const BlockHeader& block, const IdFilter& ids) const {
  if (block.records == 0 || block.first_time >= range_.until || block.last_time < range_.from) return false;
  std::vector<bool> may(expression_.nodes.size(), true);
  for (std::size_t i = 0; i < may.size(); ++i) {
    const Expression::Node& node = expression_.nodes[i];
    const auto child_may = [&](std::uint32_t child) { return may[child]; };
    switch (node.kind) {
      case Expression::Node::Kind::condition:
        may[i] = needs_[node.condition].is_met_by(block, ids);
        break;
      case Expression::Node::Kind::all:
        may[i] = std::ranges::all_of(node.children, child_may);
        break;
      case Expression::Node::Kind::any:
        may[i] = std::ranges::any_of(node.children, child_may);
        break;
      case Expression::Node::Kind::none:  // what a block has says nothing of what a record lacks
        break;
    }
  }
  return may.empty() || may.back();
}

bool LogMatcher::matches(const RecordView& record) const {
  return range_.contains(record.time) && logs::matches(expression_, record);
}

}  // namespace sentinella::logs
