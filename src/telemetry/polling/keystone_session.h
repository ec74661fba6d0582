// Who we are for OpenStack's APIs: one scoped token, kept until shortly before it expires, and the catalogue
// of endpoints that came with it (Identity API v3, POST /v3/auth/tokens).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "base/time.h"
#include "net/http_client.h"

namespace sentinella::telemetry {

struct KeystoneOptions {
  std::string auth_url;  ///< with or without /v3
  std::string username, password;
  std::string project = "service";
  std::string user_domain = "Default", project_domain = "Default";
  std::string interface = "internal";  ///< of endpoints; the public one where there is none
  std::string region;                  ///< "" = any
  net::TlsClientOptions tls;
  Duration answer_within = std::chrono::seconds(20);  ///< where a request says nothing else
};

/// Blocking; belongs to one thread. No message of its holds password or token.
class KeystoneSession {
 public:
  /// `clock` and `cancelled` must outlive it. Once that is set, by any thread, requests soon end with
  /// kUnavailable.
  KeystoneSession(KeystoneOptions options, const Clock& clock, const std::atomic<bool>* cancelled = nullptr);

  /// The address of a service, without a slash at the end; of the first type that is there. kNotFound: the
  /// catalogue has none of these types.
  Result<std::string> endpoint(const std::vector<std::string>& service_types);
  /// Ours, as the token says; "" before there is one.
  const std::string& project_id() const { return project_id_; }
  /// Ids of all projects that we may see: GET /v3/projects.
  Result<std::vector<std::string>> projects();
  /// The JSON at `url`; null for an answer without content. A token that was refused is renewed once.
  /// kUnauthorized, kNotFound, kUnavailable.
  Result<boost::json::value> get(const std::string& url, const net::Headers& headers = {},
                                 std::optional<Duration> timeout = {});

 private:
  std::string identity_url() const;
  Result<void> ensure_token();
  Result<void> read_catalogue(const boost::json::value& answer);

  const KeystoneOptions options_;
  const Clock& clock_;
  net::HttpClient client_;
  std::string token_;
  std::string project_id_;
  Time expires_;
  std::map<std::string, std::string, std::less<>> endpoints_;  ///< by type
};

}  // namespace sentinella::telemetry
