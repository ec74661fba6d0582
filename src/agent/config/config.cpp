#include "agent/config/config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include <unistd.h>

#include "agent/config/check_config.h"
#include "agent/config/config_values.h"
#include "agent/listen/statsd_listener.h"
#include "agent/tail/journal_entry.h"
#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 33> kKnownKeys = {"account_key",
                                                         "server_url",
                                                         "ca_file",
                                                         "pinned_sha256",
                                                         "state_dir",
                                                         "node",
                                                         "interval_seconds",
                                                         "watch",
                                                         "spool_max_bytes",
                                                         "scrape",
                                                         "checks",
                                                         "peer_ports",
                                                         "tags",
                                                         "limits",
                                                         "statsd",
                                                         "old_names",
                                                         "collect",
                                                         "kernel_log",
                                                         "log_limits",
                                                         "mask_secrets",
                                                         "journal_dir",
                                                         "discover",
                                                         "log_level",
                                                         "log_file",
                                                         "log_format",
                                                         "plugins",
                                                         "plugins_conf_dir",
                                                         "plugin_index",
                                                         "remote",
                                                         "api_url",
                                                         "proxy",
                                                         "openstack_credentials",
                                                         "openstack_services"};

constexpr std::array<std::string_view, 9> kSourceKinds = {"ceph",        "haproxy",    "libvirt",
                                                          "mariadb",     "memcached",  "openstack",
                                                          "openvswitch", "postgresql", "rabbitmq"};

class Parser {
 public:
  explicit Parser(LoadedConfig& out) : out_(out), config_(out.config) {}

  Result<void> object(const json::object& root) {
    for (const auto& item : root) SENT_TRY(entry(std::string_view(item.key()), item.value()));
    SENT_TRY(service_limits(root));
    return account_for_tokens();
  }

 private:
  Result<void> account_for_tokens() const {
    const bool known =
        std::ranges::find(config_.sources, "openstack", &SourceConfig::kind) != config_.sources.end();
    if (wants_token_.empty() || known) return {};
    return fail_field(Errc::kInvalid, wants_token_.front() + ".token",
                      "there is no account to get a token with; give one as collect.openstack, or as "
                      "openstack_credentials");
  }

  Result<void> entry(std::string_view key, const json::value& value) {
    if (const auto text = text_option(key)) return read_text(key, value, *text);
    if (key == "server_url") return server_url(value);
    if (key == "interval_seconds") return interval(value);
    if (key == "spool_max_bytes") return spool_bytes(value);
    if (key == "watch") return watch(value);
    if (key == "scrape") return scrape(value);
    if (key == "checks") return checks(value);
    if (key == "peer_ports") return taken(parse_peer_ports(value), config_.peer_ports);
    if (key == "tags") return taken(parse_tags(value), config_.tags);
    if (key == "limits") return taken(parse_limits(value), config_.limits);
    if (key == "statsd") return statsd(value);
    if (key == "old_names") return flag(key, value, config_.old_names);
    if (key == "collect") return collect(value);
    if (key == "kernel_log") return flag(key, value, config_.kernel_log);
    if (key == "log_limits") {
      SENT_TRY_ASSIGN(config_.log_limits, parse_log_limits(key, value, {}));
      return {};
    }
    if (key == "mask_secrets") return flag(key, value, config_.mask_secrets);
    if (key == "discover") return flag(key, value, config_.discover);
    if (key == "openstack_credentials") return credentials(value);
    if (key == "log_level") return log_level(value);
    if (key == "openstack_services") return services(value);
    if (key == "state_dir") return directory(key, value, config_.state_dir);
    if (key == "journal_dir") return directory(key, value, config_.journal_dir);
    if (key == "plugins") return plugins(value);
    if (key == "plugins_conf_dir") return plugins_conf_dir(value);
    if (key == "plugin_index") return plugin_index(value);
    if (key == "remote") return remote(value);
    if (is_config_key(key)) return unused(key, value);
    return service(key, value);
  }

  std::optional<std::string*> text_option(std::string_view key) {
    if (key == "account_key") return &config_.account_key;
    if (key == "ca_file") return &config_.ca_file;
    if (key == "pinned_sha256") return &config_.pinned_sha256;
    if (key == "node") return &config_.node;
    if (key == "log_file") return &config_.log_file;
    return std::nullopt;
  }

  template <typename T>
  static Result<void> taken(Result<T> value, T& into) {
    if (!value) return std::unexpected(value.error());
    into = std::move(*value);
    return {};
  }

