#include "query/lexer.h"

#include <array>
#include <optional>
#include <utility>

#include "base/text.h"

namespace sentinella::query {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_alphanumeric(char c) {
  return is_alpha(c) || is_digit(c);
}
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// The UTF-8 sequence that begins at `at`, for messages.
std::string_view character(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0) == 0x80)
    ++length;
  return text.substr(at, length);
}

std::optional<Token> keyword(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, TokenKind>, 10> kWords{{
      {"offset", TokenKind::offset},
      {"by", TokenKind::by},
      {"without", TokenKind::without},
      {"on", TokenKind::on},
      {"ignoring", TokenKind::ignoring},
      {"group_left", TokenKind::group_left},
      {"group_right", TokenKind::group_right},
      {"bool", TokenKind::bool_},
      {"start", TokenKind::start},
      {"end", TokenKind::end},
  }};
  const std::string lower = to_lower(word);
  for (const auto& [name, kind] : kWords)
    if (name == lower) return Token{.kind = kind};
  for (const BinaryOp op : {BinaryOp::and_, BinaryOp::or_, BinaryOp::unless, BinaryOp::atan2})
    if (to_string(op) == lower) return Token{.kind = TokenKind::operator_, .op = op};
  for (int i = 0; i <= static_cast<int>(Aggregation::quantile); ++i)
    if (const auto op = static_cast<Aggregation>(i); to_string(op) == lower)
      return Token{.kind = TokenKind::aggregator, .aggregation = op};
  if (lower == "inf" || lower == "nan") return Token{.kind = TokenKind::number};
  return std::nullopt;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    while (!done_) {
      skip_blank();
      begin_ = at_;
      if (in_braces_)
        next_in_braces();
      else
        next();
    }
    return std::move(tokens_);
  }

 private:
  bool more() const { return at_ < text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool accept(char c) {
    if (!more() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool accept_any(std::string_view set) {
    if (!more() || !set.contains(text_[at_])) return false;
    ++at_;
    return true;
  }

  void skip_blank() {
    while (more()) {
      if (is_space(peek())) {
        ++at_;
      } else if (peek() == '#') {
        while (more() && peek() != '\n' && peek() != '\r') ++at_;
      } else {
        return;
      }
    }
  }

  void emit(Token token) {
    token.at = {begin_, at_};
    tokens_.push_back(std::move(token));
  }
  void emit(TokenKind kind) { emit(Token{.kind = kind}); }
  void emit(BinaryOp op) { emit(Token{.kind = TokenKind::operator_, .op = op}); }

  template <typename... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) {
    Token token{.kind = TokenKind::error, .message = fmt::format(format, std::forward<Args>(args)...)};
    token.at = {begin_, text_.size()};
    tokens_.push_back(std::move(token));
    done_ = true;
  }

  void end() {
    if (paren_depth_ != 0) return error("unclosed left parenthesis");
    if (in_brackets_) return error("unclosed left bracket");
    emit(TokenKind::end_of_input);
    done_ = true;
  }

  void next() {
    if (!more()) return end();
    const char c = peek();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number_or_duration();
    if (c == '"' || c == '\'') return quoted(c);
    if (c == '`') return raw_string();
    if (is_alpha(c) || (c == ':' && !in_brackets_)) return word();
    ++at_;
    switch (c) {
      case ',':
        return emit(TokenKind::comma);
      case '*':
        return emit(BinaryOp::mul);
      case '/':
        return emit(BinaryOp::div);
      case '%':
        return emit(BinaryOp::mod);
      case '+':
        return emit(BinaryOp::add);
      case '-':
        return emit(BinaryOp::sub);
      case '^':
        return emit(BinaryOp::pow);
      case '@':
        return emit(TokenKind::at);
      case '=':
        if (accept('=')) return emit(BinaryOp::equal);
        if (peek() == '~') return error("unexpected character after '=': '~'");
        return emit(TokenKind::assign);
      case '!':
        if (accept('=')) return emit(BinaryOp::not_equal);
        if (!more()) return error("unexpected character after '!': end of input");
        return error("unexpected character after '!': '{}'", character(text_, at_));
      case '<':
        return emit(accept('=') ? BinaryOp::less_equal : BinaryOp::less);
      case '>':
        return emit(accept('=') ? BinaryOp::greater_equal : BinaryOp::greater);
      default:
        return bracket(c);
    }
  }

  void bracket(char c) {
    switch (c) {
      case '(':
        ++paren_depth_;
        return emit(TokenKind::left_paren);
      case ')':
        if (paren_depth_ == 0) return error("unexpected right parenthesis ')'");
        --paren_depth_;
        return emit(TokenKind::right_paren);
      case '{':
        in_braces_ = true;
        return emit(TokenKind::left_brace);
      case '[':
        if (in_brackets_) return error("unexpected left bracket '['");
        in_brackets_ = true;
        got_colon_ = false;
        emit(TokenKind::left_bracket);
        skip_blank();
        begin_ = at_;
        return duration();
      case ']':
        if (!in_brackets_) return error("unexpected right bracket ']'");
        in_brackets_ = false;
        return emit(TokenKind::right_bracket);
      case ':':
        if (got_colon_) return error("unexpected colon ':'");
        got_colon_ = true;
        return emit(TokenKind::colon);
      default:
        return error("unexpected character: '{}'", character(text_, begin_));
    }
  }

  void next_in_braces() {
    if (!more()) return error("unexpected end of input inside braces");
    const char c = peek();
    if (is_alpha(c)) {
      while (is_alphanumeric(peek())) ++at_;
      return emit(TokenKind::identifier);
    }
    if (c == '"' || c == '\'') return quoted(c);
    if (c == '`') return raw_string();
    ++at_;
    switch (c) {
      case ',':
        return emit(TokenKind::comma);
      case '=':
        return emit(accept('~') ? TokenKind::regex_match : TokenKind::assign);
      case '!':
        if (accept('~')) return emit(TokenKind::regex_no_match);
        if (accept('=')) return emit(BinaryOp::not_equal);
        if (!more()) return error("unexpected character after '!' inside braces: end of input");
        return error("unexpected character after '!' inside braces: '{}'", character(text_, at_));
      case '{':
        return error("unexpected left brace '{{'");
      case '}':
        in_braces_ = false;
        return emit(TokenKind::right_brace);
      default:
        return error("unexpected character inside braces: '{}'", character(text_, begin_));
    }
  }

  /// False: what follows the digits makes it no number.
  bool scan_number() {
    bool hex = false;
    if (accept('0') && accept_any("xX")) hex = true;
    const auto digits = [&] {
      while (more() && (hex ? is_hex_digit(peek()) : is_digit(peek()))) ++at_;
    };
    digits();
    if (accept('.')) digits();
    if (accept_any("eE")) {
      accept_any("+-");
      while (is_digit(peek())) ++at_;
    }
    return !is_alphanumeric(peek());
  }

  /// The unit and whatever further number-unit pairs follow a number.
  bool scan_units() {
    if (!accept_any("smhdwy")) return false;
    accept('s');
    while (is_digit(peek())) {
      while (is_digit(peek())) ++at_;
      if (!accept_any("smhdw")) return false;
      accept('s');
    }
    return !is_alphanumeric(peek());
  }

  void number_or_duration() {
    if (scan_number()) return emit(TokenKind::number);
    if (scan_units()) return emit(TokenKind::duration);
    error("bad number or duration syntax: \"{}\"", text_.substr(begin_, at_ - begin_));
  }

  void duration() {
    if (scan_number()) return error("missing unit character in duration");
    if (!scan_units()) return error("bad duration syntax: \"{}\"", text_.substr(begin_, at_ - begin_));
    emit(TokenKind::duration);
  }

  void word() {
    while (is_alphanumeric(peek()) || (peek() == ':' && !in_brackets_)) ++at_;
    const auto text = text_.substr(begin_, at_ - begin_);
    if (auto token = keyword(text)) return emit(std::move(*token));
    emit(text.contains(':') ? TokenKind::metric_identifier : TokenKind::identifier);
  }

  void quoted(char quote) {
    ++at_;
    while (more() && peek() != quote) {
      if (peek() == '\n') return error("unterminated quoted string");
      if (peek() == '\\' && at_ + 1 < text_.size()) ++at_;
      ++at_;
    }
    if (!accept(quote)) return error("unterminated quoted string");
    if (!is_valid_utf8(text_.substr(begin_, at_ - begin_))) return error("invalid UTF-8 rune");
    emit(TokenKind::string);
  }

  void raw_string() {
    ++at_;
    while (more() && peek() != '`') ++at_;
    if (!accept('`')) return error("unterminated raw string");
    if (!is_valid_utf8(text_.substr(begin_, at_ - begin_))) return error("invalid UTF-8 rune");
    emit(TokenKind::string);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::vector<Token> tokens_;
  std::size_t paren_depth_ = 0;
  bool in_braces_ = false;
  bool in_brackets_ = false;
  bool got_colon_ = false;
  bool done_ = false;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  return Lexer(text).run();
}

std::string describe(const Token& token, std::string_view text) {
  const auto word = text.substr(token.at.begin, token.at.end - token.at.begin);
  auto shown = word.size() > 10 ? fmt::format("\"{}\"...", word.substr(0, 10)) : fmt::format("\"{}\"", word);
  switch (token.kind) {
    case TokenKind::end_of_input:
      return "end of input";
    case TokenKind::error:
      return token.message;
    case TokenKind::identifier:
      return fmt::format("identifier \"{}\"", word);
    case TokenKind::metric_identifier:
      return fmt::format("metric identifier \"{}\"", word);
    case TokenKind::string:
      return "string " + shown;
    case TokenKind::number:
      return "number " + shown;
    case TokenKind::duration:
      return "duration " + shown;
    case TokenKind::operator_:
    case TokenKind::regex_match:
    case TokenKind::regex_no_match:
    case TokenKind::at:
      return fmt::format("<op:{}>", word);
    case TokenKind::aggregator:
      return fmt::format("<aggr:{}>", word);
    case TokenKind::offset:
    case TokenKind::by:
    case TokenKind::without:
    case TokenKind::on:
    case TokenKind::ignoring:
    case TokenKind::group_left:
    case TokenKind::group_right:
    case TokenKind::bool_:
    case TokenKind::start:
    case TokenKind::end:
      return fmt::format("<{}>", word);
    default:
      return shown;
  }
}

bool is_label_name(std::string_view text) {
  if (text.empty() || !is_alpha(text[0])) return false;
  for (const char c : text)
    if (!is_alphanumeric(c)) return false;
  return true;
}

}  // namespace sentinella::query
