#include "codec/template_memo.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "codec/log_scan.h"
#include "codec/message_bytes.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kMaxNotedBytes = 1024, kMaxNotedHoles = 24;

/// As memcmp; the texts are mostly short.
bool equal_constants(const char* a, const char* b, std::size_t size) {
  const auto differ = [&](std::size_t at) {
    std::uint64_t x = 0, y = 0;
    std::memcpy(&x, a + at, sizeof x);
    std::memcpy(&y, b + at, sizeof y);
    return x != y;
  };
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i)
      if (a[i] != b[i]) return false;
    return true;
  }
  for (std::size_t at = 0; at + 8 < size; at += 8)
    if (differ(at)) return false;
  return !differ(size - 8);
}

struct Run {
  std::size_t end = 0;  ///< of the word
  bool digit = false, slash = false;
};

Run run_portable(std::string_view text, std::size_t from) {
  Run run{from};
  for (; run.end < text.size() && in_word(text[run.end]); ++run.end) {
    run.digit = run.digit || is_digit(text[run.end]);
    run.slash = run.slash || text[run.end] == '/';
  }
  return run;
}

#if defined(__x86_64__)

/// The word that begins at `from`, 32 bytes at once as long as there are so many.
[[gnu::target("avx2")]] Run run_wide(std::string_view text, std::size_t from) {
  Run run{from};
  for (; run.end + 32 <= text.size(); run.end += 32) {
    const __m256i bytes = wide::load(text.data() + run.end), kinds = wide::kinds_of(bytes);
    const std::uint32_t breaks = wide::breaks_of(bytes, kinds);
    const std::uint32_t inside = breaks == 0 ? ~0u : (breaks & -breaks) - 1;
    run.digit = run.digit || (wide::digits_of(kinds) & inside) != 0;
    run.slash = run.slash || (wide::slashes_of(kinds) & inside) != 0;
    if (breaks == 0) continue;
    run.end += static_cast<std::size_t>(std::countr_zero(breaks));
    return run;
  }
  const Run rest = run_portable(text, run.end);
  return {rest.end, run.digit || rest.digit, run.slash || rest.slash};
}

const auto kRun = __builtin_cpu_supports("avx2") ? run_wide : run_portable;

#else

constexpr auto kRun = run_portable;

#endif

std::size_t without_marks(std::string_view text, std::size_t begin, std::size_t end) {
  while (end > begin && is_closing_mark(text[end - 1])) --end;
  return end;
}

/// Behind the quote that closes the one at `open`; npos when none does on its line.
std::size_t behind_quotes(std::string_view text, std::size_t open) {
  for (std::size_t at = open + 1;; ++at) {
    at = find_either(text, at, text[open], '\n');
    if (at == text.size() || text[at] == '\n') return std::string_view::npos;
    if (closes_quotes(text, at)) return at + 1;
  }
}

/// The letters that a message begins with, as a number.
std::size_t bucket_of(std::string_view message) {
  std::uint64_t letters = 0;
  for (const char c : message.substr(0, 8)) {
    if (static_cast<unsigned char>((c | 0x20) - 'a') > 25) break;
    letters = letters << 8 | static_cast<unsigned char>(c);
  }
  return static_cast<std::size_t>(letters * 0x9e3779b97f4a7c15 >> 57);
}

}  // namespace

std::uint64_t TemplateMemo::find(std::string_view message, std::uint32_t base, std::vector<TextSpan>& holes) {
  auto& ways = buckets_[bucket_of(message)];
  const std::size_t had = holes.size();
  for (std::size_t way = 0; way < kWays && ways[way] != 0; ++way) {
    const Entry& entry = entries_[ways[way] - 1u];
    if (fits(entry, message, base, holes)) {
      if (way > 0) std::swap(ways[way], ways[way - 1]);
      return entry.id;
    }
    holes.resize(had);
  }
  return 0;
}

bool TemplateMemo::fits(const Entry& entry, std::string_view message, std::uint32_t base,
                        std::vector<TextSpan>& holes) {
  const char* constant = entry.constant.data();
  std::size_t at = 0;
  for (const Piece& piece : entry.pieces) {
    if (message.size() - at < piece.size || !equal_constants(message.data() + at, constant, piece.size))
      return false;
    at += piece.size;
    constant += piece.size;
    if (piece.hole == Piece::end) break;
    if (at == message.size()) return false;
    std::size_t end = 0;
    if (piece.hole == Piece::quoted) {
      if (message[at] != piece.quote) return false;
      end = behind_quotes(message, at);
      if (end == std::string_view::npos) return false;
    } else {
      const Run run = kRun(message, at);
      if (!run.digit || run.slash) return false;
      end = without_marks(message, at, run.end);
    }
    holes.push_back({base + static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end - at)});
    at = end;
  }
  return at == message.size();
}

void TemplateMemo::note(std::string_view message, std::uint64_t id, std::uint32_t base,
                        std::span<const TextSpan> holes) {
  if (message.size() > kMaxNotedBytes || holes.size() > kMaxNotedHoles ||
      !take_apart(message, base, holes, scratch_))
    return;
  scratch_.id = id;
  auto& ways = buckets_[bucket_of(message)];
  // The one that was found longest ago makes room.
  std::uint16_t number = ways.back();
  if (number == 0) {
    entries_.emplace_back();
    number = static_cast<std::uint16_t>(entries_.size());
  }
  std::swap(entries_[number - 1u], scratch_);
  std::ranges::move_backward(ways.begin(), ways.end() - 1, ways.end());
  ways.front() = number;
}

/// False when another message could agree in all this and yet have another template: an apostrophe that would
/// open quotes if they were closed, or a hole that is none for a digit in it.
bool TemplateMemo::take_apart(std::string_view message, std::uint32_t base, std::span<const TextSpan> holes,
                              Entry& out) {
  out.constant.clear();
  out.pieces.clear();
  std::size_t at = 0;
  const auto add = [&](std::size_t until, Piece piece) {
    for (std::size_t i = at; i < until; ++i)
      if ((message[i] == '\'' || message[i] == '"') && (i == 0 || !in_word(message[i - 1]))) return false;
    piece.size = static_cast<std::uint16_t>(until - at);
    out.constant += message.substr(at, until - at);
    out.pieces.push_back(piece);
    return true;
  };
  for (const TextSpan& hole : holes) {
    const std::size_t begin = hole.offset - base, end = begin + hole.length;
    const char first = message[begin];
    const bool quoted = first == '\'' || first == '"';
    if (!add(begin, {quoted ? Piece::quoted : Piece::word, quoted ? first : '\0', 0})) return false;
    if (!quoted) {
      const Run run = run_portable(message, begin);
      if (!run.digit || run.slash || without_marks(message, begin, run.end) != end) return false;
    }
    at = end;
  }
  return add(message.size(), {Piece::end, '\0', 0});
}

}  // namespace sentinella::codec
