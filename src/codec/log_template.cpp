#include "codec/log_template.h"

#include <algorithm>
#include <array>

namespace sentinella::codec {
namespace {

enum class Char : std::uint8_t { word, blank, quote, separator };

/// Bytes over 0x7f belong to words.
constexpr std::array<Char, 256> make_classes() {
  std::array<Char, 256> classes{};
  for (const char c : std::string_view(" \t\n\r\v\f")) classes[static_cast<unsigned char>(c)] = Char::blank;
  for (const char c : std::string_view("'\"")) classes[static_cast<unsigned char>(c)] = Char::quote;
  for (const char c : std::string_view("()[]{}<>,;=|`"))
    classes[static_cast<unsigned char>(c)] = Char::separator;
  return classes;
}
constexpr std::array<Char, 256> kClasses = make_classes();

Char class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}
bool is_closing_mark(char c) {
  return c == '.' || c == ':' || c == '!' || c == '?';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex_letter(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_location(std::string_view word) {
  return word.starts_with('/') || word.starts_with("./") || word.starts_with("~/") ||
         word.find("://") != std::string_view::npos || std::ranges::count(word, '/') >= 2;
}

/// Does this word change from one occurrence of the message to the next?
bool is_variable(std::string_view word) {
  return std::ranges::any_of(word, is_digit) || word.starts_with("req-") ||
         (word.size() > 1 && is_location(word)) ||
         (word.size() >= 8 && std::ranges::all_of(word, is_hex_letter));
}

/// Finds where quotes close. What was once searched is not searched again, so that a text full of quotes
/// still takes linear time.
class Quotes {
 public:
  explicit Quotes(std::string_view text) : text_(text) {}

  /// Position of the quote that closes the one at `open`; npos when none does on its line.
  std::size_t closing(std::size_t open) {
    const char quote = text_[open];
    std::size_t& next = quote == '\'' ? single_ : double_;
    if (next <= open) {
      next = open + 1;
      while (next < text_.size() && text_[next] != '\n' && !(text_[next] == quote && closes(next))) ++next;
    }
    return next < text_.size() && text_[next] == quote ? next : std::string_view::npos;
  }

 private:
  /// An apostrophe stands inside a word ("can't") and closes nothing.
  bool closes(std::size_t at) const {
    return at + 1 == text_.size() || class_of(text_[at + 1]) != Char::word || is_closing_mark(text_[at + 1]);
  }

  std::string_view text_;
  std::size_t single_ = 0;  ///< the first closing quote or end of line that is known
  std::size_t double_ = 0;
};

/// Hands the template of `text` to `out(std::string_view)` piece by piece.
template <typename Out>
class Templater {
 public:
  Templater(std::string_view text, Out& out) : text_(text), quotes_(text), out_(out) {}

  void run() {
    while (at_ < text_.size()) {
      switch (class_of(text_[at_])) {
        case Char::blank:
          blank_ = true;
          ++at_;
          break;
        case Char::separator:
          emit(text_.substr(at_++, 1));
          break;
        case Char::quote:
          quoted();
          break;
        case Char::word:
          word();
          break;
      }
    }
  }

 private:
  void emit(std::string_view piece) {
    if (blank_ && begun_) out_(" ");
    blank_ = false;
    begun_ = true;
    out_(piece);
  }

  void quoted() {
    const bool opens = at_ == 0 || class_of(text_[at_ - 1]) != Char::word;
    const std::size_t close = opens ? quotes_.closing(at_) : std::string_view::npos;
    if (close == std::string_view::npos) return emit(text_.substr(at_++, 1));
    emit("<*>");
    at_ = close + 1;
  }

  std::size_t word_end(std::size_t from) const {
    while (from < text_.size() && class_of(text_[from]) == Char::word) ++from;
    return from;
  }

  void word() {
    std::size_t end = word_end(at_);
    // The query of a URL is part of it.
    if (is_location(text_.substr(at_, end - at_)))
      while (end < text_.size() && text_[end] == '=') end = word_end(end + 1);
    std::string_view whole = text_.substr(at_, end - at_);
    at_ = end;
    const std::string_view marks = closing_marks(whole);
    whole.remove_suffix(marks.size());
    if (!whole.empty()) emit(is_variable(whole) ? std::string_view("<*>") : whole);
    if (!marks.empty()) emit(marks);
  }

  static std::string_view closing_marks(std::string_view word) {
    std::size_t begin = word.size();
    while (begin > 0 && is_closing_mark(word[begin - 1])) --begin;
    return word.substr(begin);
  }

  std::string_view text_;
  Quotes quotes_;
  Out& out_;
  std::size_t at_ = 0;
  bool blank_ = false;
  bool begun_ = false;
};

/// FNV-1a, 64 bits (draft-eastlake-fnv): simple enough to be written again anywhere, fast enough for lines.
struct Fnv1a {
  std::uint64_t hash = 0xcbf29ce484222325;
  void operator()(std::string_view piece) {
    for (const char c : piece) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
};

struct Appender {
  std::string text;
  void operator()(std::string_view piece) { text += piece; }
};

}  // namespace

std::string log_template(std::string_view message) {
  Appender out;
  Templater(message, out).run();
  return std::move(out.text);
}

std::uint64_t log_template_id(std::string_view message) {
  Fnv1a out;
  Templater(message, out).run();
  return out.hash == 0 ? 1 : out.hash;
}

}  // namespace sentinella::codec
