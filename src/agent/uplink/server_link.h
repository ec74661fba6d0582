// The agent's conversation with the server, one exchange at a time: enrol, get a token, send a batch.
// Blocking; what to do about an answer is the uplink's business.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/spool/spool.h"
#include "agent/uplink/identity.h"
#include "base/time.h"
#include "net/http_client.h"

namespace sentinella::agent {

struct LinkOptions {
  std::string server_url;
  /// Further doors to the same server or cluster, in order of preference.
  std::vector<std::string> more_urls = {};
  /// The doors that the identity is for; empty = these.
  std::vector<std::string> enrolled_urls = {};
  net::TlsClientOptions tls;
  std::string account_key;
  std::string host;
  std::string version;
  std::string machine_id;
  std::filesystem::path identity_file;
  Duration timeout = std::chrono::seconds(10);
};

enum class SendOutcome {
  accepted,
  refused,    ///< this batch will never be taken (400, 413, 415): put it aside
  retry,      ///< not now, or not reachable
  forbidden,  ///< the agent was revoked, or the account key is not (any more) valid
};

struct SendResult {
  SendOutcome outcome = SendOutcome::retry;
  std::string problem;                  ///< for people; "" when accepted
  std::optional<Duration> retry_after;  ///< as the server asked
};

/// Not thread-safe.
class ServerLink {
 public:
  ServerLink(LinkOptions options, const Clock& clock);

  /// Enrols and fetches a token first, where needed; a token that has run out is renewed once.
  SendResult send(const SpoolItem& item);
  /// The same to any door that knows batches; the body is packed with zstd.
  SendResult send_to(std::string_view path, std::string_view type, const SpoolItem& item);
  /// A question in the agent's name: JSON to this door, JSON back.
  Result<std::string> ask(std::string_view path, const std::string& body);
  std::string agent_id() const { return identity_ ? identity_->agent_id : ""; }

 private:
  /// nullopt: there is a valid token now.
  std::optional<SendResult> ensure_token();
  std::optional<SendResult> enrol();
  std::optional<SendResult> fetch_token();
  const std::string& url() const {
    return current_ == 0 ? options_.server_url : options_.more_urls[current_ - 1];
  }
  std::string fingerprint() const;
  /// In the agent's name. A token that the server no longer takes is renewed once.
  std::expected<net::Response, SendResult> call(std::string_view path, const std::string& body,
                                                std::string_view type, const SpoolItem* item);
  /// One attempt at each door, beginning with the one that last answered.
  Result<net::Response> post(std::string_view path, std::string body, std::string_view type, bool authorized,
                             const SpoolItem* item);

  const LinkOptions options_;
  const Clock& clock_;
  net::HttpClient client_;
  std::size_t current_ = 0;  ///< which door
  std::optional<Identity> identity_;
  std::string token_;
  Time token_expires_;
};

/// A Retry-After header in seconds, bounded to 5 minutes; nullopt when absent or a date.
std::optional<Duration> parse_retry_after(std::string_view value);

}  // namespace sentinella::agent
