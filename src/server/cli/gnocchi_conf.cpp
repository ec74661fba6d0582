#include "server/cli/gnocchi_conf.h"

#include <array>
#include <map>
#include <vector>

#include "base/ini.h"
#include "base/text.h"

namespace sentinella::server {
namespace {

/// One option of theirs: the key of [gnocchi] that takes its value, or why none does. A key of "" ends a
/// section whose other options are explained by `why`.
struct Option {
  std::string_view section, key, ours, why;
};
constexpr std::string_view kNoBacklog = "measures are aggregated when they are read: there is no metricd";
constexpr std::string_view kOneStore = "everything is in the server's own data_dir";
constexpr std::array kOptions{
    Option{"api", "auth_mode", "auth_mode", ""},
    Option{"api", "max_limit", "max_limit", ""},
    Option{"api", "enable_proxy_headers_parsing", "enable_proxy_headers_parsing", ""},
    Option{"api", "operation_timeout", "", "an answer waits for the disk only"},
    Option{"api", "paste_config", "", "there is no WSGI pipeline"},
    Option{"api", "uwsgi_mode", "", "there is no uWSGI"},
    Option{"cors", "allowed_origin", "allowed_origin", ""},
    Option{"archive_policy", "default_aggregation_methods", "default_aggregation_methods", ""},
    Option{"keystone_authtoken", "username", "keystone_user", ""},
    Option{"keystone_authtoken", "password", "keystone_password", ""},
    Option{"keystone_authtoken", "project_name", "keystone_project", ""},
    Option{"keystone_authtoken", "user_domain_name", "keystone_user_domain", ""},
    Option{"keystone_authtoken", "project_domain_name", "keystone_project_domain", ""},
    Option{"keystone_authtoken", "token_cache_time", "keystone_cache_time", ""},
    Option{"keystone_authtoken", "memcached_servers", "", "tokens are remembered in memory"},
    Option{"metricd", "", "", kNoBacklog},
    Option{"incoming", "", "", kNoBacklog},
    Option{"storage", "", "", kOneStore},
    Option{"indexer", "", "", kOneStore},
    Option{"statsd", "resource_id", "statsd_resource_id", ""},
    Option{"statsd", "creator", "statsd_creator", ""},
    Option{"statsd", "archive_policy_name", "statsd_archive_policy_name", ""},
    Option{"statsd", "flush_delay", "statsd_flush_delay", ""},
    Option{"amqp1d", "", "", "collectd's AMQP is not taken"},
    Option{"oslo_policy", "", "", "roles are fixed: admin_roles and service_roles say who has them"},
};

const Option* find(const IniOption& given) {
  for (const Option& option : kOptions)
    if (option.section == given.section && (option.key == given.key || option.key.empty())) return &option;
  return nullptr;
}

/// Values that are written another way here.
std::string value_of(const Option& option, const std::string& value) {
  if (option.ours == "enable_proxy_headers_parsing") {
    const std::string word = to_lower(value);
    return word == "true" || word == "1" || word == "yes" || word == "on" ? "true" : "false";
  }
  // A number of seconds.
  if (option.ours == "statsd_flush_delay" && parse_double(value)) return value + "s";
  return value;
}

std::string_view value_in(const std::vector<IniOption>& all, std::string_view section, std::string_view key) {
  for (const IniOption& one : all)
    if (one.section == section && one.key == key) return one.value;
  return {};
}

/// Where Keystone is: with the version that tokens are asked of.
std::string keystone_url(const std::vector<IniOption>& all) {
  std::string url(value_in(all, "keystone_authtoken", "auth_url"));
  if (url.empty()) url = value_in(all, "keystone_authtoken", "www_authenticate_uri");
  while (url.ends_with('/')) url.pop_back();
  if (!url.empty() && !url.ends_with("/v3")) url += "/v3";
  return url;
}

bool has_section(const std::vector<IniOption>& all, std::string_view section) {
  for (const IniOption& one : all)
    if (one.section == section) return true;
  return false;
}

std::string statsd_address(const std::vector<IniOption>& all) {
  const std::string_view host = value_in(all, "statsd", "host"), port = value_in(all, "statsd", "port");
  return fmt::format("# Whoever sends from another machine: statsd_allow = NETWORKS\nstatsd_listen = {}:{}\n",
                     host.empty() ? "0.0.0.0" : host, port.empty() ? "8125" : port);
}

bool is_address(const IniOption& one) {
  if (one.section == "api" || one.section == "statsd") return one.key == "host" || one.key == "port";
  return one.section == "keystone_authtoken" && (one.key == "auth_url" || one.key == "www_authenticate_uri");
}

/// A comment must not show what is secret, and nothing else of it is needed.
bool may_be_secret(const std::string& key) {
  for (const std::string_view word : {"password", "secret", "key", "url", "token"})
    if (key.contains(word)) return true;
  return false;
}

}  // namespace

Result<std::string> map_gnocchi_conf(std::string_view ini) {
  SENT_TRY_ASSIGN(const auto all, parse_ini(ini));
  std::string host(value_in(all, "api", "host")), port(value_in(all, "api", "port"));
  if (host.empty()) host = "0.0.0.0";
  if (host.contains(':')) host = "[" + host + "]";
  std::string out = fmt::format("[gnocchi]\nlisten = {}:{}\n", host, port.empty() ? "8041" : port);
  if (const std::string url = keystone_url(all); !url.empty()) out += "keystone_url = " + url + "\n";
  if (has_section(all, "statsd")) out += statsd_address(all);
  std::string notes;
  for (const IniOption& one : all) {
    if (is_address(one)) continue;
    const Option* option = find(one);
    if (option != nullptr && !option->ours.empty()) {
      out += fmt::format("{} = {}\n", option->ours, value_of(*option, one.value));
      continue;
    }
    notes += fmt::format("# [{}] {}{}: {}\n", one.section, one.key,
                         may_be_secret(one.key) ? "" : " = " + one.value.substr(0, one.value.find('\n')),
                         option ? option->why : "not known here, and nothing is done with it");
  }
  if (!notes.empty()) out += "# Without a meaning here:\n" + notes;
  return out;
}

}  // namespace sentinella::server
