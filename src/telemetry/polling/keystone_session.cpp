#include "telemetry/polling/keystone_session.h"

#include "base/json.h"
#include "telemetry/datetime.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxAnswer = 64u << 20;
constexpr Duration kBeforeExpiry = 60s, kAssumedLife = 5min;

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string text_at(const json::value& value, std::string_view name) {
  const auto* object = value.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

Result<json::value> read_answer(const std::string& text, const std::string& url) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) return fail(Errc::kCorrupt, "{} did not answer with JSON", url);
  return value;
}

}  // namespace

KeystoneSession::KeystoneSession(KeystoneOptions options, const Clock& clock,
                                 const std::atomic<bool>* cancelled)
    : options_(std::move(options)), clock_(clock), client_(options_.tls, cancelled) {}

std::string KeystoneSession::identity_url() const {
  const std::string base = without_slash(options_.auth_url);
  return base + (base.ends_with("/v3") ? "" : "/v3");
}

Result<std::vector<std::string>> KeystoneSession::projects() {
  SENT_TRY_ASSIGN(const auto answer, get(identity_url() + "/projects"));
  const auto* top = answer.if_object();
  const auto* list = top == nullptr ? nullptr : top->if_contains("projects");
  if (list == nullptr || !list->is_array())
    return fail(Errc::kCorrupt, "the identity service did not answer with a list of projects");
  std::vector<std::string> ids;
  for (const json::value& one : list->get_array())
    if (std::string id = text_at(one, "id"); !id.empty()) ids.push_back(std::move(id));
  return ids;
}

Result<void> KeystoneSession::ensure_token() {
  if (!token_.empty() && clock_.now() < expires_) return {};
  const auto domain = [](const std::string& name) { return json::object{{"name", name}}; };
  const json::object user{
      {"name", options_.username}, {"password", options_.password}, {"domain", domain(options_.user_domain)}};
  const json::object identity{{"methods", json::array{"password"}},
                              {"password", json::object{{"user", user}}}};
  const json::object scope{
      {"project", json::object{{"name", options_.project}, {"domain", domain(options_.project_domain)}}}};
  net::ClientRequest request;
  request.method = "POST";
  request.url = identity_url() + "/auth/tokens";
  request.headers.set("Content-Type", "application/json");
  request.body =
      json::serialize(json::object{{"auth", json::object{{"identity", identity}, {"scope", scope}}}});
  request.timeout = options_.answer_within;
  SENT_TRY_ASSIGN(const net::Response response, client_.send(request));
  if (response.status != 201 && response.status != 200)
    return fail(response.status == 401 ? Errc::kUnauthorized : Errc::kUnavailable,
                "{} answered {} to the login of {}", request.url, response.status, options_.username);
  SENT_TRY_ASSIGN(const auto answer, read_answer(response.body, request.url));
  SENT_TRY(read_catalogue(answer));
  token_ = response.headers.get("X-Subject-Token");
  if (token_.empty()) return fail(Errc::kCorrupt, "{} gave no token", request.url);
  return {};
}

Result<void> KeystoneSession::read_catalogue(const json::value& answer) {
  const auto* top = answer.if_object();
  const auto* token = top == nullptr ? nullptr : top->if_contains("token");
  if (token == nullptr || !token->is_object())
    return fail(Errc::kCorrupt, "the identity service gave no token");
  const auto expires = parse_datetime(text_at(*token, "expires_at"));
  expires_ = expires ? *expires - kBeforeExpiry : clock_.now() + kAssumedLife;
  const auto* project = token->get_object().if_contains("project");
  project_id_ = project == nullptr ? "" : text_at(*project, "id");
  endpoints_.clear();
  const auto* catalogue = token->get_object().if_contains("catalog");
  if (catalogue == nullptr || !catalogue->is_array()) return {};
  for (const json::value& service : catalogue->get_array()) {
    const auto* several = service.is_object() ? service.get_object().if_contains("endpoints") : nullptr;
    if (several == nullptr || !several->is_array()) continue;
    for (const json::value& endpoint : several->get_array()) {
      const std::string interface = text_at(endpoint, "interface");
      if (!options_.region.empty() && text_at(endpoint, "region") != options_.region) continue;
      if (interface == options_.interface)
        endpoints_[text_at(service, "type")] = without_slash(text_at(endpoint, "url"));
      else if (interface == "public")
        endpoints_.try_emplace(text_at(service, "type"), without_slash(text_at(endpoint, "url")));
    }
  }
  return {};
}

Result<std::string> KeystoneSession::endpoint(const std::vector<std::string>& service_types) {
  SENT_TRY(ensure_token());
  for (const std::string& type : service_types)
    if (const auto found = endpoints_.find(type); found != endpoints_.end()) return found->second;
  return fail(Errc::kNotFound, "the catalogue has no service of the type {}",
              fmt::join(service_types, " or "));
}

Result<json::value> KeystoneSession::get(const std::string& url, const net::Headers& headers,
                                         std::optional<Duration> timeout) {
  for (int attempt = 0;; ++attempt) {
    SENT_TRY(ensure_token());
    net::ClientRequest request;
    request.url = url;
    request.headers = headers;
    request.headers.set("X-Auth-Token", token_);
    request.headers.set("Accept", "application/json");
    request.timeout = timeout.value_or(options_.answer_within);
    request.max_response_bytes = kMaxAnswer;
    SENT_TRY_ASSIGN(const net::Response response, client_.send(request));
    if (response.status == 204) return json::value(nullptr);
    const std::string shown(net::without_query(url));
    if (response.status == 200) return read_answer(response.body, shown);
    if (response.status == 401 && attempt == 0) {
      token_.clear();
      continue;
    }
    const Errc code = response.status == 401 || response.status == 403 ? Errc::kUnauthorized
                      : response.status == 404                         ? Errc::kNotFound
                                                                       : Errc::kUnavailable;
    return fail(code, "{} answered {}", shown, response.status);
  }
}

}  // namespace sentinella::telemetry
