// The fields of a record as texts, and where they stand in its first line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "logs/block/record_view.h"
#include "logs/block/shape.h"
#include "logs/block/word_char.h"

namespace sentinella::logs {

/// The fields that are numbers, as text; "" = unknown.
class Digits {
 public:
  explicit Digits(const RecordView& record)
      : pid_length_(write(pid_, record.pid)), status_length_(write(status_, record.http.status)) {}
  std::string_view pid() const { return {pid_, pid_length_}; }
  std::string_view status() const { return {status_, status_length_}; }

 private:
  static std::size_t write(char (&to)[12], std::uint32_t number);
  char pid_[12], status_[12];
  std::size_t pid_length_, status_length_;
};

std::string_view field_text(const RecordView& record, Field field, const Digits& digits);

/// Where the field with this text stands in its record's first line; npos: nowhere, or too far on to be
/// looked for. `past_path`: where the status may stand, which follows the request.
std::size_t place_of(Field field, std::string_view text, std::string_view line, std::size_t past_path);

/// A word does not go on across `at`: a search for words may look at both sides apart.
inline bool is_boundary(std::string_view text, std::size_t at) {
  return at == 0 || at >= text.size() || !is_word_char(text[at - 1]) || !is_word_char(text[at]);
}

}  // namespace sentinella::logs