  /// "127.0.0.1:8125"
  Result<void> statsd(const json::value& value) {
    SENT_TRY(read_text("statsd", value, &config_.statsd));
    if (config_.statsd.empty()) return {};
    if (const auto address = parse_udp_address(config_.statsd); !address)
      return fail_field(Errc::kInvalid, "statsd", "{}", describe(address.error()));
    return {};
  }

  /// One URL, or a list of them.
  Result<void> server_url(const json::value& value) {
    std::vector<std::string> urls;
    const auto add = [&](const json::value& one) -> Result<void> {
      std::string url;
      SENT_TRY(read_text("server_url", one, &url));
      while (url.ends_with('/')) url.pop_back();
      if (!url.empty()) urls.push_back(std::move(url));
      return {};
    };
    if (value.is_array()) {
      for (const json::value& one : value.get_array()) SENT_TRY(add(one));
    } else {
      SENT_TRY(add(value));
    }
    if (urls.empty()) return {};
    config_.enrolled_urls = urls;
    config_.server_url = urls.front();
    config_.more_server_urls.assign(urls.begin() + 1, urls.end());
    return {};
  }

  static Result<void> directory(std::string_view key, const json::value& value, std::filesystem::path& into) {
    std::string text;
    SENT_TRY(read_text(key, value, &text));
    if (!text.empty() && text[0] != '/')
      return fail_field(Errc::kInvalid, key, "\"{}\" is not an absolute path", text);
    into = text;
    return {};
  }

  Result<void> interval(const json::value& value) {
    SENT_TRY_ASSIGN(const double seconds, number_value("interval_seconds", value, 0.1, 3600));
    config_.interval = Duration(static_cast<std::int64_t>(std::llround(seconds * 1e9)));
    return {};
  }

  Result<void> spool_bytes(const json::value& value) {
    SENT_TRY_ASSIGN(const double bytes, number_value("spool_max_bytes", value, 2 << 20, 1e12));
    config_.spool_max_bytes = static_cast<std::uint64_t>(bytes);
    return {};
  }

  Result<void> watch(const json::value& value) {
    if (!value.is_object()) return fail_field(Errc::kInvalid, "watch", "an object is expected");
    if (const auto known = only_fields(value.get_object(), {"kernel_events", "exit_info"}); !known)
      return fail_field(Errc::kInvalid, "watch", "{}", describe(known.error()));
    for (const auto& item : value.get_object()) {
      if (!item.value().is_bool())
        return fail_field(Errc::kInvalid, fmt::format("watch.{}", std::string_view(item.key())),
                          "true or false is expected");
      (item.key() == "kernel_events" ? config_.kernel_events : config_.exit_info) = item.value().get_bool();
    }
    return {};
  }

  /// A path, or {"config": path}.
  Result<void> scrape(const json::value& value) {
    std::string path;
    if (value.is_object()) {
      const json::object& object = value.get_object();
      if (const auto known = only_fields(object, {"config"}); !known)
        return fail_field(Errc::kInvalid, "scrape", "{}", describe(known.error()));
      SENT_TRY_ASSIGN(path, required_string(object, "config"));
    } else {
      SENT_TRY(read_text("scrape", value, &path));
    }
    if (!path.empty() && path[0] != '/')
      return fail_field(Errc::kInvalid, "scrape", "\"{}\" is not an absolute path", path);
    config_.scrape_config = path;
    return {};
  }

  /// {"keystone-vip": "https://cloud.example:5000/v3"}
  Result<void> checks(const json::value& value) {
    if (!value.is_object())
      return fail_field(Errc::kInvalid, "checks", "an object of names and URLs is expected");
    for (const auto& item : value.get_object()) {
      const std::string field = fmt::format("checks.{}", std::string_view(item.key()));
      SENT_TRY_ASSIGN(CheckConfig check, parse_check(field, item.value()));
      if (check.options.token) wants_token_.push_back(field);
      config_.checks.push_back({item.key(), std::move(check.url), std::move(check.options)});
    }
    return {};
  }

  /// {"rabbitmq": {"url": ..., "user": ..., "password_file": ...}, ...}; several of a kind as a list.
  Result<void> collect(const json::value& value) {
    if (!value.is_object()) return fail_field(Errc::kInvalid, "collect", "an object of systems is expected");
    for (const auto& item : value.get_object()) {
      const std::string_view kind = item.key();
      const std::vector<std::string_view> kinds(kSourceKinds.begin(), kSourceKinds.end());
      if (std::ranges::find(kinds, kind) == kinds.end()) {
        const auto near = suggest(kind, kinds);
        return fail_field(Errc::kInvalid, fmt::format("collect.{}", kind), "unknown system{}",
                          near ? fmt::format("; did you mean \"{}\"?", *near) : "");
      }
      if (!item.value().is_array()) {
        SENT_TRY(source(kind, item.value()));
        continue;
      }
      for (const json::value& one : item.value().get_array()) SENT_TRY(source(kind, one));
    }
    return {};
  }

