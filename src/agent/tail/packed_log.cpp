#include "agent/tail/packed_log.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/log.h"

namespace sentinella::agent {
std::optional<std::uint64_t> gzip_text_size(const std::filesystem::path& file) {
  const auto fd = open_file(file, O_RDONLY | O_NONBLOCK);
  if (!fd) return std::nullopt;
  char begin[2] = {}, end[4] = {};
  const off_t last = ::lseek(fd->get(), -static_cast<off_t>(sizeof end), SEEK_END);
  const bool read = last > 0 && ::pread(fd->get(), begin, sizeof begin, 0) == sizeof begin &&
                    ::pread(fd->get(), end, sizeof end, last) == sizeof end;
  if (!read || std::string_view(begin, sizeof begin) != "\x1f\x8b") return std::nullopt;
  return ByteReader(std::string_view(end, sizeof end)).fixed<std::uint32_t>();
}

Result<std::unique_ptr<PackedLog>> PackedLog::open(const std::filesystem::path& file) {
  SENT_TRY_ASSIGN(const FileDescriptor fd, open_file(file, O_RDONLY | O_NONBLOCK));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0)
    return fail_errno(errno, fmt::format("cannot look at {}", file.string()));
  SENT_TRY_ASSIGN(std::unique_ptr<TextSource> source, TextSource::open(file));
  std::unique_ptr<PackedLog> log(new PackedLog(std::move(source), file.string()));
  log->unpack();
  const std::string_view head = std::string_view(log->ahead_).substr(0, kHeadBytes);
  log->identity_ = {.device = status.st_dev,
                    .inode = status.st_ino,
                    .head_size = static_cast<std::uint32_t>(head.size()),
                    .head_hash = hash64(head)};
  return log;
}

bool PackedLog::begins_as(const FileIdentity& known) const {
  return known.head_size >= kTellingHead && known.head_size <= ahead_.size() &&
         hash64(std::string_view(ahead_).substr(0, known.head_size)) == known.head_hash;
}

void PackedLog::unpack() {
  auto text = source_->read();
  if (!text) log::warning("agent.tail", "{} is read no further: {}", name_, describe(text.error()));
  ended_ = !text || text->empty();
  if (!ended_) ahead_ += *text;
}

PackedLog::Piece PackedLog::read(std::size_t max_bytes) {
  if (ahead_.empty() && !ended_) unpack();
  Piece piece;
  piece.worked = std::min(ahead_.size(), max_bytes);
  const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, piece.worked));
  skip_ -= skipped;
  piece.text = ahead_.substr(skipped, piece.worked - skipped);
  ahead_.erase(0, piece.worked);
  return piece;
}

}  // namespace sentinella::agent
