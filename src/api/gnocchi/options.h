// How this door is set up: what gnocchi.conf has in [api], [archive_policy] and [keystone_authtoken].
#pragma once

#include <string>
#include <vector>

#include "api/gnocchi/methods.h"
#include "base/time.h"

namespace sentinella::api::gnocchi {

/// Who is believed to be calling.
enum class AuthMode : std::uint8_t {
  own,          ///< as at every other door: API keys, logins (Authorization; an API key also as X-Auth-Token)
  basic,        ///< the name in HTTP basic, without a password: for tests; loopback only
  remote_user,  ///< the name in X-Remote-User, which a front server on this machine sets; loopback only
  keystone,     ///< X-Auth-Token, which Keystone vouches for
};
std::optional<AuthMode> parse_auth_mode(std::string_view text);

struct KeystoneOptions {
  std::string url;  ///< "http://127.0.0.1:5000/v3"
  std::string user, password, project = "service";
  std::string user_domain = "Default", project_domain = "Default";
  std::vector<std::string> admin_roles = {"admin"};
  std::vector<std::string> service_roles = {"service"};
  Duration cache_life = std::chrono::minutes(5);
};

/// When resources end that are not measured, and when ended ones go; 0 = never.
struct ExpiryOptions {
  Duration inactive_after{0}, cleanup_after{0};
  bool on() const { return inactive_after > Duration::zero() || cleanup_after > Duration::zero(); }
};

/// statsd, as Gnocchi's daemon takes it: everything belongs to one resource.
struct StatsdOptions {
  std::string resource = "statsd";  ///< UUID, or a name
  std::string creator = "statsd";
  std::string policy;  ///< of metrics that are made; "" = as the rules say
};

struct Options {
  AuthMode auth = AuthMode::own;
  std::string account = "default";      ///< whose everything is, when callers are not of an account of ours
  std::size_t max_limit = 1'000;        ///< things on one page
  std::size_t max_revisions = 200'000;  ///< what resources were before, in one aggregation
  std::vector<std::string> allowed_origins = {};
  bool proxy_headers = false;     ///< Forwarded, X-Forwarded-* say how clients reach this door
  bool strict_json = true;        ///< else NaN and Infinity are written as Python does
  bool built_in_policies = true;  ///< low, medium, high, bool and their rule, for accounts without any
  std::vector<std::string> default_methods = usual_methods();
  KeystoneOptions keystone = {};
  ExpiryOptions expiry = {};
  StatsdOptions statsd = {};
};

}  // namespace sentinella::api::gnocchi
