#include "codec/log_template.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"
#include "codec/log_interest.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

/// What a byte is; only bytes of words have more than one bit. Bytes over 0x7f belong to words.
enum : std::uint8_t { kWord = 1, kDigit = 2, kSlash = 4, kBlank = 8, kQuote = 16, kSeparator = 32 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  classes.fill(kWord);
  const auto set = [&](std::string_view bytes, std::uint8_t value) {
    for (const char c : bytes) classes[static_cast<unsigned char>(c)] = value;
  };
  set(" \t\n\r\v\f", kBlank);
  set("'\"", kQuote);
  set("()[]{}<>,;=|`", kSeparator);
  set("0123456789", kWord | kDigit);
  set("/", kWord | kSlash);
  return classes;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

std::uint8_t class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}
bool is_closing_mark(char c) {
  return c == '.' || c == ':' || c == '!' || c == '?';
}
bool is_hex_letter(char c) {
  return is_hex(c) && !is_digit(c);
}

bool is_location(std::string_view word) {
  return word.starts_with('/') || word.starts_with("./") || word.starts_with("~/") ||
         word.find("://") != std::string_view::npos || std::ranges::count(word, '/') >= 2;
}

/// Does this word change from one occurrence of the message to the next? `classes` are those of its bytes.
bool is_variable(std::string_view word, std::uint8_t classes) {
  return (classes & kDigit) || word.starts_with("req-") ||
         ((classes & kSlash) && word.size() > 1 && is_location(word)) ||
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
      next = find_either(text_, open + 1, quote, '\n');
      while (next < text_.size() && text_[next] == quote && !closes(next))
        next = find_either(text_, next + 1, quote, '\n');
    }
    return next < text_.size() && text_[next] == quote ? next : std::string_view::npos;
  }

 private:
  /// An apostrophe stands inside a word ("can't") and closes nothing.
  bool closes(std::size_t at) const {
    return at + 1 == text_.size() || !(class_of(text_[at + 1]) & kWord) || is_closing_mark(text_[at + 1]);
  }

  std::string_view text_;
  std::size_t single_ = 0;  ///< the first closing quote or end of line that is known
  std::size_t double_ = 0;
};

/// Writes the template of a text to `out`, which has room for room_for(text) bytes, and tells `hole(offset,
/// length)` what it left out.
template <typename Hole>
class Templater {
 public:
  static std::size_t room_for(std::string_view text) { return text.size() * 3 + 8 + kFewBytes; }

  /// Blanks at the ends do not count.
  Templater(std::string_view text, char* out, Hole hole)
      : text_(without_last_blanks(text)),
        quotes_(text_),
        interest_(text_),
        begin_(out),
        out_(out),
        hole_(hole) {}

  /// How long the template is.
  std::size_t run() {
    while (at_ < text_.size() && (class_of(text_[at_]) & kBlank)) ++at_;
    written_ = at_;
    for (std::size_t place = interest_.next(at_); place < text_.size(); place = interest_.next(at_)) {
      const std::uint8_t what = class_of(text_[place]);
      if (what & kWord)
        word(place);
      else if (what == kQuote)
        quoted(place);
      else
        blanks(place);
    }
    copy_to(text_.size());
    return static_cast<std::size_t>(out_ - begin_);
  }

 private:
  static constexpr std::size_t kFewBytes = 16;

  static std::string_view without_last_blanks(std::string_view text) {
    while (!text.empty() && (class_of(text.back()) & kBlank)) text.remove_suffix(1);
    return text;
  }

  /// What is constant up to `end`.
  void copy_to(std::size_t end) {
    const std::size_t size = end - written_;
    // Mostly a few bytes: a copy of fixed size is no call. What is too much is written over.
    if (size <= kFewBytes && text_.size() - written_ >= kFewBytes)
      std::memcpy(out_, text_.data() + written_, kFewBytes);
    else
      std::memcpy(out_, text_.data() + written_, size);
    out_ += size;
    written_ = end;
  }

  void leave_hole(std::size_t begin, std::size_t end) {
    copy_to(begin);
    *out_++ = '<', *out_++ = '*', *out_++ = '>';
    hole_(begin, end - begin);
    written_ = at_ = end;
  }

  /// Several count as one space.
  void blanks(std::size_t place) {
    std::size_t begin = place;
    while (begin > written_ && (class_of(text_[begin - 1]) & kBlank)) --begin;
    copy_to(begin);
    *out_++ = ' ';
    at_ = place + 1;
    while (at_ < text_.size() && (class_of(text_[at_]) & kBlank)) ++at_;
    written_ = at_;
  }

  void quoted(std::size_t place) {
    const bool opens = place == 0 || !(class_of(text_[place - 1]) & kWord);
    const std::size_t close = opens ? quotes_.closing(place) : std::string_view::npos;
    if (close == std::string_view::npos)
      at_ = place + 1;
    else
      leave_hole(place, close + 1);
  }

  std::size_t word_end(std::size_t from, std::uint8_t& classes) const {
    for (; from < text_.size(); ++from) {
      const std::uint8_t what = class_of(text_[from]);
      if (!(what & kWord)) break;
      classes |= what;
    }
    return from;
  }

  /// The word around `place`.
  void word(std::size_t place) {
    std::size_t begin = place;
    while (begin > at_ && (class_of(text_[begin - 1]) & kWord)) --begin;
    std::uint8_t classes = 0;
    std::size_t end = word_end(begin, classes);
    // The query of a URL is part of it.
    if ((classes & kSlash) && is_location(text_.substr(begin, end - begin)))
      while (end < text_.size() && text_[end] == '=') end = word_end(end + 1, classes);
    std::size_t marks = end;
    while (marks > begin && is_closing_mark(text_[marks - 1])) --marks;
    if (marks > begin && is_variable(text_.substr(begin, marks - begin), classes)) leave_hole(begin, marks);
    at_ = end;
  }

  std::string_view text_;
  Quotes quotes_;
  InterestScanner interest_;
  char* const begin_;
  char* out_;
  Hole hole_;
  std::size_t at_ = 0;       ///< what is before has been looked at
  std::size_t written_ = 0;  ///< and what is before this has been written
};

std::uint64_t id_of(std::string_view written) {
  const std::uint64_t hash = hash64(written);
  return hash == 0 ? 1 : hash;
}

/// More than this is not kept for the next message.
constexpr std::size_t kKeptRoom = 1u << 20;

}  // namespace

std::string log_template(std::string_view message) {
  const auto ignore = [](std::size_t, std::size_t) {};
  std::string out(Templater<decltype(ignore)>::room_for(message), '\0');
  out.resize(Templater(message, out.data(), ignore).run());
  return out;
}

std::uint64_t log_template_id(std::string_view message) {
  return id_of(log_template(message));
}

std::uint64_t LogTemplater::id(std::string_view message, std::uint32_t base, std::vector<TextSpan>& holes) {
  const auto note = [&](std::size_t offset, std::size_t length) {
    holes.push_back({base + static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(length)});
  };
  const std::size_t room = Templater<decltype(note)>::room_for(message);
  if (buffer_.size() < room) buffer_.resize(room);
  const std::size_t length = Templater(message, buffer_.data(), note).run();
  const std::uint64_t id = id_of(std::string_view(buffer_).substr(0, length));
  if (buffer_.size() > kKeptRoom) buffer_ = {};
  return id;
}

}  // namespace sentinella::codec
