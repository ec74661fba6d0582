// The agent's configuration: one JSON object, the same on every node of a cloud
// (/etc/sentinella/sentinella.conf).
//
// Read are the form of the first release (one key per service at the top: false, or {"process", "log"}) and
// that of release 1.1 (services below "openstack_services"). What these forms had and this agent has no use
// for is accepted with a warning; a key that nobody knows is an error with a suggestion.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/check/check_target.h"
#include "agent/config/log_options.h"
#include "base/json.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::agent {

inline constexpr std::string_view kDefaultServerUrl = "http://127.0.0.1:8420";
inline constexpr std::string_view kDefaultConfigFile = "/etc/sentinella/sentinella.conf";
inline constexpr std::string_view kDefaultPidFile = "/var/run/sentinella/sentinella.pid";

struct ServiceConfig {
  std::string name;
  bool enabled = true;
  std::string process;                    ///< pattern of watch/process_match.h
  std::string log;                        ///< path, or a form of tail/journal_entry.h; "" = none
  std::vector<std::string> more_logs{};   ///< beside it; paths may hold * and ?
  std::optional<LogLimits> log_limits{};  ///< none: those of all
  std::string
      check;  ///< where it is asked whether it answers (check/check_target.h); "" = as the catalogue knows
  bool checked = true;  ///< false: it is not asked
  CheckOptions check_options{};

  /// All of them.
  std::vector<std::string> logs() const;
};

/// An address that is asked whatever runs here.
struct NamedCheck {
  std::string name;
  std::string url;
  CheckOptions options{};
};

/// Ports of other machines' where a connection shows that a service is at work (check/service_links.h).
struct PeerPorts {
  std::vector<std::uint16_t> broker = {5671, 5672};
  std::vector<std::uint16_t> database = {3306, 5432};
};

/// What the agent may use itself (guard/self_guard.h).
struct LimitConfig {
  std::uint64_t memory_bytes = 112'000'000;  ///< below what its unit allows
  double cpu_ratio = 0.5;                    ///< of one processor, on average over the window
  Duration window = std::chrono::seconds(10);
};

/// Where a system is that can tell its figures. Secrets may stand in a file of their own.
struct SourceConfig {
  std::string kind;  ///< one of kSourceKinds in config.cpp
  std::string url;   ///< what it means is the kind's: an http:// URL, mysql://, memcached://, a socket's path
  std::string user;
  std::string password;
  std::string password_file;
  std::string project;
  std::string domain = "Default";
  std::string region;
  std::string ca_file;
  bool tls = false;  ///< of databases: before the login
  bool verify = true;
};

/// What the server may have this agent do (remote/settings_overlay.h).
struct RemoteConfig {
  bool accepted = true;
  std::vector<std::string> log_directories = {"/var/log"};  ///< below which it may name logs
};

/// Where plug-ins come from, and whose signature they must carry (plugin/plugin_index.h).
struct PluginIndexConfig {
  std::string url;  ///< http://, https://, or a directory's path; "" = none
  std::string key;  ///< the public key, Ed25519, base64
  std::string ca_file;
};

struct Config {
  std::string account_key;
  std::string server_url{kDefaultServerUrl};
  std::vector<std::string> more_server_urls;  ///< tried in turn when the one before takes nothing
  /// As the file says, whatever the server says: whom the agent's identity is for.
  std::vector<std::string> enrolled_urls = {std::string(kDefaultServerUrl)};
  RemoteConfig remote;
  PluginIndexConfig plugin_index;
  std::string ca_file;
  std::string pinned_sha256;
  std::filesystem::path state_dir;  ///< "" = default_state_dir()
  std::string node;                 ///< "" = the machine's host name
  Duration interval = std::chrono::seconds(10);
  bool kernel_events = true;
  bool exit_info = true;
  std::uint64_t spool_max_bytes = 256u << 20;
  std::filesystem::path scrape_config;  ///< a prometheus.yml; "" = no exporters are scraped
  std::vector<NamedCheck> checks;
  PeerPorts peer_ports;
  LimitConfig limits;
  std::string statsd;      ///< "ADDRESS:PORT" where statsd is received over UDP; "" = nowhere
  bool old_names = false;  ///< also the figures' names of the old agent (collect/old_names.h)
  std::vector<std::pair<std::string, std::string>> tags;  ///< of this host, as labels of host_tags_info
  std::vector<SourceConfig> sources;
  bool kernel_log = true;
  LogLimits log_limits;               ///< of each log of a service without limits of its own
  bool mask_secrets = true;           ///< in log lines, see codec/secret_mask.h
  std::filesystem::path journal_dir;  ///< of systemd's journal; "" = this host's
  bool discover = false;  ///< also watch known services that run here and are not named in the file
  std::vector<std::pair<std::string, std::vector<std::string>>> plugins;  ///< enabled: module, functions
  std::filesystem::path plugins_dir;                                      ///< where they are installed
  std::filesystem::path plugins_conf_dir = "/etc/sentinella";             ///< where NAME.conf may stand
  log::Level log_level = log::Level::info;
  std::string log_file;                 ///< "" = standard error
  std::vector<ServiceConfig> services;  ///< in the file's order

  LogLimits limits_of(const ServiceConfig& service) const { return service.log_limits.value_or(log_limits); }
};

struct LoadedConfig {
  Config config;
  std::vector<std::string> warnings;
};

/// Pure. kInvalid names the key.
Result<LoadedConfig> parse_config(std::string_view text);

/// Whether this is a key of the configuration, and therefore no service's name.
bool is_config_key(std::string_view key);

/// The sentence that every command prints for a file that cannot be used.
inline constexpr std::string_view kInvalidConfigText =
    "Invalid config: check permissions and/or if the config contains valid JSON";

/// The file `init` writes: four blanks of indentation, keys in the given order.
std::string to_pretty_json(const boost::json::object& object);

/// Where state is kept when the configuration does not say: /var/lib/sentinella where we may write (or are
/// root), else ~/.local/state/sentinella.
std::filesystem::path default_state_dir();

/// The short host name, as the server knows this node.
std::string host_name();

}  // namespace sentinella::agent
