#include "server/gnocchi_config.h"

#include <array>
#include <vector>

#include "base/text.h"
#include "net/address_range.h"
#include "net/http_client.h"
#include "server/config.h"
#include "server/section_options.h"

namespace sentinella::server {
namespace {

using api::gnocchi::KeystoneOptions;
using api::gnocchi::Options;

std::vector<std::string> words_of(const std::string& value) {
  std::vector<std::string> words;
  for (const auto piece : split(value, ','))
    if (const auto word = trim(piece); !word.empty()) words.emplace_back(word);
  return words;
}

Result<void> set_listen(GnocchiConfig& config, const std::string& value) {
  if (!value.empty()) SENT_TRY(parse_listen(value));
  config.listen = value;
  return {};
}
Result<void> set_auth(GnocchiConfig& config, const std::string& value) {
  const auto mode = api::gnocchi::parse_auth_mode(value);
  if (!mode) return fail(Errc::kInvalid, "\"{}\" is not own, basic, remoteuser or keystone", value);
  config.options.auth = *mode;
  return {};
}
Result<void> set_max_limit(GnocchiConfig& config, const std::string& value) {
  const auto number = parse_uint(value);
  if (!number || *number == 0 || *number > 1'000'000)
    return fail(Errc::kInvalid, "\"{}\" is not a number from 1 to 1000000", value);
  config.options.max_limit = *number;
  return {};
}
Result<void> set_origins(GnocchiConfig& config, const std::string& value) {
  config.options.allowed_origins = words_of(value);
  return {};
}
Result<void> set_methods(GnocchiConfig& config, const std::string& value) {
  const auto methods = api::gnocchi::methods_of(words_of(value), api::gnocchi::usual_methods());
  if (!methods || methods->empty())
    return fail(Errc::kInvalid, "\"{}\" is not a list of aggregation methods", value);
  config.options.default_methods = *methods;
  return {};
}
template <auto Member>
Result<void> set_flag(GnocchiConfig& config, const std::string& value) {
  if (value != "true" && value != "false")
    return fail(Errc::kInvalid, "\"{}\" is neither true nor false", value);
  config.options.*Member = value == "true";
  return {};
}
Result<void> set_account(GnocchiConfig& config, const std::string& value) {
  config.options.account = value;
  return {};
}
template <auto Member>
Result<void> set_keystone(GnocchiConfig& config, const std::string& value) {
  config.options.keystone.*Member = value;
  return {};
}
template <auto Member>
Result<void> set_roles(GnocchiConfig& config, const std::string& value) {
  config.options.keystone.*Member = words_of(value);
  return {};
}
Result<void> set_keystone_url(GnocchiConfig& config, const std::string& value) {
  if (!value.empty()) SENT_TRY(net::parse_url(value));
  config.options.keystone.url = value;
  return {};
}
Result<void> set_cache_life(GnocchiConfig& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.options.keystone.cache_life, parse_duration(value));
  return {};
}

template <auto Member>
Result<void> set_expiry(GnocchiConfig& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.options.expiry.*Member, parse_duration(value));
  return {};
}

Result<void> set_statsd_listen(GnocchiConfig& config, const std::string& value) {
  if (!value.empty()) SENT_TRY(parse_listen(value));
  config.statsd_listen = value;
  return {};
}
Result<void> set_statsd_allow(GnocchiConfig& config, const std::string& value) {
  SENT_TRY(net::AddressRange::parse_list(value));
  config.statsd_allow = value;
  return {};
}
Result<void> set_statsd_flush(GnocchiConfig& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.statsd_flush, parse_duration(value));
  if (config.statsd_flush < std::chrono::milliseconds(100))
    return fail(Errc::kInvalid, "\"{}\" is less than 100ms", value);
  return {};
}
template <auto Member>
Result<void> set_statsd(GnocchiConfig& config, const std::string& value) {
  config.options.statsd.*Member = value;
  return {};
}

using GnocchiOption = SectionOption<GnocchiConfig>;

