#include "telemetry/polling/poller.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "telemetry/polling/s3_signature.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::string_view kPollingLog = "telemetry.poller";
constexpr std::size_t kMaxPages = 1000;
constexpr double kLongest = 7 * 24 * 3600;
constexpr std::size_t kMaxOutsideAnswer = 64u << 20, kMaxPassword = 4u << 10;

Result<PollingSource> read_source(const json::object& spec) {
  SENT_TRY(only_fields(spec, {"name", "interval", "meters"}));
  SENT_TRY_ASSIGN(auto name, required_string(spec, "name"));
  SENT_TRY_ASSIGN(const auto seconds, optional_number(spec, "interval"));
  if (seconds && !(*seconds >= 1 && *seconds <= kLongest))
    return fail_field(Errc::kInvalid, "interval", "must be 1 s to 7 days, in seconds");
  SENT_TRY_ASSIGN(const auto patterns, optional_strings(spec, "meters"));
  auto filter = SourceFilter::make(patterns);
  if (!filter) return fail_field(Errc::kInvalid, "meters", "{}", filter.error().message);
  return PollingSource{std::move(name), Duration(static_cast<std::int64_t>(seconds.value_or(300) * 1e9)),
                       *std::move(filter)};
}

/// "http://host:port" of an address.
std::string origin_of(const std::string& url) {
  return url.substr(0, url.find_first_of("/?", url.find("://") + 3));
}

std::string beneath(const std::string& endpoint, const std::string& path) {
  return endpoint + (path.starts_with('/') || path.starts_with('?') ? "" : "/") + path;
}

/// What a definition says of a service: a path that begins with a slash begins at its host, as in Ceilometer.
std::string address(const std::string& endpoint, const std::string& path) {
  return path.starts_with('/') ? origin_of(endpoint) + path : beneath(endpoint, path);
}

/// A link without a host, as a browser at `url` follows it.
std::string beside(const std::string& url, const std::string& link) {
  if (link.starts_with('/')) return origin_of(url) + link;
  const std::string page = url.substr(0, url.find('?'));
  if (link.starts_with('?')) return page + link;
  const std::string origin = origin_of(page);
  return page == origin ? origin + "/" + link : page.substr(0, page.rfind('/') + 1) + link;
}

/// Links name an API as the public knows it, or only a path: that of a service of the catalogue is one of its
/// endpoint's; else ("" = no endpoint) the page is where it was found. The token, or who asks, goes to the
/// address that was configured, whatever host an answer names.
Result<std::string> next_page(const std::string& endpoint, const std::string& url, const std::string& link) {
  if (link.empty()) return std::string();
  if (link.find("://") == std::string::npos)
    return endpoint.empty() ? beside(url, link) : beneath(endpoint, link);
  SENT_TRY_ASSIGN(const net::Url next, net::parse_url(link));
  return origin_of(url) + next.target;
}

}  // namespace

Result<std::vector<PollingSource>> parse_polling(std::string_view yaml) {
  SENT_TRY_ASSIGN(const json::value document, read_yaml(yaml));
  const auto* top = document.if_object();
  const auto* list = top == nullptr ? nullptr : top->if_contains("sources");
  if (list == nullptr || !list->is_array()) return fail_field(Errc::kInvalid, "sources", "must be a list");
  std::vector<PollingSource> sources;
  for (std::size_t i = 0; i < list->get_array().size(); ++i) {
    const auto* spec = list->get_array()[i].if_object();
    if (spec == nullptr) return fail(Errc::kInvalid, "source {} is not a mapping", i + 1);
    auto one = read_source(*spec);
    if (!one) return fail(Errc::kInvalid, "source {}: {}", i + 1, describe(one.error()));
    sources.push_back(*std::move(one));
  }
  return sources;
}

Poller::Poller(KeystoneOptions keystone, std::vector<Pollster> pollsters, std::vector<PollingSource> sources,
               Take take, const Clock& clock, RadosGateway gateway)
    : pollsters_(std::move(pollsters)),
      sources_(std::move(sources)),
      take_(std::move(take)),
      clock_(clock),
      keystone_(std::move(keystone), clock, &stopping_),
      outside_({}, &stopping_),
      gateway_(std::move(gateway)),
      extra_([this](const Pollster& what, const PollTarget& target) { return ask_once(what, target); },
             clock) {
  for (const Pollster& pollster : pollsters_) status_.push_back({pollster.name(), {}, 0, ""});
  thread_ = std::thread([this] { work(); });
}

