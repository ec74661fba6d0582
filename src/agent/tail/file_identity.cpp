#include "agent/tail/file_identity.h"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace sentinella::agent {
namespace {

Result<std::string> read_piece(int fd, std::uint32_t size, off_t from = 0) {
  std::string piece(size, '\0');
  const ssize_t n = ::pread(fd, piece.data(), piece.size(), from);
  if (n < 0) return fail_errno(errno, "cannot read an open log file");
  piece.resize(static_cast<std::size_t>(n));
  return piece;
}

}  // namespace

void set_head(FileIdentity& identity, std::string_view text) {
  const std::string_view head = text.substr(0, kHeadBytes);
  identity.head_size = static_cast<std::uint32_t>(head.size());
  identity.head_hash = hash64(head);
}

Result<FileIdentity> identify(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return fail_errno(errno, "cannot look at an open log file");
  SENT_TRY_ASSIGN(const std::string head, read_piece(fd, kHeadBytes));
  FileIdentity identity;
  identity.device = status.st_dev;
  identity.inode = status.st_ino;
  identity.written = written_at(status);
  set_head(identity, head);
  return identity;
}

Result<bool> head_matches(int fd, const FileIdentity& known) {
  SENT_TRY_ASSIGN(const std::string head, read_piece(fd, std::min(known.head_size, kHeadBytes)));
  return head.size() == known.head_size && hash64(head) == known.head_hash;
}

bool is_beginning_of(int fd, int whole_fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return false;
  const off_t tail = std::max<off_t>(status.st_size - kHeadBytes, 0);
  for (const off_t from : {off_t{0}, tail}) {
    const auto piece = read_piece(fd, kHeadBytes, from);
    if (!piece) return false;
    const auto other = read_piece(whole_fd, static_cast<std::uint32_t>(piece->size()), from);
    if (!other || *other != *piece) return false;
  }
  return true;
}

std::string encode_positions(const std::vector<FilePosition>& positions) {
  std::string out;
  ByteWriter writer(out);
  writer.varint(positions.size());
  for (const FilePosition& position : positions) {
    writer.text(position.path);
    writer.varint(position.file.device);
    writer.varint(position.file.inode);
    writer.varint(position.file.head_size);
    writer.fixed(position.file.head_hash);
    writer.varint(position.offset);
  }
  // After all the rest, where agents that know nothing of it do not look.
  for (const FilePosition& position : positions)
    writer.varint(static_cast<std::uint64_t>(position.file.written.ns));
  return out;
}

Result<std::vector<FilePosition>> decode_positions(std::string_view bytes) {
  std::vector<FilePosition> positions;
  if (bytes.empty()) return positions;
  ByteReader reader(bytes);
  for (std::uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
    FilePosition position;
    position.path = reader.text();
    position.file.device = reader.varint();
    position.file.inode = reader.varint();
    position.file.head_size = static_cast<std::uint32_t>(reader.varint());
    position.file.head_hash = reader.fixed<std::uint64_t>();
    position.offset = reader.varint();
    if (reader.ok()) positions.push_back(std::move(position));
  }
  if (reader.ok() && !reader.at_end())
    for (FilePosition& position : positions)
      position.file.written.ns = static_cast<std::int64_t>(reader.varint());
  if (!reader.ok()) return fail(Errc::kCorrupt, "the log positions of a batch end too early");
  return positions;
}

}  // namespace sentinella::agent
