#include "agent/collect/openstack.h"

#include <chrono>

#include "agent/collect/json_fields.h"
#include "agent/collect/openstack_capacity.h"
#include "agent/collect/sources.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxApiAnswer = 8 << 20;
constexpr std::size_t kMaxApiRows = 5000;
/// A question or two for each of these, now and then.
constexpr std::size_t kMaxProjects = 100;
constexpr std::size_t kMaxProviders = 200;
constexpr int kCapacityEvery = 5;
constexpr std::string_view kVolumeTypes = "volumev3|block-storage|block-store";
constexpr double kMebibyte = 1024.0 * 1024;

double is(std::string_view text, std::string_view good) {
  return text == good ? 1 : 0;
}

/// One row of nova's and cinder's lists of services: the same fields.
void write_service(const json::value& row, const MetricInfo& info, std::string_view instance,
                   SampleWriter& out) {
  const std::string hostname = text_in(row, "host"), service = text_in(row, "binary"),
                    zone = text_in(row, "zone"), status = text_in(row, "status");
  if (hostname.empty() || service.empty()) return;
  out.add(info, is(text_in(row, "state"), "up"),
          {{"instance", instance},
           {"hostname", hostname},
           {"service", service},
           {"zone", zone},
           {"adminState", status}});
}

Result<json::array> rows_of(std::string_view text, std::string_view name) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(text));
  const auto* rows = field_of(root, name);
  if (!rows || !rows->is_array()) return fail(Errc::kCorrupt, "the answer has no list \"{}\"", name);
  json::array out = rows->get_array();
  if (out.size() > kMaxApiRows) out.resize(kMaxApiRows);
  return out;
}

struct Question {
  std::string_view api;   ///< for people, and the label
  std::string_view type;  ///< in the catalogue; alternatives by '|'
  std::string_view path;
  std::string_view microversion;
  Result<void> (*write)(std::string_view, std::string_view, SampleWriter&);
};

constexpr Question kQuestions[] = {
    {"compute", "compute", "/os-services", "", write_nova_services},
    // Until 2.87 hypervisors tell what they have; 2.53 names them as others do.
    {"compute", "compute", "/os-hypervisors/detail", "compute 2.53", write_nova_hypervisors},
    {"network", "network",
     "/v2.0/agents?fields=host&fields=binary&fields=alive&fields=admin_state_up&fields=availability_zone", "",
     write_neutron_agents},
    {"volume", kVolumeTypes, "/os-services", "", write_cinder_services},
    {"volume", kVolumeTypes, "/scheduler-stats/get_pools?detail=true", "", write_cinder_pools},
    {"image", "image", "/v2/images?limit=1000", "", write_glance_images},
};

}  // namespace

std::map<std::string, std::string> read_catalogue(std::string_view text, std::string_view region) {
  std::map<std::string, std::string> services;
  const auto root = parse_json(text);
  const auto* token = root ? field_of(*root, "token") : nullptr;
  if (!token) return services;
  for (const json::value& entry : list_in(*token, "catalog"))
    for (std::string_view wanted : {"public", "internal"})
      for (const json::value& endpoint : list_in(entry, "endpoints")) {
        if (text_in(endpoint, "interface") != wanted) continue;
        if (!region.empty() && text_in(endpoint, "region") != region) continue;
        std::string url = text_in(endpoint, "url");
        while (url.ends_with('/')) url.pop_back();
        services[text_in(entry, "type")] = url;
      }
  return services;
}

Result<void> write_nova_services(std::string_view text, std::string_view instance, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::array rows, rows_of(text, "services"));
  for (const json::value& row : rows) write_service(row, metric("openstack_nova_agent_state"), instance, out);
  return {};
}

Result<void> write_cinder_services(std::string_view text, std::string_view instance, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::array rows, rows_of(text, "services"));
  for (const json::value& row : rows)
    write_service(row, metric("openstack_cinder_agent_state"), instance, out);
  return {};
}

