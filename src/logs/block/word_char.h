// What words consist of: letters, digits, '_', and every byte beyond ASCII. A slot of a number, a word, an id
// or a time is always whole words, so that a search for a part of a word never has to look across its
// borders.
#pragma once

namespace sentinella::logs {

constexpr bool is_word_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         byte >= 0x80;
}

}  // namespace sentinella::logs
