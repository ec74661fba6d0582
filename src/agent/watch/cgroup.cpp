#include "agent/watch/cgroup.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kContainerId = 64;
constexpr std::size_t kShownId = 12;
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kMaxFile = 64 << 10;

bool is_container_id(std::string_view text) {
  return text.size() == kContainerId && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// "docker-<id>.scope", "libpod-<id>.scope", "libpod-payload-<id>", "cri-containerd-<id>.scope",
/// "/docker/<id>", "kubepods-besteffort-pod<uid>.slice:cri-containerd:<id>"; LXC's "lxc.payload.NAME",
/// "/lxc/NAME". "" = no container.
std::string_view container_of(std::string_view component, std::string_view parent) {
  constexpr std::string_view kLxc = "lxc.payload.";
  if (component.starts_with(kLxc)) return component.substr(kLxc.size(), kLongestName);
  if (parent == "lxc") return component.substr(0, kLongestName);
  if (component.ends_with(".scope")) component.remove_suffix(std::string_view(".scope").size());
  const std::size_t begin = component.find_last_of("-:") + 1;
  const std::string_view id = component.substr(begin);
  // conmon holds the terminal of a container from outside.
  const bool outside = component.substr(0, begin).ends_with("conmon-");
  return is_container_id(id) && !outside ? id.substr(0, kShownId) : std::string_view();
}

void read_path(std::string_view path, CgroupPlace& place) {
  std::string_view parent;
  for (std::string_view component : split(path, '/')) {
    if (const std::string_view container = container_of(component, parent); !container.empty()) {
      place.container = container;
      return;  // units below are the container's own, not this host's
    }
    parent = component;
    if (component.ends_with(".service") && !component.starts_with("user@")) place.unit = component;
  }
}

std::optional<double> number_in(const std::string& file) {
  const auto text = read_file(file, kMaxFile);
  return text ? parse_cgroup_number(*text) : std::nullopt;
}

std::optional<double> field_in(const std::string& file, std::string_view key) {
  const auto text = read_file(file, kMaxFile);
  return text ? parse_cgroup_field(*text, key) : std::nullopt;
}

}  // namespace

CgroupPlace parse_cgroup(std::string_view text) {
  CgroupPlace place;
  for (std::string_view line : split(text, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    if (controllers.empty()) place.path = path;
    if (controllers.empty() || controllers == "name=systemd" || controllers.contains("memory"))
      read_path(path, place);
  }
  return place;
}

std::optional<double> parse_cgroup_number(std::string_view text) {
  return parse_double(trim(text));
}

std::optional<double> parse_cgroup_field(std::string_view text, std::string_view key) {
  for (std::string_view line : split(text, '\n'))
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ')
      return parse_double(trim(line.substr(key.size())));
  return std::nullopt;
}

CgroupFigures read_cgroup(const std::string& root, const std::string& path) {
  CgroupFigures figures;
  if (path.size() < 2 || path.contains("..")) return figures;
  const std::string directory = root + path;
  figures.memory_bytes = number_in(directory + "/memory.current");
  if (!figures.memory_bytes) return figures;
  figures.memory_limit_bytes = number_in(directory + "/memory.max");
  figures.oom_kills = field_in(directory + "/memory.events", "oom_kill");
  if (const auto microseconds = field_in(directory + "/cpu.stat", "throttled_usec"))
    figures.throttled_seconds = *microseconds / 1e6;
  return figures;
}

}  // namespace sentinella::agent