  Result<void> source(std::string_view kind, const json::value& value) {
    const std::string field = fmt::format("collect.{}", kind);
    const auto read = [&]() -> Result<SourceConfig> {
      if (!value.is_object()) return fail(Errc::kInvalid, "an object is expected");
      const json::object& object = value.get_object();
      SENT_TRY(only_fields(object, {"url", "user", "password", "password_file", "project", "domain", "region",
                                    "ca_file", "tls", "verify"}));
      SourceConfig source;
      source.kind = kind;
      SENT_TRY_ASSIGN(source.url, required_string(object, "url"));
      const std::pair<std::string_view, std::string*> texts[] = {{"user", &source.user},
                                                                 {"password", &source.password},
                                                                 {"password_file", &source.password_file},
                                                                 {"project", &source.project},
                                                                 {"domain", &source.domain},
                                                                 {"region", &source.region},
                                                                 {"ca_file", &source.ca_file}};
      for (const auto& [name, into] : texts) {
        SENT_TRY_ASSIGN(const auto text, optional_string(object, name));
        if (text) *into = *text;
      }
      SENT_TRY_ASSIGN(const auto tls, optional_bool(object, "tls"));
      source.tls = tls.value_or(!source.ca_file.empty());
      SENT_TRY_ASSIGN(const auto verify, optional_bool(object, "verify"));
      source.verify = verify.value_or(true);
      return source;
    };
    auto source = read();
    if (!source) return fail_field(Errc::kInvalid, field, "{}", describe(source.error()));
    config_.sources.push_back(std::move(*source));
    return {};
  }

  /// The form of release 1.1: an account of Keystone's, whose URL then ended in /v2.0.
  Result<void> credentials(const json::value& value) {
    if (!value.is_object())
      return fail_field(Errc::kInvalid, "openstack_credentials", "an object is expected");
    SourceConfig source;
    source.kind = "openstack";
    const json::object& object = value.get_object();
    const std::pair<std::string_view, std::string*> texts[] = {{"user", &source.user},
                                                               {"password", &source.password},
                                                               {"project", &source.project},
                                                               {"auth_url", &source.url}};
    for (const auto& [name, into] : texts) {
      const auto text = optional_string(object, name);
      if (!text) return fail_field(Errc::kInvalid, "openstack_credentials", "{}", describe(text.error()));
      if (*text) *into = trim(**text);
    }
    if (source.url.empty() || source.user.empty()) {
      warn("openstack_credentials has no auth_url and user, and is not used");
      return {};
    }
    config_.sources.push_back(std::move(source));
    return {};
  }

  static Result<void> flag(std::string_view key, const json::value& value, bool& into) {
    if (!value.is_bool()) return fail_field(Errc::kInvalid, key, "true or false is expected");
    into = value.get_bool();
    return {};
  }

  Result<void> log_level(const json::value& value) {
    std::string text;
    SENT_TRY(read_text("log_level", value, &text));
    if (text.empty()) return {};
    SENT_TRY_ASSIGN(config_.log_level, log::parse_level(text));
    return {};
  }

  Result<void> plugins(const json::value& value) {
    if (!value.is_object()) return fail_field(Errc::kInvalid, "plugins", "an object of modules is expected");
    for (const auto& item : value.get_object()) {
      const auto functions = optional_strings(value.get_object(), item.key());
      if (!functions)
        return fail_field(Errc::kInvalid, fmt::format("plugins.{}", std::string_view(item.key())),
                          "a list of functions is expected");
      config_.plugins.emplace_back(item.key(), *functions);
    }
    return {};
  }

  /// Files of old name it by a variable of the program they were for.
  Result<void> plugins_conf_dir(const json::value& value) {
    std::string path;
    SENT_TRY(read_text("plugins_conf_dir", value, &path));
    if (path.starts_with('/')) config_.plugins_conf_dir = path;
    return {};
  }

