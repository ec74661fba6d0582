// Which file it is that we read, whatever its name became: device, inode, and a hash of how it begins,
// because an inode number is used again and a file is copied away and emptied (copytruncate).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::agent {

struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint32_t head_size = 0;  ///< how many first bytes `head_hash` covers; at most 256
  std::uint64_t head_hash = 0;
  Time written = {};  ///< its last change, at or before the moment of the head; 0 = not known
  bool same_inode(const FileIdentity& other) const { return device == other.device && inode == other.inode; }
};

inline constexpr std::uint32_t kHeadBytes = 256;
/// As many bytes are not by chance the same in two files.
inline constexpr std::uint32_t kTellingHead = 16;

/// When a file was last written to.
inline Time written_at(const struct stat& status) {
  return {status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

/// `text` is what the file begins with.
void set_head(FileIdentity& identity, std::string_view text);
/// Of the open file, as it is now.
Result<FileIdentity> identify(int fd);
/// False: the file begins otherwise than when `known` was taken; it has been emptied or is another one. An
/// error: nobody can tell now.
Result<bool> head_matches(int fd, const FileIdentity& known);
/// Whether one file's text is what the other begins with, by its first and last bytes: it is, or becomes, a
/// copy.
bool is_beginning_of(int fd, int whole_fd);

/// How far a file has been read: everything before `offset` is in records that were handed on.
struct FilePosition {
  std::string path;  ///< as configured
  FileIdentity file;
  std::uint64_t offset = 0;
};

/// Positions of one batch, as they travel with it through the spool.
std::string encode_positions(const std::vector<FilePosition>& positions);
Result<std::vector<FilePosition>> decode_positions(std::string_view bytes);

}  // namespace sentinella::agent
