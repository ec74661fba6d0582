#include "codec/log_template.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"
#include "codec/log_bits.h"
#include "codec/log_scan.h"
#include "codec/message_bytes.h"

namespace sentinella::codec {
namespace {

bool is_hex_letter(char c) {
  return is_hex(c) && !is_digit(c);
}

bool is_location(std::string_view word) {
  return word.starts_with('/') || word.starts_with("./") || word.starts_with("~/") ||
         word.find("://") != std::string_view::npos || std::ranges::count(word, '/') >= 2;
}

/// Does this word change from one occurrence of the message to the next? `digit`, `slash`: it has one.
bool is_variable(std::string_view word, bool digit, bool slash) {
  return digit || word.starts_with("req-") || (slash && word.size() > 1 && is_location(word)) ||
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
      while (next < text_.size() && text_[next] == quote && !closes_quotes(text_, next))
        next = find_either(text_, next + 1, quote, '\n');
    }
    return next < text_.size() && text_[next] == quote ? next : std::string_view::npos;
  }

 private:
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
  Templater(std::string_view text, MessageMap& map, char* out, Hole hole)
      : text_(without_last_blanks(text)), quotes_(text_), map_(map), begin_(out), out_(out), hole_(hole) {
    map.read(text_);
  }

  /// How long the template is.
  std::size_t run() {
    while (at_ < text_.size() && is_blank_byte(text_[at_])) ++at_;
    written_ = at_;
    for (std::size_t place = next_interest(); place < text_.size(); place = next_interest()) {
      const MessageByte kind = message_byte(text_[place]);
      if (kind == MessageByte::word)
        word(place);
      else if (kind == MessageByte::quote)
        quoted(place);
      else
        blanks(place);
    }
    copy_to(text_.size());
    return static_cast<std::size_t>(out_ - begin_);
  }

 private:
  static constexpr std::size_t kFewBytes = 16;

  std::size_t next_interest() const { return map_.next(&MessageBits::interest, at_); }

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
    while (begin > written_ && is_blank_byte(text_[begin - 1])) --begin;
    copy_to(begin);
    *out_++ = ' ';
    at_ = place + 1;
    while (at_ < text_.size() && is_blank_byte(text_[at_])) ++at_;
    written_ = at_;
  }

  void quoted(std::size_t place) {
    const bool opens = place == 0 || !in_word(text_[place - 1]);
    const std::size_t close = opens ? quotes_.closing(place) : std::string_view::npos;
    if (close == std::string_view::npos)
      at_ = place + 1;
    else
      leave_hole(place, close + 1);
  }

  std::size_t word_end(std::size_t from) const { return map_.next(&MessageBits::breaks, from); }

  /// The word around `place`.
  void word(std::size_t place) {
    const std::size_t begin = map_.behind_last(&MessageBits::breaks, place, at_);
    std::size_t end = word_end(place);
    const bool slash = map_.has(&MessageBits::slashes, begin, end);
    // The query of a URL is part of it.
    if (slash && is_location(text_.substr(begin, end - begin)))
      while (end < text_.size() && text_[end] == '=') end = word_end(end + 1);
    std::size_t marks = end;
    while (marks > begin && is_closing_mark(text_[marks - 1])) --marks;
    if (marks > begin &&
        is_variable(text_.substr(begin, marks - begin), map_.has(&MessageBits::digits, begin, end), slash))
      leave_hole(begin, marks);
    at_ = end;
  }

  std::string_view text_;
  Quotes quotes_;
  const MessageMap& map_;
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
  thread_local MessageMap map;
  out.resize(Templater(message, map, out.data(), ignore).run());
  return out;
}

std::uint64_t log_template_id(std::string_view message) {
  thread_local LogTemplater templater;
  thread_local std::vector<TextSpan> holes;
  holes.clear();
  return templater.id(message, 0, holes);
}

std::uint64_t LogTemplater::id(std::string_view message, std::uint32_t base, std::vector<TextSpan>& holes) {
  message = without_last_blanks(message);
  if (const std::uint64_t id = memo_.find(message, base, holes)) return id;
  const std::size_t had = holes.size();
  const auto note = [&](std::size_t offset, std::size_t length) {
    holes.push_back({base + static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(length)});
  };
  const std::size_t room = Templater<decltype(note)>::room_for(message);
  if (buffer_.size() < room) buffer_.resize(room);
  const std::size_t length = Templater(message, map_, buffer_.data(), note).run();
  const std::uint64_t id = id_of(std::string_view(buffer_).substr(0, length));
  if (buffer_.size() > kKeptRoom) buffer_ = {};
  memo_.note(message, id, base, std::span(holes).subspan(had));
  return id;
}

}  // namespace sentinella::codec
