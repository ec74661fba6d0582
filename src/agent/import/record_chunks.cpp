#include "agent/import/record_chunks.h"

#include <algorithm>

namespace sentinella::agent {

void RecordChunks::put(std::string_view piece) {
  text_ += piece;
}

void RecordChunks::read_lines() {
  const auto nothing = [](const codec::JoinedRecord&) {};
  while (read_to_ - begin_ < kMost) {
    const std::string_view rest = std::string_view(text_).substr(read_to_ - begin_);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return;
    joiner_.line(rest.substr(0, end), read_to_, read_to_ + end + 1, Time{0}, nothing);
    read_to_ += end + 1;
    if (joiner_.safe_offset() - begin_ >= kWanted) return;
  }
}

std::optional<RecordChunk> RecordChunks::cut(std::uint64_t end) {
  RecordChunk chunk{.text = text_.substr(0, end - begin_), .end = end};
  text_.erase(0, end - begin_);
  begin_ = end;
  return chunk;
}

std::optional<RecordChunk> RecordChunks::next() {
  if (text_.empty()) return std::nullopt;
  read_lines();
  const std::uint64_t safe = std::max(joiner_.safe_offset(), begin_);
  if (safe - begin_ >= kWanted) return cut(safe);
  if (read_to_ - begin_ >= kMost) return cut(safe > begin_ ? safe : read_to_);
  if (text_.size() >= 2 * kMost) return cut(begin_ + kMost);  // one line without end
  return finished_ ? cut(begin_ + text_.size()) : std::nullopt;
}

}  // namespace sentinella::agent
