// A token of Keystone's for an account with a password (identity API v3).
#pragma once

#include <string>
#include <string_view>

#include "agent/config/config.h"
#include "base/result.h"
#include "net/http_client.h"

namespace sentinella::agent {

/// The URL of identity v3, whatever the configuration says: release 1.1 wrote /v2.0.
std::string identity_url(std::string_view configured);
/// The body of the request for a token.
std::string token_request(const SourceConfig& config, std::string_view password);

struct KeystoneToken {
  std::string id;           ///< a secret
  std::string description;  ///< JSON, with the catalogue of services
};
/// `account`: of kind "openstack". kUnauthorized: the account is refused; kUnavailable: no connection, or
/// another answer; kIo, kForbidden: its password's file cannot be read.
Result<KeystoneToken> fetch_token(net::HttpClient& client, const SourceConfig& account, Duration limit);

}  // namespace sentinella::agent
