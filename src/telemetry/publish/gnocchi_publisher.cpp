// A Gnocchi somewhere else: measures by resource and metric; resources made, kept up to date and ended.
#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/crypto.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "net/http_client.h"
#include "telemetry/datetime.h"
#include "telemetry/publish/publishers.h"
#include "telemetry/publish/resource_kinds.h"
#include "telemetry/shipped_files.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::size_t kGnocchiAnswer = 4u << 20, kMaxFile = 4u << 20;
constexpr std::size_t kMaxRemembered = 200'000;
constexpr std::string_view kGeneric = "generic";

/// One resource of a batch.
struct Described {
  std::string type = {};
  json::object attributes = {};
  json::object founding = {};      ///< what it is made with where `attributes` say nothing
  std::optional<Time> since = {};  ///< the first that is known of it
  std::optional<Time> at = {};     ///< of the newest sample that says what it is like; none does: absent
};

/// As the other side has a resource.
struct Lifespan {
  std::string id;
  std::optional<Time> started_at = {};
  bool has_ended = false;
};

Lifespan lifespan_of(const json::object& resource) {
  Lifespan out;
  const auto text_in = [&](std::string_view name) {
    const auto* value = resource.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
  };
  out.id = text_in("id");
  out.started_at = parse_datetime(text_in("started_at"));
  out.has_ended = !text_in("ended_at").empty();
  return out;
}

/// What one step came to, among others: what the other side refuses holds up none of them, and the first of
/// that is what `outcome` says. False: `outcome` is a failure that ends them all.
bool goes_on(Result<void> done, Result<void>& outcome) {
  if (done) return true;
  const bool is_refused = done.error().code == Errc::kInvalid;
  if (outcome || !is_refused) outcome = std::move(done);
  return is_refused;
}

/// What the other side was told of a resource.
struct Told {
  std::uint64_t digest = 0;  ///< of the attributes
  Time at{INT64_MIN};        ///< of the sample that said so
};

class GnocchiPublisher final : public Publisher {
 public:
  GnocchiPublisher(std::string address, std::string authorization, std::string token_file, std::string policy,
                   ResourceKinds kinds, Duration timeout, net::TlsClientOptions tls)
      : address_(std::move(address)),
        authorization_(std::move(authorization)),
        token_file_(std::move(token_file)),
        policy_(std::move(policy)),
        kinds_(std::move(kinds)),
        timeout_(timeout),
        client_(std::move(tls), &cancelled_) {}

  Result<void> publish(const Outgoing& outgoing) override {
    SENT_TRY(publish_samples(outgoing.samples));
    Result<void> outcome;
    for (const Event& event : outgoing.events)
      for (const auto& [kind, act] : kinds_.of_event(event.type))
        if (!goes_on(tell(*kind, act, event), outcome)) return outcome;
    return outcome;
  }
  bool takes_events() const override { return true; }

 private:
  Result<void> publish_samples(const std::vector<MeterSample>& samples) {
    json::object body;
    std::map<std::string, Described> resources;
    for (const MeterSample& sample : samples) add(sample, body, resources);
    if (body.empty()) return {};
    SENT_TRY(make_policies());
    const std::string text = json::serialize(body);
    const std::string path = "/v1/batch/resources/metrics/measures?create_metrics=true";
    SENT_TRY_ASSIGN(auto answer, ask("POST", path, text));
    if (is_unknown_resources(answer)) {
      for (const auto& [id, resource] : resources) SENT_TRY(make(id, resource));
      SENT_TRY_ASSIGN(answer, ask("POST", path, text));
    }
    SENT_TRY(check(answer));
    for (const auto& [id, resource] : resources) SENT_TRY(update(id, resource));
    return {};
  }

  static std::string without_slashes(std::string id) {
    std::ranges::replace(id, '/', '_');
    return id;
  }

