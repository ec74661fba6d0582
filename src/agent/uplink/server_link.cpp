#include "agent/uplink/server_link.h"

#include <algorithm>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

/// The server's own words, from its error document.
std::string server_message(const net::Response& response) {
  const auto root = parse_json_object(std::string_view(response.body).substr(0, 16384));
  if (root)
    if (const auto* error = root->if_contains("error"); error && error->is_object())
      if (const auto text = optional_string(error->get_object(), "message"); text && *text) return **text;
  return std::string(net::reason_phrase(response.status));
}

SendResult failed(SendOutcome outcome, std::string problem) {
  return {outcome, std::move(problem), std::nullopt};
}

SendResult unreachable(const Error& error) {
  return failed(SendOutcome::retry, fmt::format("the server cannot be reached: {}", describe(error)));
}

SendResult from_status(const net::Response& response, std::string_view doing) {
  SendResult result;
  result.problem =
      fmt::format("{}: the server says {}: {}", doing, response.status, server_message(response));
  result.retry_after = parse_retry_after(response.headers.get("Retry-After"));
  switch (response.status) {
    case 400:
    case 413:
    case 415:
    case 422:
      result.outcome = SendOutcome::refused;
      break;
    case 403:
      result.outcome = SendOutcome::forbidden;
      break;
    default:
      result.outcome = SendOutcome::retry;
  }
  return result;
}

}  // namespace

std::optional<Duration> parse_retry_after(std::string_view value) {
  const auto seconds = parse_uint(trim(value));
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(std::min<std::uint64_t>(*seconds, 300));
}

