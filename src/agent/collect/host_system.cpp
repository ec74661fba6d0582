#include "agent/collect/host_system.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

#include <sys/utsname.h>

#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxText = 120;
constexpr std::size_t kMaxFile = 64u << 10;
constexpr std::size_t kMaxPackages = 20'000;

/// Nova's first number and its release: https://releases.openstack.org
constexpr int kFirstMajor = 12;
constexpr std::array<std::string_view, 21> kReleases = {"Liberty",
                                                        "Mitaka",
                                                        "Newton",
                                                        "Ocata",
                                                        "Pike",
                                                        "Queens",
                                                        "Rocky",
                                                        "Stein",
                                                        "Train",
                                                        "Ussuri",
                                                        "Victoria",
                                                        "Wallaby",
                                                        "Xena",
                                                        "Yoga",
                                                        "Zed",
                                                        "2023.1 (Antelope)",
                                                        "2023.2 (Bobcat)",
                                                        "2024.1 (Caracal)",
                                                        "2024.2 (Dalmatian)",
                                                        "2025.1 (Epoxy)",
                                                        "2025.2 (Flamingo)"};

/// A project's first number is Nova's less this.
struct Project {
  std::string_view name;
  int behind;
};
constexpr std::array kProjects = {Project{"nova", 0}, Project{"keystone", 4}, Project{"neutron", 5},
                                  Project{"cinder", 5}, Project{"glance", 1}};

std::string shorten(std::string_view text) {
  return std::string(trim(text).substr(0, kMaxText));
}

/// What follows `name` and `separator` in the first line that begins so.
std::string value_in(std::string_view text, std::string_view name, char separator) {
  for (const std::string_view line : split(text, '\n')) {
    const auto at = line.find(separator);
    if (at == std::string_view::npos || trim(line.substr(0, at)) != name) continue;
    std::string_view value = trim(line.substr(at + 1));
    if (value.size() > 1 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return shorten(value);
  }
  return "";
}

/// Nova's first number by a package's folder: "nova-26.1.0.egg-info", "keystone-22.0.0.dist-info".
std::optional<int> nova_major(std::string_view folder) {
  if (!folder.ends_with("-info")) return std::nullopt;
  for (const Project& project : kProjects) {
    if (!folder.starts_with(project.name) || folder.size() <= project.name.size() ||
        folder[project.name.size()] != '-')
      continue;
    const std::string_view version = folder.substr(project.name.size() + 1);
    int major = 0;
    const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), major);
    if (error == std::errc{} && end != version.data() + version.size() && *end == '.')
      return major + project.behind;
  }
  return std::nullopt;
}

std::string openstack_release(const std::filesystem::path& root) {
  std::error_code error;
  for (std::filesystem::directory_iterator python(root / "usr/lib", error), last; !error && python != last;
       python.increment(error)) {
    if (!python->path().filename().string().starts_with("python3")) continue;
    for (const char* const packages : {"dist-packages", "site-packages"}) {
      std::error_code missing;
      std::size_t seen = 0;
      for (std::filesystem::directory_iterator it(python->path() / packages, missing), end;
           !missing && it != end && seen < kMaxPackages; it.increment(missing), ++seen) {
        const auto major = nova_major(it->path().filename().string());
        if (!major || *major < kFirstMajor) continue;
        const auto place = static_cast<std::size_t>(*major - kFirstMajor);
        if (place < kReleases.size()) return std::string(kReleases[place]);
      }
    }
  }
  return "";
}

}  // namespace

HostSystem read_host_system(const ProcFs& proc, const std::filesystem::path& root) {
  HostSystem out;
  out.kernel = shorten(proc.read("sys/kernel/osrelease").value_or(""));
  utsname names{};
  if (::uname(&names) == 0) out.arch = names.machine;
  if (const auto text = read_file(root / "etc/os-release", kMaxFile))
    out.os = value_in(*text, "PRETTY_NAME", '=');
  if (const auto text = proc.read("cpuinfo")) out.cpu = value_in(*text, "model name", ':');
  out.openstack = openstack_release(root);
  return out;
}

}  // namespace sentinella::agent