  void add(const MeterSample& sample, json::object& body, std::map<std::string, Described>& resources) {
    const std::string id = without_slashes(sample.resource_id);
    std::string policy;
    const ResourceKind* const kind = kinds_.of(sample.name, policy);
    if (policy.empty()) policy = policy_.empty() ? kinds_.default_policy() : policy_;
    Described& resource = resources[id];
    if (kind != nullptr) resource.type = kind->type;
    resource.since = std::min(resource.since.value_or(sample.timestamp), sample.timestamp);
    if (kind == nullptr || describes_its_resource(*kind, sample))
      describe(resource, kind, sample);
    else
      for (auto& [name, value] : attributes_of(*kind, sample))
        resource.founding.emplace(name, std::move(value));
    if (resource.type.empty()) resource.type = kGeneric;
    if (sample.user_id) resource.attributes["user_id"] = *sample.user_id;
    if (sample.project_id) resource.attributes["project_id"] = *sample.project_id;
    auto& of_resource = body[id].is_object() ? body[id].get_object() : body[id].emplace_object();
    auto& metric = of_resource[sample.name];
    if (!metric.is_object()) {
      metric = json::object{{"unit", sample.unit}, {"measures", json::array()}};
      if (!policy.empty()) metric.get_object()["archive_policy_name"] = policy;
    }
    metric.get_object()["measures"].get_array().push_back(
        {{"timestamp", to_rfc3339(sample.timestamp)}, {"value", sample.volume}});
  }

  /// Polled samples say what their resource is like. Of notifications' only those do that end an act on it:
  /// the source of a migration, too, tells of the instance, and late.
  bool describes_its_resource(const ResourceKind& kind, const MeterSample& sample) const {
    if (!sample.from_notification || (kind.event_create.empty() && kind.event_update.empty())) return true;
    return std::ranges::any_of(kinds_.of_event(sample.event_type), [&](const auto& about) {
      return about.first == &kind && about.second != ResourceAct::end;
    });
  }

  /// The newest wins, in whatever order they come.
  static void describe(Described& resource, const ResourceKind* kind, const MeterSample& sample) {
    const bool newest = !resource.at || sample.timestamp >= *resource.at;
    if (kind != nullptr)
      for (auto& [name, value] : attributes_of(*kind, sample))
        if (newest || !resource.attributes.contains(name)) resource.attributes[name] = std::move(value);
    if (newest) resource.at = sample.timestamp;
  }

  Result<net::Response> ask(const std::string& method, const std::string& path, std::string body) {
    net::ClientRequest request{.method = method, .url = address_ + path, .body = std::move(body)};
    request.timeout = timeout_;
    request.max_response_bytes = kGnocchiAnswer;
    request.headers.set("Accept", "application/json");
    request.headers.set("Content-Type", "application/json");
    if (!authorization_.empty()) request.headers.set("Authorization", authorization_);
    if (!token_file_.empty()) {
      // Read each time: whoever renews the token writes it there.
      SENT_TRY_ASSIGN(const std::string token, read_file(token_file_, 1 << 16));
      request.headers.set("X-Auth-Token", trim(token));
    }
    auto answer = client_.send(request);
    come_on();
    return answer;
  }

  Result<void> check(const net::Response& response) const {
    if (response.status < 300) return {};
    const bool later = response.status >= 500 || response.status == 401 || response.status == 429;
    return fail(later ? Errc::kUnavailable : Errc::kInvalid, "{} answered {}: {}", address_, response.status,
                response.body.substr(0, 200));
  }

  /// Those of the definitions, once. Who may not make policies relies on those that are there.
  Result<void> make_policies() {
    while (policies_made_ < kinds_.policies().size()) {
      const catalog::ArchivePolicy& policy = kinds_.policies()[policies_made_];
      json::array roll_ups;
      for (const catalog::RollUp& one : policy.roll_ups) {
        json::object roll_up{{"granularity", static_cast<double>(one.granularity.count()) / 1e9}};
        if (one.points) roll_up["points"] = *one.points;
        roll_ups.push_back(std::move(roll_up));
      }
      const json::value body{{"name", policy.name},
                             {"back_window", policy.back_window},
                             {"aggregation_methods", json::value_from(policy.methods)},
                             {"definition", std::move(roll_ups)}};
      SENT_TRY_ASSIGN(const auto answer, ask("POST", "/v1/archive_policy", json::serialize(body)));
      if (answer.status != 403 && answer.status != 409) SENT_TRY(check(answer));
      ++policies_made_;
    }
    return {};
  }