Result<void> write_nova_hypervisors(std::string_view text, std::string_view instance, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::array rows, rows_of(text, "hypervisors"));
  for (const json::value& row : rows) {
    const std::string hostname = text_in(row, "hypervisor_hostname");
    if (hostname.empty()) continue;
    const std::initializer_list<SampleWriter::LabelView> labels = {{"instance", instance},
                                                                   {"hostname", hostname}};
    const auto bytes = [&](std::string_view field) -> std::optional<double> {
      const auto mebibytes = number_in(row, field);
      return mebibytes ? std::optional(*mebibytes * kMebibyte) : std::nullopt;
    };
    out.add(metric("openstack_nova_hypervisor_up"), is(text_in(row, "state"), "up"), labels);
    out.add(metric("openstack_nova_vcpus_available"), number_in(row, "vcpus"), labels);
    out.add(metric("openstack_nova_vcpus_used"), number_in(row, "vcpus_used"), labels);
    out.add(metric("openstack_nova_memory_available_bytes"), bytes("memory_mb"), labels);
    out.add(metric("openstack_nova_memory_used_bytes"), bytes("memory_mb_used"), labels);
    out.add(metric("openstack_nova_running_vms"), number_in(row, "running_vms"), labels);
  }
  return {};
}

Result<void> write_neutron_agents(std::string_view text, std::string_view instance, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::array rows, rows_of(text, "agents"));
  for (const json::value& row : rows) {
    const std::string hostname = text_in(row, "host"), service = text_in(row, "binary"),
                      zone = text_in(row, "availability_zone");
    const auto alive = flag_in(row, "alive");
    if (hostname.empty() || service.empty() || !alive) continue;
    out.add(metric("openstack_neutron_agent_state"), *alive,
            {{"instance", instance},
             {"hostname", hostname},
             {"service", service},
             {"zone", zone},
             {"adminState", flag_in(row, "admin_state_up").value_or(1) == 1 ? "up" : "down"}});
  }
  return {};
}

OpenstackSource::OpenstackSource(const SourceConfig& config)
    : config_(config), client_({.ca_file = config.ca_file, .verify = config.verify}) {}

std::string OpenstackSource::instance() const {
  const std::string url = identity_url(config_.url);
  const std::size_t begin = url.find("://") + 3;
  return url.substr(begin, url.find('/', begin) - begin);
}

Result<void> OpenstackSource::fetch_token() {
  SENT_TRY_ASSIGN(KeystoneToken token, agent::fetch_token(client_, config_, kLimit));
  token_ = std::move(token.id);
  services_ = read_catalogue(token.description, config_.region);
  return {};
}

/// Tokens last for hours, so keystone is asked for something small of its own.
Result<void> OpenstackSource::ask_identity(SampleWriter& out) {
  const auto begun = std::chrono::steady_clock::now();
  const auto answer = get(identity_url(config_.url), "");
  write_api("identity", answer, std::chrono::steady_clock::now() - begun, out);
  if (!answer) return std::unexpected(answer.error());
  return token_.empty() ? fetch_token() : Result<void>();
}

void OpenstackSource::write_api(std::string_view api, const Result<std::string>& answer, Duration took,
                                SampleWriter& out) const {
  const bool answered =
      answer || answer.error().code == Errc::kForbidden || answer.error().code == Errc::kUnauthorized;
  const std::string name = instance();
  out.add(metric("openstack_api_up"), answered ? 1 : 0, {{"instance", name}, {"api", api}});
  out.add(metric("openstack_api_seconds"), std::chrono::duration<double>(took).count(),
          {{"instance", name}, {"api", api}});
}

