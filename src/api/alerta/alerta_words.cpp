#include "api/alerta/alerta_words.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include <re2/re2.h>

#include "api/alerta/alerta_fields.h"
#include "base/text.h"

namespace sentinella::api::alerta {
namespace {

constexpr std::size_t kMaxWordText = 4 << 10;
constexpr int kMaxDepth = 32;
constexpr std::int64_t kMaxRegexMemory = 1 << 20;

using Test = std::function<bool(const std::string& value)>;

/// As numbers when both are.
int compare(const std::string& a, const std::string& b) {
  const auto x = parse_double(a), y = parse_double(b);
  if (x && y) return *x < *y ? -1 : *y < *x ? 1 : 0;
  return a.compare(b);
}

Result<Test> matching(const std::string& pattern) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_case_sensitive(false);
  options.set_max_mem(kMaxRegexMemory);
  const auto regex = std::make_shared<const re2::RE2>(pattern, options);
  if (!regex->ok()) return fail_field(Errc::kInvalid, "q", "/{}/ is no regular expression", pattern);
  return [regex](const std::string& value) { return re2::RE2::PartialMatch(value, *regex); };
}

Result<Test> word_test(const std::string& word) {
  if (word.find_first_of("*?") == std::string::npos)
    return [lower = to_lower(word)](const std::string& value) { return to_lower(value).contains(lower); };
  if (word == "*") return [](const std::string& value) { return !value.empty(); };
  std::string pattern = R"((^|\W))";
  for (const char c : word)
    pattern += c == '*' ? R"(\S*)" : c == '?' ? R"(\S)" : re2::RE2::QuoteMeta(std::string_view(&c, 1));
  return matching(pattern + R"((\W|$))");
}

}  // namespace

struct AlertaWords::Node {
  enum class Kind : std::uint8_t { all, any, none, test, exists } kind = Kind::any;
  std::vector<std::shared_ptr<const Node>> parts;  ///< all of, any of, none of
  std::string field;                               ///< "" = wherever words are
  Test test;

  bool match(const Alert& alert, const AlarmTerms& terms) const {
    const auto holds = [&](const auto& part) { return part->match(alert, terms); };
    switch (kind) {
      case Kind::all:
        return std::ranges::all_of(parts, holds);
      case Kind::any:
        return std::ranges::any_of(parts, holds);
      case Kind::none:
        return std::ranges::none_of(parts, holds);
      case Kind::exists:
        return !alert.extras.annotations.get(field).empty();
      case Kind::test:
        break;
    }
    if (field.empty())
      return test(alert.resource) || test(alert.event) || test(alert.text) || test(alert.value);
    return std::ranges::any_of(*field_values(alert, field, terms), test);
  }
};

namespace {

using Node = AlertaWords::Node;
using NodePtr = std::shared_ptr<const Node>;

NodePtr make(Node::Kind kind, std::vector<NodePtr> parts) {
  Node node;
  node.kind = kind;
  node.parts = std::move(parts);
  return std::make_shared<const Node>(std::move(node));
}

class Parser {
 public:
  Parser(std::string_view text, const AlarmTerms& terms) : whole_(text), rest_(text), terms_(terms) {}

  Result<NodePtr> run() {
    SENT_TRY_ASSIGN(NodePtr root, alternatives("", 0));
    skip_space();
    if (!rest_.empty()) return unreadable();
    return root;
  }

 private:
  std::unexpected<Error> unreadable() const {
    return fail_field(Errc::kInvalid, "q", "cannot be read at or before byte {}: {}",
                      whole_.size() - rest_.size(), rest_.substr(0, 20));
  }
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  bool take(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word)) return false;
    // A word of letters ends where it ends.
    const bool letters = word.front() >= 'A' && word.front() <= 'Z';
    if (letters && rest_.size() > word.size() && !std::string_view(" \t\r\n()").contains(rest_[word.size()]))
      return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool at_end() {
    skip_space();
    return rest_.empty() || rest_.front() == ')';
  }

  /// a OR b, a b, and + and -, which count for all that stand side by side.
  Result<NodePtr> alternatives(const std::string& field, int depth) {
    if (depth > kMaxDepth) return fail_field(Errc::kInvalid, "q", "over {} parentheses deep", kMaxDepth);
    std::vector<NodePtr> must, may, never;
    do {
      if (at_end()) break;
      auto& into = take("+") ? must : take("-") ? never : may;
      SENT_TRY_ASSIGN(NodePtr one, conjunction(field, depth));
      into.push_back(std::move(one));
    } while (take("OR") || take("||") || !at_end());
    if (must.empty() && may.empty() && never.empty()) return unreadable();
    if (must.empty() && never.empty()) return may.size() == 1 ? may.front() : make(Node::Kind::any, may);
    if (must.empty() && !may.empty()) must.push_back(make(Node::Kind::any, may));
    if (!never.empty()) must.push_back(make(Node::Kind::none, never));
    return make(Node::Kind::all, must);
  }