Poller::~Poller() {
  {
    Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Poller::wait_until(Time until) {
  std::unique_lock lock(mutex_);
  const Duration span = std::clamp<Duration>(until - clock_.now(), 0s, 24h);
  changed_.wait_for(lock, span, [this] { return stopping_.load(); });
  return !stopping_;
}

void Poller::work() {
  std::vector<Time> due(sources_.size(), clock_.now());
  while (!sources_.empty()) {
    const auto next = std::ranges::min_element(due);
    if (!wait_until(*next)) return;
    if (clock_.now() < *next) continue;
    const PollingSource& source = sources_[static_cast<std::size_t>(next - due.begin())];
    poll(source);
    // What took longer than its interval is not made up for.
    *next = std::max(*next + source.interval, clock_.now());
  }
}

void Poller::poll(const PollingSource& source) {
  const Time now = clock_.now();
  for (std::size_t i = 0; i < pollsters_.size(); ++i) {
    if (stopping_) return;
    if (!source.meters.takes(pollsters_[i].name())) continue;
    const auto samples = ask(pollsters_[i], now);
    if (!samples && stopping_) return;  // given up, which is no fault of the other side
    // A cloud without a service, or an API without the resource, is no fault.
    const bool absent = !samples && samples.error().code == Errc::kNotFound;
    if (samples && !samples->empty()) take_(*samples);
    const std::string left_out = extra_.take_error();
    bool told = true;
    {
      Lock lock(mutex_);
      PollsterStatus& status = status_[i];
      const std::string error = samples ? left_out : samples.error().message;
      told = status.last_error == error || error.empty() || absent;
      status.last = now;
      status.last_error = error;
      status.failing = !samples && !absent;
      if (samples) status.samples += samples->size();
    }
    if (!told)
      log::warning(kPollingLog, "{}: {}", pollsters_[i].name(), samples ? left_out : samples.error().message);
  }
}

bool Poller::is_gateway(const Pollster& pollster) const {
  return !pollster.endpoint_types().empty() && pollster.endpoint_types().front() == kGatewayType;
}

/// "" for a whole address.
Result<std::string> Poller::endpoint_of(const Pollster& pollster) {
  if (pollster.endpoint_types().empty()) return std::string();
  if (!is_gateway(pollster)) return keystone_.endpoint(pollster.endpoint_types());
  if (gateway_.url.empty()) return fail(Errc::kNotFound, "no RADOS gateway is configured");
  return gateway_.url;
}

/// What the places of an address may say.
json::value Poller::scope_of(const std::string& project) const {
  if (project.empty()) return json::object();
  return json::object{{"project_id", project},
                      {"gateway_user", gateway_.implicit_tenants ? project + "$" + project : project}};
}

Result<json::value> Poller::ask_once(const Pollster& pollster, const PollTarget& target) {
  if (stopping_) return fail(Errc::kUnavailable, "the server is stopping");
  if (!target.words.empty()) {
    SENT_TRY_ASSIGN(const std::string said, run_host_command(target.words, pollster.timeout(), &stopping_));
    return pollster.read(said);
  }
  SENT_TRY_ASSIGN(const std::string endpoint, endpoint_of(pollster));
  return fetch(endpoint.empty() ? target.url : address(endpoint, target.url), pollster);
}

Result<std::vector<MeterSample>> Poller::ask(const Pollster& pollster, Time now) {
  SENT_TRY_ASSIGN(const std::string endpoint, endpoint_of(pollster));
  if (!pollster.per_project()) return ask_at(endpoint, pollster, now, "");
  SENT_TRY_ASSIGN(const auto projects, keystone_.projects());
  const std::size_t ours = pollster.has_places() ? std::string::npos : endpoint.rfind(keystone_.project_id());
  if (!pollster.has_places() && (keystone_.project_id().empty() || ours == std::string::npos))
    return fail(Errc::kInvalid, "the address of {} names no project", pollster.endpoint_types().front());
  std::vector<MeterSample> all;
  for (const std::string& project : projects) {
    if (stopping_) break;
    std::string address = endpoint;
    if (ours != std::string::npos) address.replace(ours, keystone_.project_id().size(), project);
    auto some = ask_at(address, pollster, now, project);
    // Not every project has an account there.
    if (!some && some.error().code == Errc::kNotFound) continue;
    SENT_TRY(some);
    std::ranges::move(*some, std::back_inserter(all));
  }
  return all;
}

Result<std::vector<MeterSample>> Poller::ask_at(const std::string& endpoint, const Pollster& pollster,
                                                Time now, const std::string& project) {
  SENT_TRY_ASSIGN(const PollTarget target, pollster.target(scope_of(project)));
  Pollster::Enrich enrich;
  if (!pollster.extra_fields().empty())
    enrich = [&](const json::value& entry) { return extra_.about(pollster.extra_fields(), entry); };
  if (!target.words.empty()) {
    SENT_TRY_ASSIGN(const json::value answer, ask_once(pollster, target));
    return pollster.joined(pollster.samples(answer, now, project, enrich));
  }
  std::vector<MeterSample> all;
  std::string url = endpoint.empty() ? target.url : address(endpoint, target.url);
  // A part of the pages is no value of the meter: a sum of them would be too small.
  for (std::size_t page = 1; !url.empty(); ++page) {
    if (stopping_) return fail(Errc::kUnavailable, "stopped before the last page");
    if (page > kMaxPages) return fail(Errc::kTooLarge, "there are more than {} pages", kMaxPages);
    const auto answer = fetch(url, pollster);
    if (!answer && page > 1) return fail(Errc::kUnavailable, "page {}: {}", page, answer.error().message);
    SENT_TRY(answer);
    std::ranges::move(pollster.samples(*answer, now, project, enrich), std::back_inserter(all));
    SENT_TRY_ASSIGN(std::string next, next_page(endpoint, url, pollster.next_url(*answer)));
    url = next == url ? "" : std::move(next);
  }
  return pollster.joined(std::move(all));
}

Result<void> Poller::say_who_asks(const Pollster& pollster, net::ClientRequest& request) const {
  const AsksAs as = is_gateway(pollster) ? AsksAs::s3 : pollster.asks_as();
  if (as == AsksAs::nobody) return {};
  const std::string user = is_gateway(pollster) ? gateway_.access_key : pollster.username();
  std::string secret = pollster.secret();
  if (secret.empty()) {
    const auto file =
        is_gateway(pollster) ? gateway_.secret_file : std::filesystem::path(pollster.password_file());
    const auto text = read_file(file, kMaxPassword);
    // Not "not found": that would say that who is asked has nothing.
    if (!text) return fail(Errc::kUnavailable, "{}", text.error().message);
    secret = trim(std::string_view(*text).substr(0, text->find('\n')));
  }
  if (as == AsksAs::s3) return sign_s3_get(request.url, {user, secret}, clock_.now(), request.headers);
  request.headers.set("Authorization", "Basic " + to_base64(fmt::format("{}:{}", user, secret)));
  return {};
}

Result<json::value> Poller::fetch(const std::string& url, const Pollster& pollster) {
  net::ClientRequest request{.url = url, .timeout = pollster.timeout()};
  for (const auto& [name, value] : pollster.headers()) request.headers.set(name, value);
  if (!pollster.endpoint_types().empty() && !is_gateway(pollster))
    return keystone_.get(url, request.headers, pollster.timeout());
  request.headers.set("Accept", "application/json");
  SENT_TRY(say_who_asks(pollster, request));
  request.max_response_bytes = kMaxOutsideAnswer;
  const std::string_view shown = net::without_query(url);
  SENT_TRY_ASSIGN(const net::Response response, outside_.send(request));
  if (response.status == 204) return json::value(nullptr);
  if (response.status != 200)
    return fail(response.status == 404 ? Errc::kNotFound : Errc::kUnavailable, "{} answered {}", shown,
                response.status);
  auto answer = pollster.read(response.body);
  if (!answer) return fail(Errc::kCorrupt, "{} did not answer with JSON", shown);
  return answer;
}

std::vector<PollsterStatus> Poller::status() const {
  Lock lock(mutex_);
  return status_;
}

}  // namespace sentinella::telemetry
