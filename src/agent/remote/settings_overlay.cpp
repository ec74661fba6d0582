#include "agent/remote/settings_overlay.h"

#include <algorithm>

#include "agent/tail/journal_entry.h"
#include "base/json.h"
#include "codec/agent_settings.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::string_view kOldServices = "openstack_services";

Result<void> check_log(const std::string& field, std::string_view log, const RemoteConfig& rights) {
  if (is_journal(log)) return {};
  const bool allowed = std::ranges::any_of(rights.log_directories, [&](const std::string& directory) {
    return log.size() > directory.size() + 1 && log.starts_with(directory) && log[directory.size()] == '/';
  });
  if (allowed) return {};
  return fail_field(Errc::kForbidden, field,
                    "{} is below none of the directories that the server may have logs read from ({}); "
                    "\"remote\": {{\"log_directories\": [...]}} in the agent's own file allows more",
                    log, fmt::join(rights.log_directories, ", "));
}

Result<void> check_logs(const std::string& field, const json::value& logs, const RemoteConfig& rights) {
  if (!logs.is_array()) return check_log(field, logs.get_string(), rights);
  for (const json::value& log : logs.get_array()) SENT_TRY(check_log(field, log.get_string(), rights));
  return {};
}

/// The trust of the agent's file holds for all doors: none without TLS in the place of one with it.
Result<void> check_doors(const json::value& value, const Config& own) {
  const bool tls = own.server_url.starts_with("https://");
  const auto check = [&](const json::value& url) -> Result<void> {
    if (tls && !url.get_string().starts_with("https://"))
      return fail_field(Errc::kForbidden, "server_url", "{} has no TLS, and the agent's own file wants it",
                        std::string_view(url.get_string()));
    return {};
  };
  if (!value.is_array()) return check(value);
  for (const json::value& url : value.get_array()) SENT_TRY(check(url));
  return {};
}

/// Where the file names the service: at the top, or below the key of release 1.1.
json::value& place_of(json::object& root, std::string_view name) {
  if (json::value* here = root.if_contains(name)) return *here;
  json::value& services = root[kOldServices];
  if (!services.is_object()) services.emplace_object();
  return services.get_object()[name];
}

void put_service(json::value& under, const json::value& service) {
  if (!under.is_object() || !service.is_object()) {
    under = service;
    return;
  }
  for (const auto& field : service.get_object()) under.get_object()[field.key()] = field.value();
}

Result<void> lay_services(json::object& root, const json::object& services, const Config& own) {
  for (const auto& item : services) {
    const std::string_view name = item.key();
    const std::string field = fmt::format("services.{}", name);
    if (is_config_key(name)) return fail_field(Errc::kInvalid, field, "a service cannot have this name");
    if (item.value().is_object())
      if (const auto* log = item.value().get_object().if_contains("log"))
        SENT_TRY(check_logs(field + ".log", *log, own.remote));
    put_service(place_of(root, name), item.value());
  }
  return {};
}

}  // namespace

Result<LoadedConfig> lay_over_file(std::string_view file, const json::object& settings) {
  SENT_TRY_ASSIGN(LoadedConfig own, parse_config(file));
  if (settings.empty()) return own;
  if (!own.config.remote.accepted)
    return fail(Errc::kForbidden, "\"remote\" is false in the agent's own file");
  SENT_TRY(codec::check_agent_settings(settings));
  SENT_TRY_ASSIGN(json::object root, parse_json_object(file));
  json::object rest = settings;
  if (const auto* services = settings.if_contains("services")) {
    SENT_TRY(lay_services(root, services->get_object(), own.config));
    rest.erase("services");
  }
  if (const auto* doors = settings.if_contains("server_url")) SENT_TRY(check_doors(*doors, own.config));
  codec::lay_over(root, rest);
  SENT_TRY_ASSIGN(LoadedConfig loaded, parse_config(json::serialize(root)));
  loaded.config.enrolled_urls = own.config.enrolled_urls;
  return loaded;
}

}  // namespace sentinella::agent
