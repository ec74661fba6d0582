#include "scrape/discovery.h"

#include <algorithm>

#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

namespace sentinella::scrape {

FileStamp stamp_of(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
          static_cast<std::uint64_t>(status.st_size), status.st_ino};
}

std::vector<std::filesystem::path> matching_files(const std::filesystem::path& pattern) {
  const std::string name = pattern.filename().string();
  if (name.find_first_of("*?") == std::string::npos) return {pattern};
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(pattern.parent_path(), error), end; !error && entry != end;
       entry.increment(error))
    if (glob_match(name, entry->path().filename().string())) files.push_back(entry->path());
  std::ranges::sort(files);
  return files;
}

void Discovery::begin_round() {
  problems_.clear();
  for (auto& [path, file] : files_) file.wanted = false;
}

void Discovery::end_round() {
  std::erase_if(files_, [](const auto& file) { return !file.second.wanted; });
}

std::vector<TargetGroup> Discovery::groups_of(const ScrapeJob& job) {
  std::vector<TargetGroup> groups = job.static_groups;
  for (const auto& pattern : job.target_files)
    for (const auto& path : matching_files(pattern)) {
      File& file = files_[path];
      file.wanted = true;
      refresh(path, file);
      groups.insert(groups.end(), file.groups.begin(), file.groups.end());
      if (!file.problem.empty()) problems_.push_back(file.problem);
    }
  return groups;
}

void Discovery::refresh(const std::filesystem::path& path, File& file) {
  const FileStamp stamp = stamp_of(path);
  if (stamp.inode == 0) {
    file = {};
    file.problem = fmt::format("{} does not exist", path.string());
    return;
  }
  if (stamp == file.stamp) return;
  file.stamp = stamp;
  auto text = read_file(path, kMaxConfigBytes);
  auto groups = text ? parse_target_file(*text, path.extension() == ".json") : std::unexpected(text.error());
  if (!groups) {
    file.problem = fmt::format("{}: {}", path.string(), describe(groups.error()));
    return;
  }
  file.problem.clear();
  file.groups = std::move(*groups);
  for (TargetGroup& group : file.groups) group.labels.set("__meta_filepath", path.string());
}

}  // namespace sentinella::scrape
