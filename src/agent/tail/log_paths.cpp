#include "agent/tail/log_paths.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/tail/rotated_files.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMostOfPattern = 128;

/// In order of their names.
std::vector<std::string> matching_files(const std::string& pattern, const std::vector<std::string>& known) {
  std::vector<std::string> files;
  glob_t found{};
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      struct stat status{};
      const std::string path = found.gl_pathv[i];
      // A pattern such as .* matches the directory above.
      const bool wanders = path.contains("/../") || path.contains("/./");
      if (!wanders && !is_compressed(path) && ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode))
        files.push_back(path);
    }
  ::globfree(&found);
  std::vector<std::string> logs = files;
  logs.insert(logs.end(), known.begin(), known.end());
  std::erase_if(files, [&](const std::string& path) {
    return std::ranges::any_of(logs, [&](const std::string& log) { return is_rotation_of(path, log); });
  });
  return files;
}

/// Why the directory that a pattern is looked up in cannot be listed; "" when it can, or is not there.
std::string closed_place(const std::string& pattern) {
  const std::string directory = pattern.substr(0, pattern.rfind('/', pattern.find_first_of("*?")) + 1);
  if (::access(directory.c_str(), R_OK | X_OK) == 0 || errno != EACCES) return {};
  return explain_unreadable(directory, EACCES);
}

}  // namespace

bool is_pattern(const std::string& path) {
  return path.find_first_of("*?") != path.npos;
}

FoundLogs find_logs(const std::vector<WantedLog>& wanted, const std::vector<std::string>& known) {
  FoundLogs found;
  std::set<std::string> taken;
  for (const WantedLog& log : wanted)
    if (!is_pattern(log.path) && taken.insert(log.path).second) found.logs.push_back({log.service, log.path});
  for (const WantedLog& log : wanted) {
    if (!is_pattern(log.path)) continue;
    const auto files = matching_files(log.path, known);
    if (files.size() > kMostOfPattern)
      found.problems.push_back(
          {log.service, fmt::format("{} matches {} files, of which the first {} are read: narrow it",
                                    log.path, files.size(), kMostOfPattern)});
    if (files.empty())
      if (const std::string closed = closed_place(log.path); !closed.empty())
        found.problems.push_back({log.service, closed});
    for (std::size_t i = 0; i < std::min(files.size(), kMostOfPattern); ++i)
      if (taken.insert(files[i]).second)
        found.logs.push_back({.service = log.service, .path = files[i], .by_pattern = true});
  }
  return found;
}

}  // namespace sentinella::agent
