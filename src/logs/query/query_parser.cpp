#include "logs/query/query_parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace sentinella::logs {
namespace {

constexpr std::size_t kMaxText = 4096, kMaxWord = 256, kMaxConditions = 64, kMaxDepth = 32, kMaxTop = 1000;
constexpr Duration kDefaultStep = 5min;

constexpr std::array<std::pair<std::string_view, QueryField>, 24> kFieldNames = {{
    {"host", QueryField::host},
    {"service", QueryField::service},
    {"source", QueryField::source},
    {"component", QueryField::component},
    {"logger", QueryField::component},
    {"severity", QueryField::severity},
    {"level", QueryField::severity},
    {"pid", QueryField::pid},
    {"request_id", QueryField::request_id},
    {"request", QueryField::request_id},
    {"user", QueryField::user},
    {"user_id", QueryField::user},
    {"project", QueryField::project},
    {"project_id", QueryField::project},
    {"instance", QueryField::instance},
    {"template", QueryField::template_id},
    {"template_id", QueryField::template_id},
    {"message", QueryField::message},
    {"domain", QueryField::domain},
    {"domain_id", QueryField::domain},
    {"client", QueryField::client},
    {"method", QueryField::method},
    {"path", QueryField::path},
    {"status", QueryField::status},
}};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool ends_word(char c) {
  return is_blank(c) || c == '(' || c == ')' || c == '|';
}

enum class Relation : std::uint8_t { equal, not_equal, at_least, above, at_most, below };

struct Value {
  enum class Kind : std::uint8_t { word, phrase, regex } kind = Kind::word;
  std::string text;
  std::size_t at = 0;
  bool has_wildcard() const { return kind == Kind::word && text.find_first_of("*?") != std::string::npos; }
};

/// A word with * and ? as a regular expression: neither goes beyond the word.
std::string wildcard_regex(std::string_view word) {
  std::string regex;
  for (const char c : word) {
    if (c == '*') {
      regex += "[^\\s]*";
    } else if (c == '?') {
      regex += "[^\\s]";
    } else {
      const bool plain = is_name_char(c) || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
      if (!plain) regex += '\\';
      regex += c;
    }
  }
  return regex;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<ParsedQuery> run() {
    if (text_.size() > kMaxText)
      return fail_field(Errc::kInvalid, "q", "has {} bytes, at most {}", text_.size(), kMaxText);
    ParsedQuery query;
    skip_blanks();
    if (!at_end() && peek() != '|') {
      SENT_TRY(either());
      skip_blanks();
    }
    if (!at_end() && peek() == ')') return wrong(at_, "a \")\" without its \"(\"");
    if (!at_end()) {
      ++at_;
      SENT_TRY_ASSIGN(query.stage, stage());
    }
    query.expression = std::make_shared<const Expression>(std::move(expression_));
    return query;
  }

 private:
  template <typename... Args>
  std::unexpected<Error> wrong(std::size_t at, fmt::format_string<Args...> text, Args&&... args) const {
    return fail_field(Errc::kInvalid, "q", "at character {}: {}", at + 1,
                      fmt::format(text, std::forward<Args>(args)...));
  }

  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (!at_end() && is_blank(peek())) ++at_;
  }
  /// The bare word that begins here, without taking it.
  std::string_view next_word() const {
    std::size_t end = at_;
    while (end < text_.size() && !ends_word(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  bool take_keyword(std::string_view keyword) {
    if (!iequals(next_word(), keyword)) return false;
    at_ += keyword.size();
    skip_blanks();
    return true;
  }
  bool one_follows() const {
    return !at_end() && peek() != ')' && peek() != '|' && !iequals(next_word(), "or");
  }

  Result<std::uint32_t> either() {
    if (++depth_ > kMaxDepth) return wrong(at_, "more than {} levels", kMaxDepth);
    std::vector<std::uint32_t> parts;
    do {
      SENT_TRY_ASSIGN(const auto part, both());
      parts.push_back(part);
    } while (take_keyword("or"));
    --depth_;
    return parts.size() == 1 ? parts[0] : expression_.add(Expression::Node::Kind::any, std::move(parts));
  }

  Result<std::uint32_t> both() {
    std::vector<std::uint32_t> parts;
    do {
      SENT_TRY_ASSIGN(const auto part, one());
      parts.push_back(part);
      skip_blanks();
    } while (take_keyword("and") || one_follows());
    return parts.size() == 1 ? parts[0] : expression_.add(Expression::Node::Kind::all, std::move(parts));
  }

  Result<std::uint32_t> one() {
    bool negated = false;
    for (;;) {
      const bool sign =
          (peek() == '-' || peek() == '!') && at_ + 1 < text_.size() && !is_blank(text_[at_ + 1]);
      if (sign) {
        ++at_;
      } else if (!take_keyword("not")) {
        break;
      }
      negated = !negated;
    }
    SENT_TRY_ASSIGN(const auto found, positive());
    return negated ? expression_.add(Expression::Node::Kind::none, {found}) : found;
  }

  Result<std::uint32_t> positive() {
    if (at_end() || peek() == ')' || peek() == '|') return wrong(at_, "a word is missing");
    if (peek() != '(') return question();
    const std::size_t open = at_++;
    skip_blanks();
    SENT_TRY_ASSIGN(const auto inner, either());
    skip_blanks();
    if (peek() != ')') return wrong(open, "this \"(\" is not closed");
    ++at_;
    return inner;
  }

  Result<std::uint32_t> question() {
    if (expression_.conditions.size() >= kMaxConditions)
      return wrong(at_, "more than {} questions", kMaxConditions);
    const std::size_t begin = at_;
    std::size_t name_end = at_;
    while (name_end < text_.size() && is_name_char(text_[name_end])) ++name_end;
    const std::string_view name = text_.substr(begin, name_end - begin);
    at_ = name_end;
    const auto relation = name.empty() ? std::nullopt : take_relation();
    if (relation) {
      if (const auto field = parse_query_field(name)) return comparison(*field, *relation, begin);
      if (const auto meant = misspelt(name); !meant.empty())
        return wrong(begin, "there is no field \"{}\": did you mean {}? Put quotes around a text", name,
                     meant);
    }
    at_ = begin;
    SENT_TRY_ASSIGN(const Value wanted, value());
    return text_condition(wanted);
  }

  static std::string_view misspelt(std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& [known, field] : kFieldNames) names.push_back(known);
    return name.size() < 4 ? std::string_view() : suggest(name, names).value_or("");
  }

  std::optional<Relation> take_relation() {
    constexpr std::array<std::pair<std::string_view, Relation>, 7> kRelations = {{{"!=", Relation::not_equal},
                                                                                  {">=", Relation::at_least},
                                                                                  {"<=", Relation::at_most},
                                                                                  {">", Relation::above},
                                                                                  {"<", Relation::below},
                                                                                  {":", Relation::equal},
                                                                                  {"=", Relation::equal}}};
    for (const auto& [sign, relation] : kRelations)
      if (text_.substr(at_).starts_with(sign)) {
        at_ += sign.size();
        return relation;
      }
    return std::nullopt;
  }

  /// A regex ends with a slash that ends a word, so that a path can be written as it is.
  bool closes(char end) const {
    return peek() == end && (end == '"' || at_ + 1 >= text_.size() || ends_word(text_[at_ + 1]));
  }
  bool is_regex() const {
    if (peek() != '/') return false;
    for (std::size_t at = text_.find('/', at_ + 1); at != text_.npos; at = text_.find('/', at + 1))
      if (at + 1 >= text_.size() || ends_word(text_[at + 1])) return true;
    return false;
  }

  Result<Value> value() {
    Value found;
    found.at = at_;
    if (peek() == '"' || is_regex()) {
      const char end = peek();
      found.kind = end == '"' ? Value::Kind::phrase : Value::Kind::regex;
      for (++at_; !closes(end); ++at_) {
        if (at_end()) return wrong(found.at, "this {} is not closed", end);
        // A backslash keeps the end mark, and itself in a phrase; a regex keeps its other backslashes.
        if (peek() == '\\' && at_ + 1 < text_.size()) {
          const char next = text_[at_ + 1];
          const bool taken = next == end || (end == '"' && next == '\\');
          if (!taken) found.text += '\\';
          ++at_;
        }
        found.text += peek();
      }
      ++at_;
    } else {
      const std::string_view word = next_word();
      found.text = word;
      at_ += word.size();
    }
    if (found.text.empty()) return wrong(found.at, "a value is missing");
    if (found.text.size() > kMaxWord)
      return wrong(found.at, "{} bytes in one word, at most {}", found.text.size(), kMaxWord);
    return found;
  }

  Result<std::uint32_t> text_condition(const Value& wanted) {
    Condition asked;
    if (wanted.kind == Value::Kind::regex) {
      SENT_TRY_ASSIGN(asked.pattern, Pattern::compile(wanted.text, false));
      asked.kind = Condition::Kind::pattern;
    } else if (wanted.has_wildcard()) {
      // A word that is nothing but stars asks nothing.
      if (wanted.text.find_first_not_of('*') == std::string::npos)
        return expression_.add(Expression::Node::Kind::all, {});
      SENT_TRY_ASSIGN(asked.pattern, Pattern::compile(wildcard_regex(wanted.text), true));
      asked.kind = Condition::Kind::pattern;
    } else {
      asked.value = to_lower(wanted.text);
    }
    return expression_.add(std::move(asked));
  }

  Result<std::uint32_t> comparison(QueryField field, Relation relation, std::size_t begin) {
    SENT_TRY_ASSIGN(const Value wanted, value());
    Condition asked{.kind = Condition::Kind::equal, .field = field, .value = wanted.text};
    const bool pattern = wanted.kind == Value::Kind::regex || wanted.has_wildcard();
    if (field == QueryField::severity && pattern) return wrong(wanted.at, "a severity has no wildcards");
    const bool ordered = relation != Relation::equal && relation != Relation::not_equal;
    if (field == QueryField::severity || ordered) {
      SENT_TRY(set_bounds(asked, relation, wanted, begin));
    } else if (wanted.kind == Value::Kind::regex) {
      asked.kind = Condition::Kind::match;
      SENT_TRY_ASSIGN(asked.pattern, Pattern::compile(wanted.text, false));
    } else if (wanted.has_wildcard()) {
      asked.kind = Condition::Kind::glob;
    }
    const std::uint32_t found = expression_.add(std::move(asked));
    return relation == Relation::not_equal ? expression_.add(Expression::Node::Kind::none, {found}) : found;
  }

  Result<void> set_bounds(Condition& asked, Relation relation, const Value& wanted, std::size_t begin) {
    std::uint64_t number = 0;
    if (asked.field == QueryField::severity) {
      const auto severity = parse_severity(wanted.text);
      if (!severity)
        return wrong(wanted.at,
                     "\"{}\" is not a severity: TRACE, DEBUG, INFO, AUDIT, WARNING, ERROR, CRITICAL",
                     wanted.text);
      number = static_cast<std::uint64_t>(*severity);
    } else if (asked.field == QueryField::pid || asked.field == QueryField::status) {
      const auto parsed = parse_uint(wanted.text);
      if (!parsed) return wrong(wanted.at, "\"{}\" is not a number", wanted.text);
      number = *parsed;
    } else {
      return wrong(begin, "only severity, pid and status are larger or smaller than something");
    }
    asked.kind = Condition::Kind::between;
    asked.low = 0;
    asked.high = UINT64_MAX;
    switch (relation) {
      case Relation::equal:
      case Relation::not_equal:
        asked.low = asked.high = number;
        break;
      case Relation::at_least:
        asked.low = number;
        break;
      case Relation::above:
        if (number == UINT64_MAX) return wrong(wanted.at, "nothing is above {}", number);
        asked.low = number + 1;
        break;
      case Relation::at_most:
        asked.high = number;
        break;
      case Relation::below:
        if (number == 0) return wrong(wanted.at, "nothing is below 0");
        asked.high = number - 1;
        break;
    }
    return {};
  }

  Result<QueryField> field_name() {
    skip_blanks();
    const std::size_t begin = at_;
    const std::string_view name = next_word();
    const auto field = parse_query_field(name);
    if (!field) return wrong(begin, "\"{}\" is not a field", name);
    at_ += name.size();
    return *field;
  }

  Result<Stage> stage() {
    skip_blanks();
    const std::size_t begin = at_;
    Stage found;
    if (take_keyword("count")) {
      if (take_keyword("by")) {
        SENT_TRY_ASSIGN(found.by, field_name());
      }
    } else if (take_keyword("top")) {
      found.kind = Stage::Kind::top;
      const std::string_view number = next_word();
      const auto limit = parse_uint(number);
      if (!limit || *limit == 0 || *limit > kMaxTop)
        return wrong(at_, "after \"top\" comes a number from 1 to {}", kMaxTop);
      found.limit = *limit;
      at_ += number.size();
      SENT_TRY_ASSIGN(found.by, field_name());
    } else if (take_keyword("rate")) {
      found.kind = Stage::Kind::rate;
      SENT_TRY_ASSIGN(found.step, rate_step());
    } else if (take_keyword("patterns")) {
      found.kind = Stage::Kind::patterns;
      found.by = QueryField::template_id;
    } else {
      return wrong(begin, "after \"|\" comes count, top, rate or patterns");
    }
    skip_blanks();
    if (!at_end()) return wrong(at_, "\"{}\" is too much", next_word());
    return found;
  }

  Result<Duration> rate_step() {
    std::string_view word = next_word();
    if (word.empty()) return kDefaultStep;
    const std::size_t begin = at_;
    at_ += word.size();
    if (word.starts_with('[') && word.ends_with(']') && word.size() > 2)
      word = word.substr(1, word.size() - 2);
    const auto step = parse_duration(word);
    if (!step || step->count() < 1'000'000'000)
      return wrong(begin, "\"{}\" is not a duration of a second or more", word);
    return *step;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  Expression expression_;
};

}  // namespace

std::optional<QueryField> parse_query_field(std::string_view name) {
  const auto at =
      std::ranges::find_if(kFieldNames, [&](const auto& entry) { return iequals(entry.first, name); });
  if (at == kFieldNames.end()) return std::nullopt;
  return at->second;
}

Result<ParsedQuery> parse_query(std::string_view text) {
  return Parser(text).run();
}

}  // namespace sentinella::logs
