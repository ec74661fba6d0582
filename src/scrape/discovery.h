// Which addresses a job has now: its static groups, and those of the files that file_sd_configs names.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "scrape/scrape_config.h"

namespace sentinella::scrape {

/// Tells whether a file is as it was when last looked at, without reading it.
struct FileStamp {
  std::int64_t modified_ns = 0;
  std::uint64_t size = 0;
  std::uint64_t inode = 0;  ///< 0 = there is no file
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
FileStamp stamp_of(const std::filesystem::path& file);

/// The files that a path with * and ? in its last part names, in order. A path without them names itself.
std::vector<std::filesystem::path> matching_files(const std::filesystem::path& pattern);

/// Remembers files that it has read. Not thread-safe.
class Discovery {
 public:
  /// The job's groups; reads the files that have changed. A file that cannot be read or parsed keeps the
  /// groups it had; one that is gone has none. The groups of a file get the label __meta_filepath.
  std::vector<TargetGroup> groups_of(const ScrapeJob& job);
  /// What was wrong with a file in the last groups_of(), one sentence each.
  const std::vector<std::string>& problems() const { return problems_; }
  /// Before a round of groups_of() over all jobs; files that none asks for in it are forgotten by
  /// end_round().
  void begin_round();
  void end_round();

 private:
  struct File {
    FileStamp stamp;
    std::vector<TargetGroup> groups;
    std::string problem;
    bool wanted = true;
  };
  void refresh(const std::filesystem::path& path, File& file);

  std::map<std::filesystem::path, File> files_;
  std::vector<std::string> problems_;
};

}  // namespace sentinella::scrape