  static bool is_unknown_resources(const net::Response& response) {
    if (response.status != 400) return false;
    const auto body = parse_json_object(response.body);
    const auto* description = body ? body->if_contains("description") : nullptr;
    const auto* cause = description != nullptr && description->is_object()
                            ? description->get_object().if_contains("cause")
                            : nullptr;
    return cause != nullptr && cause->is_string() && cause->get_string() == "Unknown resources";
  }

  /// One that is there already is as good. A type that the other side lacks is generic there. It starts when
  /// it is first told of: by the other side's clock it might start after it ends.
  Result<void> make(const std::string& id, const Described& resource) {
    json::object body = resource.founding;
    for (const auto& [name, value] : resource.attributes) body[name] = value;
    body["id"] = id;
    if (resource.since) body["started_at"] = to_rfc3339(*resource.since);
    SENT_TRY_ASSIGN(auto answer, ask("POST", "/v1/resource/" + resource.type, json::serialize(body)));
    if (answer.status == 404 && resource.type != kGeneric) {
      SENT_TRY_ASSIGN(answer, ask("POST", "/v1/resource/generic", json::serialize(body_of_generic(body))));
    }
    return answer.status == 409 ? Result<void>() : check(answer);
  }

  static json::object body_of_generic(const json::object& body) {
    json::object out;
    for (const std::string_view name : {"id", "user_id", "project_id", "started_at"})
      if (const auto* value = body.if_contains(name)) out[name] = *value;
    return out;
  }

  /// Only when something changed since it was last told, and not by what is older than that: a sample of
  /// polling that was late moves no instance back. What a type has no place for is told in vain.
  Result<void> update(const std::string& id, const Described& resource) {
    if (resource.type == kGeneric || !resource.at) return {};
    const std::string text = json::serialize(resource.attributes);
    const std::uint64_t digest = hash64(text);
    if (told_.size() > kMaxRemembered) told_.clear();
    Told& told = told_[id];
    if (*resource.at < told.at) return {};
    if (told.digest == digest) {
      told.at = *resource.at;
      return {};
    }
    SENT_TRY_ASSIGN(const auto answer, ask("PATCH", path_of(resource.type, id), text));
    if (answer.status != 400 && answer.status != 404) SENT_TRY(check(answer));
    told = {digest, *resource.at};
    return {};
  }

  /// What an event says of a resource. One without an id is about none.
  Result<void> tell(const ResourceKind& kind, ResourceAct act, const Event& event) {
    Described resource{
        .type = kind.type, .attributes = attributes_of(kind, event), .since = event.time, .at = event.time};
    const auto* given = resource.attributes.if_contains("id");
    if (given == nullptr || !given->is_string()) return {};
    const std::string id = without_slashes(std::string(given->get_string()));
    resource.attributes.erase("id");
    if (act == ResourceAct::end) return end_with_associated(kind, id, event.time);
    if (act == ResourceAct::create) SENT_TRY(make(id, resource));
    return update(id, resource);
  }

  Result<void> end_with_associated(const ResourceKind& kind, const std::string& id, Time at) {
    Result<void> outcome;
    if (!goes_on(end_named(kind.type, id, at), outcome)) return outcome;
    for (const auto& [type, attribute] : kind.associated)
      if (!goes_on(end_all(type, attribute, id, at), outcome)) return outcome;
    return outcome;
  }

  /// One that the other side does not have needs no end.
  Result<void> end_named(const std::string& type, const std::string& id, Time at) {
    for (const std::string_view of : {std::string_view(type), kGeneric}) {
      SENT_TRY_ASSIGN(const auto answer, ask("GET", path_of(of, id), ""));
      if (answer.status == 404) continue;
      SENT_TRY(check(answer));
      const auto resource = parse_json_object(answer.body);
      if (!resource) return fail(Errc::kUnavailable, "{} did not answer with the resource {}", address_, id);
      auto known = lifespan_of(*resource);
      known.id = id;
      return end(of, known, at);
    }
    return {};
  }

