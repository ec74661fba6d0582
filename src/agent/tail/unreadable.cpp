#include <cerrno>
#include <cstring>
#include <filesystem>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/tail/log_source.h"

namespace sentinella::agent {
namespace {

std::string user_name(uid_t uid) {
  const passwd* user = ::getpwuid(uid);
  return user ? user->pw_name : std::to_string(uid);
}

std::string group_name(gid_t gid) {
  const group* entry = ::getgrgid(gid);
  return entry ? entry->gr_name : std::to_string(gid);
}

/// The first directory on the way to `path` that we may not enter; "" = all are open to us.
std::string closed_directory(const std::filesystem::path& path) {
  std::filesystem::path directory;
  for (const auto& part : path.parent_path()) {
    directory /= part;
    if (::access(directory.c_str(), X_OK) != 0 && errno == EACCES) return directory;
  }
  return {};
}

}  // namespace

std::string explain_unreadable(const std::string& path, int error_number) {
  if (error_number == ENOENT) return fmt::format("{} does not exist", path);
  if (error_number != EACCES && error_number != EPERM)
    return fmt::format("{} cannot be opened: {}", path, std::strerror(error_number));
  const std::string closed = closed_directory(path);
  const std::string& target = closed.empty() ? path : closed;
  const std::string me = user_name(::geteuid());
  struct stat status{};
  if (::stat(target.c_str(), &status) != 0)
    return fmt::format("{} may not be read by {}: mend with: setfacl -m u:{}:rX {}", path, me, me, target);
  const std::string group = group_name(status.st_gid);
  const std::string owner =
      fmt::format("{} belongs to {}:{} with mode {:04o}", target, user_name(status.st_uid), group,
                  static_cast<unsigned>(status.st_mode & 07777));
  const mode_t needed = closed.empty() ? S_IRGRP : S_IXGRP;
  if ((status.st_mode & needed) != 0 && status.st_gid != 0)
    return fmt::format("{} may not be read by {}: {}; mend with: usermod -aG {} {} (then restart the agent)",
                       path, me, owner, group, me);
  return fmt::format("{} may not be read by {}: {}; mend with: setfacl -m u:{}:{} {}", path, me, owner, me,
                     closed.empty() ? "r" : "rx", target);
}

}  // namespace sentinella::agent