  /// {"url": "https://packages.example/plugins", "key": "..."}
  Result<void> plugin_index(const json::value& value) {
    const auto read = [&]() -> Result<PluginIndexConfig> {
      if (!value.is_object()) return fail(Errc::kInvalid, "an object is expected");
      const json::object& object = value.get_object();
      SENT_TRY(only_fields(object, {"url", "key", "ca_file"}));
      PluginIndexConfig index;
      SENT_TRY_ASSIGN(index.url, required_string(object, "url"));
      SENT_TRY_ASSIGN(index.key, required_string(object, "key"));
      SENT_TRY_ASSIGN(const auto ca_file, optional_string(object, "ca_file"));
      index.ca_file = ca_file.value_or("");
      while (index.url.size() > 1 && index.url.ends_with('/')) index.url.pop_back();
      return index;
    };
    auto index = read();
    if (!index) return fail_field(Errc::kInvalid, "plugin_index", "{}", describe(index.error()));
    config_.plugin_index = std::move(*index);
    return {};
  }

  /// false, or {"log_directories": [...]}
  Result<void> remote(const json::value& value) {
    if (value.is_bool()) return flag("remote", value, config_.remote.accepted);
    if (!value.is_object())
      return fail_field(Errc::kInvalid, "remote", "true, false or an object is expected");
    const json::object& object = value.get_object();
    if (const auto known = only_fields(object, {"log_directories"}); !known)
      return fail_field(Errc::kInvalid, "remote", "{}", describe(known.error()));
    auto directories = optional_strings(object, "log_directories");
    if (!directories) return fail_field(Errc::kInvalid, "remote", "{}", describe(directories.error()));
    for (std::string& directory : *directories) {
      while (directory.ends_with('/')) directory.pop_back();
      if (!directory.starts_with('/') || directory.contains("/.."))
        return fail_field(Errc::kInvalid, "remote.log_directories",
                          "\"{}\" is not the absolute path of a directory", directory);
    }
    config_.remote.log_directories = std::move(*directories);
    return {};
  }

  Result<void> unused(std::string_view key, const json::value& value) {
    const bool empty = value.is_string() && value.get_string().empty();
    if (key == "api_url")
      warn("api_url belonged to the former hosted service and is not used; set server_url");
    if (key == "proxy") warn("proxy is not supported; the agent connects to server_url directly");
    if (key == "log_format" && !empty) warn("log_format is not used; the agent logs in oslo's format");
    return {};
  }

  Result<void> services(const json::value& value) {
    if (!value.is_object())
      return fail_field(Errc::kInvalid, "openstack_services", "an object of services is expected");
    for (const auto& item : value.get_object()) SENT_TRY(service(std::string_view(item.key()), item.value()));
    return {};
  }

  Result<void> service(std::string_view name, const json::value& value) {
    const bool disabled = value.is_bool() && !value.get_bool();
    if (!disabled && !value.is_object()) return unknown_key(name);
    if (name.empty() || name.size() > 128 ||
        std::ranges::any_of(name, [](char c) { return c <= ' ' || c == 0x7f; }))
      return fail_field(Errc::kInvalid, name, "a service's name has 1 to 128 characters and no blanks");
    if (std::ranges::any_of(config_.services, [&](const ServiceConfig& s) { return s.name == name; }))
      return fail_field(Errc::kInvalid, name, "the service is there twice");
    ServiceConfig service;
    service.name = name;
    service.enabled = !disabled;
    service.process = name;
    if (!disabled) SENT_TRY(service_fields(value.get_object(), service));
    correct_seed_mistake(service);
    config_.services.push_back(std::move(service));
    return {};
  }

  Result<void> service_fields(const json::object& object, ServiceConfig& service) {
    if (const auto known = only_fields(object, {"process", "log", "log_limits", "check"}); !known)
      return fail_field(Errc::kInvalid, service.name, "{}", describe(known.error()));
    SENT_TRY_ASSIGN(const auto process, optional_string(object, "process"));
    if (process && !trim(*process).empty()) service.process = trim(*process);
    if (const auto* log = object.if_contains("log"); log != nullptr && !log->is_null()) {
      SENT_TRY_ASSIGN(auto logs, parse_logs(fmt::format("{}.log", service.name), *log));
      if (!logs.empty()) service.log = logs.front();
      if (!logs.empty()) service.more_logs.assign(logs.begin() + 1, logs.end());
    }
    if (const auto* check = object.if_contains("check")) {
      const std::string field = fmt::format("{}.check", service.name);
      service.checked = !check->is_bool() || check->get_bool();
      if (!check->is_bool()) {
        SENT_TRY_ASSIGN(CheckConfig own, parse_check(field, *check));
        if (own.options.token) wants_token_.push_back(field);
        service.check = std::move(own.url);
        service.check_options = std::move(own.options);
      }
    }
    return {};
  }

