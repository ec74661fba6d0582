// The kinds of log text that are told apart. Names are part of the API and of configuration.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sentinella::codec {

/// Values are stored; new ones go to the end.
enum class LogFormat : std::uint8_t {
  plain,          ///< nothing known took it: the text is kept as it is
  oslo,           ///< oslo_log.formatters.ContextFormatter
  oslo_json,      ///< oslo_log.formatters.JSONFormatter
  daiquiri,       ///< gnocchi and others
  rabbitmq,       ///< 3.9 and later
  mariadb,        ///< MariaDB and MySQL, Galera
  libvirt,        ///< libvirtd, virtqemud ...
  ovs,            ///< Open vSwitch and OVN
  ceph,           ///< daemon log and cluster log
  haproxy_http,   ///< option httplog
  haproxy_tcp,    ///< option tcplog, and connection errors
  uwsgi_access,   ///< uWSGI's request line
  apache_access,  ///< common, combined, with %D, with a virtual host in front
  apache_error,
  syslog,          ///< RFC 3164 and 5424 whose text is of no format of its own
  journal_export,  ///< journalctl -o export
  journal_json,    ///< journalctl -o json
  docker_json,     ///< Docker's json-file driver
  cri,             ///< Kubernetes' container runtime interface
  traceback,       ///< of Python, without a head
  pattern,         ///< an expression of the user's own
  swift_access,    ///< the request line of Swift's proxy
  logger,          ///< level and logger of any program: Python's logging, log4j
  logfmt,          ///< level=info msg="...": programs in Go, Podman, Prometheus
  klog,            ///< Kubernetes' own
  json,            ///< objects of other programs, one a line: zap, logrus, pino
};

/// "oslo", "apache-access".
constexpr std::size_t kLogFormats = 26;
std::string_view to_string(LogFormat format);
std::optional<LogFormat> parse_log_format(std::string_view name);
const std::vector<std::string_view>& log_format_names();

}  // namespace sentinella::codec
