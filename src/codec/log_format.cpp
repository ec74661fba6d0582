#include "codec/log_format.h"

#include <algorithm>

namespace sentinella::codec {

const std::vector<std::string_view>& log_format_names() {
  static const std::vector<std::string_view> names = {
      "plain",         "oslo",         "oslo-json", "daiquiri",       "rabbitmq",     "mariadb",
      "libvirt",       "ovs",          "ceph",      "haproxy-http",   "haproxy-tcp",  "uwsgi-access",
      "apache-access", "apache-error", "syslog",    "journal-export", "journal-json", "docker-json",
      "cri",           "traceback",    "pattern",   "swift-access",   "logger",       "logfmt",
      "klog",          "json"};
  return names;
}

std::string_view to_string(LogFormat format) {
  return log_format_names()[static_cast<std::size_t>(format)];
}

std::optional<LogFormat> parse_log_format(std::string_view name) {
  const auto& names = log_format_names();
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<LogFormat>(found - names.begin());
}

}  // namespace sentinella::codec