  /// Of a service only what differs from those of all is said, wherever these stand in the file.
  Result<void> service_limits(const json::object& root) {
    for (ServiceConfig& service : config_.services)
      if (const json::value* limits = limits_of(root, service.name)) {
        SENT_TRY_ASSIGN(service.log_limits, parse_log_limits(fmt::format("{}.log_limits", service.name),
                                                             *limits, config_.log_limits));
      }
    return {};
  }

  static const json::value* limits_of(const json::object& root, std::string_view name) {
    const json::value* service = root.if_contains(name);
    if (service == nullptr)
      if (const auto* old = root.if_contains("openstack_services"); old != nullptr && old->is_object())
        service = old->get_object().if_contains(name);
    return service != nullptr && service->is_object() ? service->get_object().if_contains("log_limits")
                                                      : nullptr;
  }

  /// The first release's dialogue asked for the wrong process here, and wrote what it asked.
  void correct_seed_mistake(ServiceConfig& service) {
    if (service.name != "neutron-l3-agent" || service.process != "neutron-openvswitch-agent") return;
    service.process = "neutron-l3-agent";
    warn(
        "neutron-l3-agent: its process is neutron-l3-agent, not neutron-openvswitch-agent; corrected here, "
        "please correct the file");
  }

  static Result<void> unknown_key(std::string_view key) {
    const std::vector<std::string_view> known(kKnownKeys.begin(), kKnownKeys.end());
    if (const auto near = suggest(key, known))
      return fail_field(Errc::kInvalid, key, "unknown key; did you mean \"{}\"?", *near);
    return fail_field(
        Errc::kInvalid, key,
        "unknown key; a service is false or {{\"process\": ..., \"log\": ..., \"check\": ...}}");
  }

  void warn(std::string text) { out_.warnings.push_back(std::move(text)); }

  LoadedConfig& out_;
  Config& config_;
  std::vector<std::string> wants_token_;  ///< fields of checks that are asked with one
};

void pretty(const json::value& value, std::size_t depth, std::string& out);

template <typename Container, typename Each>
void pretty_list(const Container& items, char open, char close, std::size_t depth, std::string& out,
                 Each each) {
  out += open;
  bool first = true;
  for (const auto& item : items) {
    out += first ? "\n" : ",\n";
    first = false;
    out.append((depth + 1) * 4, ' ');
    each(item);
  }
  if (!first) out.append("\n").append(depth * 4, ' ');
  out += close;
}

void pretty(const json::value& value, std::size_t depth, std::string& out) {
  if (value.is_object()) {
    pretty_list(value.get_object(), '{', '}', depth, out, [&](const json::key_value_pair& item) {
      out += json::serialize(item.key());
      out += ": ";
      pretty(item.value(), depth + 1, out);
    });
  } else if (value.is_array()) {
    pretty_list(value.get_array(), '[', ']', depth, out,
                [&](const json::value& item) { pretty(item, depth + 1, out); });
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::vector<std::string> ServiceConfig::logs() const {
  std::vector<std::string> all;
  if (!log.empty()) all.push_back(log);
  all.insert(all.end(), more_logs.begin(), more_logs.end());
  return all;
}

bool is_config_key(std::string_view key) {
  return std::ranges::find(kKnownKeys, key) != kKnownKeys.end();
}

Result<LoadedConfig> parse_config(std::string_view text) {
  SENT_TRY_ASSIGN(const json::object root, parse_json_object(text));
  LoadedConfig loaded;
  SENT_TRY(Parser(loaded).object(root));
  return loaded;
}

std::string to_pretty_json(const json::object& object) {
  std::string out;
  pretty(object, 0, out);
  return out + "\n";
}

std::filesystem::path default_state_dir() {
  std::filesystem::path system = "/var/lib/sentinella";
  const bool exists = ::access(system.c_str(), F_OK) == 0;
  if (exists ? ::access(system.c_str(), W_OK) == 0 : ::access("/var/lib", W_OK) == 0) return system;
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state)
    return std::filesystem::path(state) / "sentinella";
  if (const char* home = std::getenv("HOME"); home && *home)
    return std::filesystem::path(home) / ".local/state/sentinella";
  return system;
}

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "localhost";
  const std::string_view full = name;
  return std::string(full.substr(0, full.find('.')));
}

}  // namespace sentinella::agent
