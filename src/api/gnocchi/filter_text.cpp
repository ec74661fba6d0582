// The text form of a filter: a descent through or, and, not and comparisons, which gives the JSON form.
#include "api/gnocchi/filter.h"

#include <array>

#include "api/gnocchi/resource_id.h"
#include "base/text.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr int kMaxFilterDepth = 30;
constexpr std::size_t kMaxText = 64u << 10;

bool is_word(char c) {
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '-' || c == '.' ||
         c == '+';
}

class FilterText {
 public:
  explicit FilterText(std::string_view text) : text_(text) {}

  Outcome<boost::json::value> read() {
    if (text_.size() > kMaxText) return refuse(400, "Invalid filter: it is longer than {} bytes", kMaxText);
    SENT_TRY_ASSIGN(auto tree, either(0));
    if (skip(); at_ < text_.size()) return expected("end of text");
    return tree;
  }

 private:
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  Failure expected(std::string_view what) const {
    return refuse(400, "Invalid filter: Expected {}, found '{}'  (at char {})", what,
                  to_valid_utf8(text_.substr(at_, 20)), at_);
  }
  bool take(std::string_view symbol) {
    skip();
    if (!text_.substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    return true;
  }
  /// A word by itself, in any case of letters.
  bool take_word(std::string_view word) {
    skip();
    const std::string_view rest = text_.substr(at_);
    if (rest.size() < word.size() || !iequals(rest.substr(0, word.size()), word)) return false;
    if (rest.size() > word.size() && is_word(rest[word.size()])) return false;
    at_ += word.size();
    return true;
  }

  using Part = Outcome<boost::json::value> (FilterText::*)(int);
  /// One part, or several between words that join them.
  Outcome<boost::json::value> joined(int depth, Part part, std::string_view word, std::string_view symbol) {
    SENT_TRY_ASSIGN(auto first, (this->*part)(depth));
    boost::json::array parts;
    parts.push_back(std::move(first));
    while (take_word(word) || take(symbol)) {
      SENT_TRY_ASSIGN(auto next, (this->*part)(depth));
      parts.push_back(std::move(next));
    }
    if (parts.size() == 1) return std::move(parts.front());
    boost::json::object object;
    object[word] = std::move(parts);
    return object;
  }
  Outcome<boost::json::value> either(int depth) { return joined(depth, &FilterText::both, "or", "∨"); }
  Outcome<boost::json::value> both(int depth) { return joined(depth, &FilterText::negated, "and", "∧"); }
  Outcome<boost::json::value> negated(int depth) {
    if (depth > kMaxFilterDepth)
      return refuse(400, "Invalid filter: it is nested over {} deep", kMaxFilterDepth);
    if (take_word("not")) {
      SENT_TRY_ASSIGN(auto part, negated(depth + 1));
      boost::json::object object;
      object["not"] = std::move(part);
      return object;
    }
    if (take("(")) {
      SENT_TRY_ASSIGN(auto part, either(depth + 1));
      if (!take(")")) return expected("')'");
      return part;
    }
    return comparison();
  }

  Outcome<boost::json::value> comparison() {
    skip();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string name(text_.substr(begin, at_ - begin));
    if (name.empty()) return expected("an attribute");
    SENT_TRY_ASSIGN(const auto op, comparator());
    SENT_TRY_ASSIGN(auto value, term());
    boost::json::object inner, outer;
    inner[name] = std::move(value);
    outer[op] = std::move(inner);
    return outer;
  }
  Outcome<std::string> comparator() {
    for (const std::string_view symbol : {"<=", ">=", "!=", "≤", "≥", "≠", "=", "<", ">"})
      if (take(symbol)) return std::string(symbol);
    for (const std::string_view word : {"in", "like", "eq", "ne", "lt", "le", "gt", "ge"})
      if (take_word(word)) return std::string(word);
    return expected("an operator");
  }

  Outcome<boost::json::value> term() {
    skip();
    if (take("[")) return list();
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) return quoted();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.empty()) return expected("a value");
    if (iequals(word, "none") || iequals(word, "null")) return nullptr;
    if (iequals(word, "true")) return true;
    if (iequals(word, "false")) return false;
    if (any_uuid(word)) return boost::json::string(word);
    if (const auto number = parse_double(word)) return *number;
    return boost::json::string(word);
  }
  Outcome<boost::json::value> list() {
    boost::json::array values;
    if (take("]")) return values;
    do {
      if (skip(); at_ < text_.size() && text_[at_] == '[') return expected("a value");
      SENT_TRY_ASSIGN(auto value, term());
      values.push_back(std::move(value));
    } while (take(","));
    if (!take("]")) return expected("']'");
    return values;
  }
  Outcome<boost::json::value> quoted() {
    const char quote = text_[at_];
    std::string value;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] == quote) {
        at_ = i + 1;
        return boost::json::string(value);
      }
      if (text_[i] == '\\' && i + 1 < text_.size()) ++i;
      value += text_[i];
    }
    return expected(std::string("a closing ") + quote);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Outcome<boost::json::value> parse_filter_text(std::string_view text) {
  return FilterText(text).read();
}

}  // namespace sentinella::api::gnocchi