Result<std::string> OpenstackSource::get(const std::string& url, std::string_view microversion) {
  net::ClientRequest request;
  request.url = url;
  request.timeout = kLimit;
  request.max_response_bytes = kMaxApiAnswer;
  if (!token_.empty()) request.headers.set("X-Auth-Token", token_);
  request.headers.set("Accept", "application/json");
  if (!microversion.empty()) request.headers.set("OpenStack-API-Version", microversion);
  SENT_TRY_ASSIGN(net::Response response, client_.send(request));
  if (response.status == 401) return fail(Errc::kUnauthorized, "the token is not valid any more");
  if (response.status == 403) return fail(Errc::kForbidden, "user {} may not ask {}", config_.user, url);
  if (response.status != 200) return fail(Errc::kUnavailable, "{} answers {}", url, response.status);
  return std::move(response.body);
}

Result<std::string> OpenstackSource::ask(const std::string& url, std::string_view microversion) {
  auto answer = get(url, microversion);
  if (!answer && answer.error().code == Errc::kUnauthorized && fetch_token()) answer = get(url, microversion);
  return answer;
}

std::string OpenstackSource::endpoint(std::string_view types) const {
  for (std::string_view type : split(types, '|'))
    if (const auto found = services_.find(std::string(type)); found != services_.end()) return found->second;
  return "";
}

Result<void> OpenstackSource::collect(SampleWriter& out) {
  const std::string name = instance();
  SENT_TRY(ask_identity(out));
  Result<void> result;
  std::string_view last_api;
  for (const Question& question : kQuestions) {
    const std::string url = endpoint(question.type);
    if (url.empty()) continue;
    const auto begun = std::chrono::steady_clock::now();
    const auto answer = ask(url + std::string(question.path), question.microversion);
    if (question.api != std::exchange(last_api, question.api))
      write_api(question.api, answer, std::chrono::steady_clock::now() - begun, out);
    const auto written =
        answer ? question.write(*answer, name, out) : Result<void>(std::unexpected(answer.error()));
    if (!written) result = written;
  }
  if (rounds_++ % kCapacityEvery != 0) return result;
  for (const auto& collected : {collect_placement(out), collect_quotas(out)})
    // An account that may not see all of the cloud sees the rest.
    if (!collected && collected.error().code != Errc::kForbidden) result = collected;
  return result;
}

Result<void> OpenstackSource::collect_placement(SampleWriter& out) {
  constexpr std::string_view kMicroversion = "placement 1.20";
  const std::string url = endpoint("placement"), name = instance();
  if (url.empty()) return {};
  SENT_TRY_ASSIGN(const std::string list, ask(url + "/resource_providers", kMicroversion));
  SENT_TRY_ASSIGN(const auto providers, read_providers(list, kMaxProviders));
  for (const NamedId& provider : providers) {
    const std::string base = fmt::format("{}/resource_providers/{}", url, provider.id);
    SENT_TRY_ASSIGN(const std::string inventories, ask(base + "/inventories", kMicroversion));
    SENT_TRY(write_inventories(inventories, provider, name, out));
    SENT_TRY_ASSIGN(const std::string usages, ask(base + "/usages", kMicroversion));
    SENT_TRY(write_usages(usages, provider, name, out));
  }
  return {};
}

Result<void> OpenstackSource::collect_quotas(SampleWriter& out) {
  struct QuotaDoor {
    std::string_view api, types, before, after;
  };
  constexpr QuotaDoor kDoors[] = {
      {"compute", "compute", "/os-quota-sets/", "/detail"},
      {"volume", kVolumeTypes, "/os-quota-sets/", "?usage=true"},
      {"network", "network", "/v2.0/quotas/", "/details"},
  };
  const std::string name = instance();
  SENT_TRY_ASSIGN(const std::string list, ask(identity_url(config_.url) + "/projects", ""));
  SENT_TRY_ASSIGN(const auto projects, read_projects(list, kMaxProjects));
  for (const QuotaDoor& door : kDoors) {
    const std::string url = endpoint(door.types);
    if (url.empty()) continue;
    for (const NamedId& project : projects) {
      SENT_TRY_ASSIGN(const std::string answer,
                      ask(fmt::format("{}{}{}{}", url, door.before, project.id, door.after), ""));
      SENT_TRY(write_quota(answer, door.api, project, name, out));
    }
  }
  return {};
}

}  // namespace sentinella::agent
