#include "telemetry/expression_parser.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace sentinella::telemetry {
namespace {

constexpr std::size_t kMaxBytes = 4096;
constexpr int kMaxDepth = 64;

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool in_name(char c) {
  return starts_name(c) || (c >= '0' && c <= '9');
}

/// Counts levels for as long as it lives.
class Level {
 public:
  explicit Level(int& depth) : depth_(++depth) {}
  ~Level() { --depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  int& depth_;
};

}  // namespace

Result<Expression> ExpressionParser::parse() {
  if (text_.size() > kMaxBytes)
    return fail(Errc::kTooLarge, "the expression has {} bytes, at most {}", text_.size(), kMaxBytes);
  SENT_TRY_ASSIGN(out_.root_, disjunction());
  skip_blanks();
  if (at_ != text_.size()) return expected("the end");
  return std::move(out_);
}

std::unexpected<Error> ExpressionParser::expected(std::string_view what) const {
  return fail(Errc::kInvalid, "the expression \"{}\" has at character {} not {}", text_, at_ + 1, what);
}

std::size_t ExpressionParser::add(Op op, std::size_t left, std::size_t right) {
  out_.nodes_.push_back({op, {}, {}, left, right});
  return out_.nodes_.size() - 1;
}

std::size_t ExpressionParser::literal(ExpressionValue value) {
  const std::size_t node = add(Op::literal);
  out_.nodes_[node].literal = std::move(value);
  return node;
}

void ExpressionParser::skip_blanks() {
  while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
}

bool ExpressionParser::keyword(std::string_view word) {
  skip_blanks();
  if (!text_.substr(at_).starts_with(word)) return false;
  if (at_ + word.size() < text_.size() && in_name(text_[at_ + word.size()])) return false;
  at_ += word.size();
  return true;
}

bool ExpressionParser::symbol(std::string_view word) {
  skip_blanks();
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

ExpressionParser::Index ExpressionParser::disjunction() {
  const Level level(depth_);
  if (depth_ > kMaxDepth) return expected("so much nesting");
  SENT_TRY_ASSIGN(std::size_t left, conjunction());
  while (keyword("or")) {
    SENT_TRY_ASSIGN(const std::size_t right, conjunction());
    left = add(Op::either, left, right);
  }
  return left;
}

ExpressionParser::Index ExpressionParser::conjunction() {
  SENT_TRY_ASSIGN(std::size_t left, negation());
  while (keyword("and")) {
    SENT_TRY_ASSIGN(const std::size_t right, negation());
    left = add(Op::both, left, right);
  }
  return left;
}

ExpressionParser::Index ExpressionParser::negation() {
  int times = 0;
  while (keyword("not")) ++times;
  SENT_TRY_ASSIGN(std::size_t node, comparison());
  if (times > 0) node = add(Op::invert, node);
  if (times > 0 && times % 2 == 0) node = add(Op::invert, node);
  return node;
}

/// One comparison; Python's chains (a < b < c) are not taken.
ExpressionParser::Index ExpressionParser::comparison() {
  SENT_TRY_ASSIGN(const std::size_t left, sum());
  static constexpr Word kWords[] = {{"==", Op::equal},         {"!=", Op::not_equal}, {"<=", Op::less_equal},
                                    {">=", Op::greater_equal}, {"<", Op::less},       {">", Op::greater}};
  for (const Word& word : kWords) {
    if (!symbol(word.text)) continue;
    SENT_TRY_ASSIGN(const std::size_t right, sum());
    return add(word.op, left, right);
  }
  return left;
}

ExpressionParser::Index ExpressionParser::sum() {
  SENT_TRY_ASSIGN(std::size_t left, product());
  for (;;) {
    skip_blanks();
    const char c = peek();
    if (c != '+' && c != '-') return left;
    ++at_;
    SENT_TRY_ASSIGN(const std::size_t right, product());
    left = add(c == '+' ? Op::add : Op::subtract, left, right);
  }
}

ExpressionParser::Index ExpressionParser::product() {
  SENT_TRY_ASSIGN(std::size_t left, sign());
  for (;;) {
    Op op;
    if (symbol("//"))
      op = Op::floor_divide;
    else if (symbol("/"))
      op = Op::divide;
    else if (symbol("*"))
      op = Op::multiply;
    else if (symbol("%"))
      op = Op::modulo;
    else
      return left;
    SENT_TRY_ASSIGN(const std::size_t right, sign());
    left = add(op, left, right);
  }
}

ExpressionParser::Index ExpressionParser::sign() {
  const Level level(depth_);
  if (depth_ > kMaxDepth) return expected("so much nesting");
  if (symbol("-")) {
    SENT_TRY_ASSIGN(const std::size_t inner, sign());
    return add(Op::negate, inner);
  }
  if (symbol("+")) {
    SENT_TRY_ASSIGN(const std::size_t inner, sign());
    return add(Op::plus, inner);
  }
  return power();
}

ExpressionParser::Index ExpressionParser::power() {
  SENT_TRY_ASSIGN(const std::size_t base, atom());
  if (!symbol("**")) return base;
  SENT_TRY_ASSIGN(const std::size_t exponent, sign());
  return add(Op::power, base, exponent);
}

ExpressionParser::Index ExpressionParser::atom() {
  skip_blanks();
  const char c = peek();
  if (symbol("(")) {
    SENT_TRY_ASSIGN(const std::size_t inner, disjunction());
    if (!symbol(")")) return expected("a closing parenthesis");
    return inner;
  }
  if ((c >= '0' && c <= '9') || c == '.') return number();
  if (c == '\'' || c == '"') return quoted();
  if (c == '$') return meter();
  if (keyword("True")) return literal(true);
  if (keyword("False")) return literal(false);
  if (keyword("None")) return literal(std::monostate());
  if (starts_name(c)) return name();
  return expected("a number, a name or a parenthesis");
}

ExpressionParser::Index ExpressionParser::number() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && (in_name(text_[at_]) || text_[at_] == '.' ||
                                ((text_[at_] == '+' || text_[at_] == '-') && at_ > begin &&
                                 (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E'))))
    ++at_;
  const auto value = parse_double(text_.substr(begin, at_ - begin));
  if (!value) {
    at_ = begin;
    return expected("a number");
  }
  return literal(*value);
}

ExpressionParser::Index ExpressionParser::quoted() {
  const char quote = text_[at_];
  const std::size_t end = text_.find(quote, at_ + 1);
  if (end == std::string_view::npos) return expected("a text that ends");
  const std::string text(text_.substr(at_ + 1, end - at_ - 1));
  at_ = end + 1;
  return literal(text);
}

Result<std::vector<std::string>> ExpressionParser::dotted_rest() {
  std::vector<std::string> path;
  while (peek() == '.') {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    if (at_ == begin) return expected("a name after the dot");
    path.emplace_back(text_.substr(begin, at_ - begin));
  }
  return path;
}

ExpressionParser::Index ExpressionParser::name() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && in_name(text_[at_])) ++at_;
  std::vector<std::string> path{std::string(text_.substr(begin, at_ - begin))};
  SENT_TRY_ASSIGN(auto rest, dotted_rest());
  path.insert(path.end(), rest.begin(), rest.end());
  const std::size_t node = add(Op::name);
  out_.nodes_[node].name = {"", std::move(path)};
  return node;
}

ExpressionParser::Index ExpressionParser::meter() {
  const std::size_t end = text_.find(')', at_);
  if (at_ + 1 >= text_.size() || text_[at_ + 1] != '(' || end == std::string_view::npos)
    return expected("$(meter)");
  const std::string meter(trim(text_.substr(at_ + 2, end - at_ - 2)));
  if (meter.empty()) return expected("$(meter)");
  at_ = end + 1;
  SENT_TRY_ASSIGN(auto path, dotted_rest());
  if (std::ranges::find(out_.meters_, meter) == out_.meters_.end()) out_.meters_.push_back(meter);
  const std::size_t node = add(Op::name);
  out_.nodes_[node].name = {meter, std::move(path)};
  return node;
}

}  // namespace sentinella::telemetry