  Result<NodePtr> conjunction(const std::string& field, int depth) {
    std::vector<NodePtr> parts;
    do {
      const bool negated = take("NOT") || take("!");
      SENT_TRY_ASSIGN(NodePtr one, term(field, depth));
      parts.push_back(negated ? make(Node::Kind::none, {one}) : one);
    } while (take("AND") || take("&&"));
    return parts.size() == 1 ? parts.front() : make(Node::Kind::all, parts);
  }

  Result<NodePtr> term(std::string field, int depth) {
    skip_space();
    if (const auto colon = field_end(); colon > 0) {
      field = rest_.substr(0, colon);
      rest_.remove_prefix(colon + 1);
      skip_space();
      if (field != "_exists_" && !field_values(Alert(), field, terms_))
        return fail_field(Errc::kInvalid, "q", "there is no field \"{}\"", field.substr(0, 60));
    }
    if (take("(")) {
      SENT_TRY_ASSIGN(NodePtr inner, alternatives(field, depth + 1));
      if (!take(")")) return unreadable();
      return inner;
    }
    Node node;
    if (field == "_exists_") {
      node.kind = Node::Kind::exists;
      SENT_TRY_ASSIGN(node.field, word());
      if (node.field.starts_with("attributes.")) node.field.erase(0, 11);
    } else {
      node.kind = Node::Kind::test;
      node.field = field;
      SENT_TRY_ASSIGN(node.test, test());
    }
    return std::make_shared<const Node>(std::move(node));
  }

  /// Where the name of a field ends; 0 = the text does not begin with one.
  std::size_t field_end() const {
    const auto end =
        rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
    return end != std::string_view::npos && rest_[end] == ':' ? end : 0;
  }

  Result<Test> test() {
    if (rest_.empty()) return unreadable();
    const char first = rest_.front();
    if (first == '"') {
      SENT_TRY_ASSIGN(const std::string phrase, until('"'));
      return matching(R"((^|\W))" + re2::RE2::QuoteMeta(phrase) + R"((\W|$))");
    }
    if (first == '/') {
      SENT_TRY_ASSIGN(const std::string pattern, until('/'));
      return matching(pattern);
    }
    if (first == '[' || first == '{') return range(first == '[');
    for (const std::string_view sign : {">=", "<=", ">", "<"})
      if (rest_.starts_with(sign)) return comparison(sign);
    SENT_TRY_ASSIGN(const std::string text, word());
    return word_test(text);
  }

  Result<Test> comparison(std::string_view sign) {
    rest_.remove_prefix(sign.size());
    SENT_TRY_ASSIGN(std::string bound, word());
    return [bound, less = sign.front() == '<', equal = sign.size() == 2](const std::string& value) {
      const int order = compare(value, bound);
      return order == 0 ? equal : (order < 0) == less;
    };
  }

  /// [a TO b] with both ends, {a TO b} without; * = open.
  Result<Test> range(bool closed) {
    rest_.remove_prefix(1);
    SENT_TRY_ASSIGN(const std::string low, word());
    if (!take("TO")) return unreadable();
    SENT_TRY_ASSIGN(const std::string high, word());
    if (!take(closed ? "]" : "}")) return unreadable();
    return [low, high, closed](const std::string& value) {
      const int least = closed ? 0 : 1;
      return (low == "*" || compare(value, low) >= least) && (high == "*" || -compare(value, high) >= least);
    };
  }

  Result<std::string> until(char end) {
    std::string out;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '\\' && i + 1 < rest_.size() && rest_[i + 1] == end) {
        out += rest_[++i];
      } else if (rest_[i] == end) {
        rest_.remove_prefix(i + 1);
        return out;
      } else {
        out += rest_[i];
      }
    }
    return unreadable();
  }

  Result<std::string> word() {
    skip_space();
    const std::string_view text = rest_.substr(0, rest_.find_first_of(" \t\r\n()[]{}\""));
    if (text.empty()) return unreadable();
    rest_.remove_prefix(text.size());
    return std::string(text);
  }

  std::string_view whole_, rest_;
  const AlarmTerms& terms_;
};

}  // namespace

Result<AlertaWords> AlertaWords::parse(std::string_view text, const AlarmTerms& terms) {
  if (text.size() > kMaxWordText)
    return fail_field(Errc::kTooLarge, "q", "{} bytes, at most {}", text.size(), kMaxWordText);
  AlertaWords out;
  if (trim(text).empty()) return out;
  SENT_TRY_ASSIGN(out.root_, Parser(text, terms).run());
  out.terms_ = &terms;
  return out;
}

bool AlertaWords::match(const Alert& alert) const {
  return !root_ || root_->match(alert, *terms_);
}

}  // namespace sentinella::api::alerta
