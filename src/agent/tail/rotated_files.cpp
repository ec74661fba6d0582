#include "agent/tail/rotated_files.h"

#include <algorithm>

#include <sys/stat.h>
#include <unistd.h>

#include "agent/tail/file_identity.h"

namespace sentinella::agent {
namespace {

constexpr int kMaxEntries = 10'000;
constexpr std::string_view kCompressed[] = {".gz", ".xz", ".bz2", ".zst", ".lz4", ".zip"};

bool is_rotation(std::string_view suffix) {
  return suffix.size() >= 2 && (suffix[0] == '.' || suffix[0] == '-') && suffix[1] >= '0' && suffix[1] <= '9';
}

/// What lies beside `log` under a longer name and is wanted.
template <typename Wanted>
std::vector<RotatedFile> files_beside(const std::filesystem::path& log, Wanted is_wanted) {
  std::vector<RotatedFile> files;
  const std::string base = log.filename().string();
  std::error_code error;
  int looked_at = 0;
  for (std::filesystem::directory_iterator entry(log.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    if (++looked_at > kMaxEntries) break;
    const std::string name = entry->path().filename().string();
    if (name.size() <= base.size() || !name.starts_with(base) || !is_wanted(entry->path())) continue;
    struct stat status{};
    if (::stat(entry->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    files.push_back({entry->path(), status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                     written_at(status), is_rotation(std::string_view(name).substr(base.size()))});
  }
  std::ranges::sort(files, {}, &RotatedFile::written);
  return files;
}

}  // namespace

bool is_compressed(std::string_view name) {
  return std::ranges::any_of(kCompressed, [&](std::string_view end) { return name.ends_with(end); });
}

bool is_rotation_of(std::string_view path, std::string_view log) {
  return path.size() > log.size() && path.starts_with(log) && is_rotation(path.substr(log.size()));
}

std::vector<RotatedFile> rotated_files(const std::filesystem::path& log) {
  return files_beside(log, [](const std::filesystem::path& file) { return !is_compressed(file.native()); });
}

std::vector<RotatedFile> packed_rotations(const std::filesystem::path& log) {
  auto files = files_beside(log, [](const std::filesystem::path& file) {
    const auto end = file.extension();
    if (end != ".gz" && end != ".xz" && end != ".zst") return false;
    return ::access(std::filesystem::path(file).replace_extension().c_str(), F_OK) != 0;
  });
  std::erase_if(files, [](const RotatedFile& file) { return !file.by_rotation; });
  return files;
}

}  // namespace sentinella::agent
