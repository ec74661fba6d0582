#include "agent/tail/file_identity.h"

#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace sentinella::agent {
namespace {

Result<std::string> read_head(int fd, std::uint32_t size) {
  std::string head(size, '\0');
  const ssize_t n = ::pread(fd, head.data(), head.size(), 0);
  if (n < 0) return fail_errno(errno, "cannot read the beginning of an open log file");
  head.resize(static_cast<std::size_t>(n));
  return head;
}

}  // namespace

Result<FileIdentity> identify(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return fail_errno(errno, "cannot look at an open log file");
  SENT_TRY_ASSIGN(const std::string head, read_head(fd, kHeadBytes));
  FileIdentity identity;
  identity.device = status.st_dev;
  identity.inode = status.st_ino;
  identity.head_size = static_cast<std::uint32_t>(head.size());
  identity.head_hash = hash64(head);
  return identity;
}

Result<bool> head_matches(int fd, const FileIdentity& known) {
  SENT_TRY_ASSIGN(const std::string head, read_head(fd, std::min(known.head_size, kHeadBytes)));
  return head.size() == known.head_size && hash64(head) == known.head_hash;
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
  if (!reader.ok()) return fail(Errc::kCorrupt, "the log positions of a batch end too early");
  return positions;
}

}  // namespace sentinella::agent