  Result<void> end_all(const std::string& type, const std::string& attribute, const std::string& value,
                       Time at) {
    SENT_TRY_ASSIGN(const auto found, find(type, attribute, value));
    Result<void> outcome;
    for (const Lifespan& one : found)
      if (!goes_on(end(type, one, at), outcome)) return outcome;
    return outcome;
  }

  /// One that has ended keeps its end; none ends before it starts. One that has gone meanwhile needs no end.
  Result<void> end(std::string_view type, const Lifespan& known, Time at) {
    if (known.has_ended) return {};
    const Time ended = std::max(at, known.started_at.value_or(at));
    SENT_TRY_ASSIGN(const auto answer, ask("PATCH", path_of(type, known.id),
                                           json::serialize(json::object{{"ended_at", to_rfc3339(ended)}})));
    return answer.status == 404 ? Result<void>() : check(answer);
  }

  static std::string path_of(std::string_view type, const std::string& id) {
    return fmt::format("/v1/resource/{}/{}", type, net::percent_encode(id));
  }

  /// Those of a type that have this in an attribute; none where the other side lacks type or attribute.
  Result<std::vector<Lifespan>> find(const std::string& type, const std::string& attribute,
                                     const std::string& value) {
    const json::object wanted{{"=", json::object{{attribute, value}}}};
    SENT_TRY_ASSIGN(const auto answer, ask("POST", "/v1/search/resource/" + type, json::serialize(wanted)));
    std::vector<Lifespan> found;
    if (answer.status == 400 || answer.status == 404) return found;
    SENT_TRY(check(answer));
    const auto list = parse_json(answer.body);
    if (!list || !list->is_array())
      return fail(Errc::kUnavailable, "{} did not answer a search with a list", address_);
    for (const json::value& one : list->get_array()) {
      if (!one.is_object()) continue;
      auto known = lifespan_of(one.get_object());
      if (!known.id.empty()) found.push_back(std::move(known));
    }
    return found;
  }

  const std::string address_, authorization_, token_file_, policy_;
  const ResourceKinds kinds_;
  const Duration timeout_;
  net::HttpClient client_;
  std::size_t policies_made_ = 0;
  std::unordered_map<std::string, Told> told_;  ///< by resource
};

}  // namespace

MadePublisher make_gnocchi_publisher(PublisherUrl url) {
  if (url.host.empty()) return fail(Errc::kInvalid, "the publisher {}:// names no host", url.scheme);
  SENT_TRY_ASSIGN(const auto seconds, url.take_number("timeout", 30, 300));
  net::TlsClientOptions tls;
  tls.verify = !iequals(url.take_option("verify_ssl", "true"), "false");
  tls.ca_file = url.take_option("cacert", "");
  const std::string policy = url.take_option("archive_policy", "");
  const std::string token_file = url.take_option("token_file", "");
  const std::string file = url.take_option("resources_definition_file", "");
  std::string definitions(shipped_file("gnocchi_resources.yaml"));
  if (!file.empty()) {
    SENT_TRY_ASSIGN(definitions, read_file(file, kMaxFile));
  }
  auto kinds = ResourceKinds::parse(definitions);
  if (!kinds)
    return fail(Errc::kInvalid, "{}: {}", file.empty() ? "gnocchi_resources.yaml" : file,
                describe(kinds.error()));
  const std::string authorization =
      url.user.empty() ? "" : "Basic " + to_base64(url.user + ":" + url.password);
  const std::string address = fmt::format("{}://{}:{}{}", url.scheme == "gnocchis" ? "https" : "http",
                                          url.host, url.port == 0 ? 8041 : url.port, url.path);
  SENT_TRY(net::parse_url(address));
  return std::make_unique<GnocchiPublisher>(address, authorization, token_file, policy, *std::move(kinds),
                                            std::chrono::seconds(seconds), std::move(tls));
}

}  // namespace sentinella::telemetry