constexpr std::array kGnocchiOptions{
    GnocchiOption{"listen", "",
                  "HOST:PORT of a listener of its own, with Gnocchi's API at the root (Gnocchi has 8041).",
                  set_listen},
    GnocchiOption{
        "auth_mode", "own",
        "own: our API keys and logins. keystone: X-Auth-Token. remoteuser: X-Remote-User of a front "
        "server on this "
        "machine. basic: names without passwords, for tests on this machine.",
        set_auth},
    GnocchiOption{"account", "default", "Whose everything is, when callers have no account of ours.",
                  set_account},
    GnocchiOption{"max_limit", "1000", "Things on one page of a list.", set_max_limit},
    GnocchiOption{"allowed_origin", "", "Origins of web pages that may read, separated by commas.",
                  set_origins},
    GnocchiOption{"enable_proxy_headers_parsing", "false",
                  "Forwarded and X-Forwarded-* say how clients reach this door.",
                  set_flag<&Options::proxy_headers>},
    GnocchiOption{"strict_json", "true",
                  "false: NaN and Infinity are written as Gnocchi does, which JSON does not know.",
                  set_flag<&Options::strict_json>},
    GnocchiOption{"built_in_policies", "true", "low, medium, high and bool for accounts that never had any.",
                  set_flag<&Options::built_in_policies>},
    GnocchiOption{"default_aggregation_methods", "mean, min, max, sum, std, count",
                  "Of policies that name none.", set_methods},
    GnocchiOption{"metric_inactive_after", "0s",
                  "A resource whose metrics have been silent for so long ends; 0s: none does.",
                  set_expiry<&api::gnocchi::ExpiryOptions::inactive_after>},
    GnocchiOption{"resource_cleanup_after", "0s",
                  "A resource that ended so long ago goes, with its metrics; 0s: none does.",
                  set_expiry<&api::gnocchi::ExpiryOptions::cleanup_after>},
    GnocchiOption{
        "statsd_listen", "",
        "HOST:PORT (UDP) of statsd whose metrics belong to one resource, as Gnocchi's daemon had it "
        "(8125).",
        set_statsd_listen},
    GnocchiOption{"statsd_allow", "127.0.0.0/8, ::1", "Networks that may send it.", set_statsd_allow},
    GnocchiOption{"statsd_resource_id", "statsd", "UUID or name of the resource, which is made.",
                  set_statsd<&api::gnocchi::StatsdOptions::resource>},
    GnocchiOption{"statsd_creator", "statsd", "Whose it is.",
                  set_statsd<&api::gnocchi::StatsdOptions::creator>},
    GnocchiOption{"statsd_archive_policy_name", "", "Of new metrics; else the rules say.",
                  set_statsd<&api::gnocchi::StatsdOptions::policy>},
    GnocchiOption{"statsd_flush_delay", "10s", "One measure a metric in this time.", set_statsd_flush},
    GnocchiOption{"keystone_url", "", "As http://controller:5000/v3.", set_keystone_url},
    GnocchiOption{"keystone_user", "", "Whom tokens are checked as.", set_keystone<&KeystoneOptions::user>},
    GnocchiOption{"keystone_password", "", "", set_keystone<&KeystoneOptions::password>},
    GnocchiOption{"keystone_project", "service", "", set_keystone<&KeystoneOptions::project>},
    GnocchiOption{"keystone_user_domain", "Default", "", set_keystone<&KeystoneOptions::user_domain>},
    GnocchiOption{"keystone_project_domain", "Default", "", set_keystone<&KeystoneOptions::project_domain>},
    GnocchiOption{"keystone_cache_time", "5m", "How long an answer about a token is good.", set_cache_life},
    GnocchiOption{"admin_roles", "admin", "Roles that may change policies, rules and what others have made.",
                  set_roles<&KeystoneOptions::admin_roles>},
    GnocchiOption{"service_roles", "service", "Roles that may write what others have made.",
                  set_roles<&KeystoneOptions::service_roles>},
};

}  // namespace

Result<void> set_gnocchi(GnocchiConfig& config, const IniOption& option) {
  return set_option<GnocchiConfig>(kGnocchiOptions, config, option);
}

std::string gnocchi_sample() {
  return sample_of<GnocchiConfig>(kGnocchiSection, kGnocchiOptions);
}

}  // namespace sentinella::server