ServerLink::ServerLink(LinkOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      client_(options_.tls),
      identity_(load_identity(options_.identity_file)) {
  // Another account or server than last time: that identity is not for them. Without an account key it is all
  // we have.
  if (identity_ && !options_.account_key.empty() && identity_->enrolled_with != fingerprint())
    identity_.reset();
}

/// Of all doors together, in any order: they lead to the same house.
std::string ServerLink::fingerprint() const {
  std::vector<std::string> urls = options_.enrolled_urls;
  if (urls.empty()) {
    urls = options_.more_urls;
    urls.push_back(options_.server_url);
  }
  std::ranges::sort(urls);
  return enrolment_fingerprint(options_.account_key, fmt::format("{}", fmt::join(urls, " ")));
}

Result<net::Response> ServerLink::post(std::string_view path, std::string body, std::string_view type,
                                       bool authorized, const SpoolItem* item) {
  net::ClientRequest request;
  request.method = "POST";
  request.timeout = options_.timeout;
  request.max_response_bytes = 1 << 20;
  request.body = std::move(body);
  request.headers.set("Content-Type", type);
  request.headers.set("User-Agent", "sentinella/" + options_.version);
  if (authorized) request.headers.set("Authorization", "Bearer " + token_);
  if (item) {
    request.headers.set("Content-Encoding", "zstd");
    request.headers.set("Sentinella-Batch", fmt::format("{:x}-{}", item->epoch, item->sequence));
  }
  Result<net::Response> response;
  for (std::size_t attempt = 0; attempt <= options_.more_urls.size(); ++attempt) {
    request.url = url() + std::string(path);
    response = client_.send(request);
    const bool elsewhere =
        !response || response->status == 502 || response->status == 503 || response->status == 504;
    if (!elsewhere || options_.more_urls.empty()) break;
    log::warning("agent.uplink", "{} takes nothing, the next one is tried", url());
    current_ = (current_ + 1) % (options_.more_urls.size() + 1);
  }
  return response;
}

std::optional<SendResult> ServerLink::enrol() {
  if (options_.account_key.empty())
    return failed(SendOutcome::forbidden, "not enrolled, and the configuration has no account_key");
  JsonWriter json;
  json.object().field("secret", options_.account_key).field("host", options_.host);
  json.field("machine_id", options_.machine_id).field("version", options_.version).end();
  const auto response = post("/api/v1/agents/enrol", json.take(), "application/json", false, nullptr);
  if (!response) return unreachable(response.error());
  if (response->status == 401)
    return failed(SendOutcome::forbidden,
                  "the server does not know this account_key; take it from the console");
  if (response->status / 100 != 2) {
    SendResult result = from_status(*response, "enrolment");
    // The batch is not to blame for a refused enrolment.
    if (result.outcome == SendOutcome::refused) result.outcome = SendOutcome::retry;
    return result;
  }
  const auto root = parse_json_object(response->body);
  const auto id =
      root ? required_string(*root, "agent_id") : Result<std::string>(std::unexpected(root.error()));
  const auto key = root ? required_string(*root, "agent_key") : id;
  if (!id || !key)
    return failed(SendOutcome::retry, "enrolment: the server's answer has no agent_id and agent_key");
  identity_ = Identity{*id, *key, fingerprint()};
  if (const auto saved = save_identity(options_.identity_file, *identity_); !saved)
    log::error("agent.uplink", "the identity is not kept: {}", describe(saved.error()));
  log::info("agent.uplink", "enrolled at {} as agent {}", url(), *id);
  return std::nullopt;
}

std::optional<SendResult> ServerLink::fetch_token() {
  JsonWriter json;
  json.object().field("agent_id", identity_->agent_id).field("agent_key", identity_->agent_key).end();
  const auto response = post("/api/v1/agents/token", json.take(), "application/json", false, nullptr);
  if (!response) return unreachable(response.error());
  if (response->status == 403)
    return failed(SendOutcome::forbidden,
                  fmt::format("agent {} was revoked on the server", identity_->agent_id));
  if (response->status == 401) {
    // The server lost us, or was installed anew: the account key makes a new identity at the next attempt.
    const std::string old = identity_->agent_id;
    if (!options_.account_key.empty()) identity_.reset();
    return failed(SendOutcome::retry, fmt::format("the server does not know agent {}; enrolling anew", old));
  }
  if (response->status / 100 != 2) {
    SendResult result = from_status(*response, "token");
    if (result.outcome == SendOutcome::refused) result.outcome = SendOutcome::retry;
    return result;
  }
  const auto root = parse_json_object(response->body);
  const auto token =
      root ? required_string(*root, "access_token") : Result<std::string>(std::unexpected(root.error()));
  if (!token) return failed(SendOutcome::retry, "token: the server's answer has no access_token");
  const auto lifetime = optional_number(*root, "expires_in");
  const double seconds = lifetime && *lifetime ? std::clamp(**lifetime, 10.0, 86'400.0) : 600.0;
  token_ = *token;
  // Renewed a little early, so that a batch does not have to be sent twice.
  token_expires_ = clock_.now() + Duration(static_cast<std::int64_t>(seconds * 0.9e9));
  return std::nullopt;
}

std::optional<SendResult> ServerLink::ensure_token() {
  if (!token_.empty() && clock_.now() < token_expires_) return std::nullopt;
  if (!identity_)
    if (auto failure = enrol()) return failure;
  return fetch_token();
}

SendResult ServerLink::send(const SpoolItem& item) {
  return send_to(item.signal == SignalKind::logs ? "/otlp/v1/logs" : "/otlp/v1/metrics",
                 "application/x-protobuf", item);
}

std::expected<net::Response, SendResult> ServerLink::call(std::string_view path, const std::string& body,
                                                          std::string_view type, const SpoolItem* item) {
  for (int attempt = 0;; ++attempt) {
    if (auto failure = ensure_token()) return std::unexpected(*std::move(failure));
    auto response = post(path, body, type, true, item);
    if (!response) return std::unexpected(unreachable(response.error()));
    if (response->status != 401 || attempt > 0) return *std::move(response);
    token_.clear();
  }
}

SendResult ServerLink::send_to(std::string_view path, std::string_view type, const SpoolItem& item) {
  const auto response = call(path, item.body, type, &item);
  if (!response) return response.error();
  if (response->status / 100 == 2) return {SendOutcome::accepted, {}, std::nullopt};
  return from_status(*response, "batch");
}

Result<std::string> ServerLink::ask(std::string_view path, const std::string& body) {
  auto response = call(path, body, "application/json", nullptr);
  if (!response) return fail(Errc::kUnavailable, "{}", response.error().problem);
  if (response->status / 100 == 2) return std::move(response->body);
  return fail(response->status == 404 ? Errc::kNotFound : Errc::kUnavailable, "the server says {}: {}",
              response->status, server_message(*response));
}

}  // namespace sentinella::agent
