#include "telemetry/polling/poller.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
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

std::string address(const std::string& endpoint, const std::string& path) {
  return endpoint + (path.starts_with('/') || path.starts_with('?') ? "" : "/") + path;
}

/// "http://host:port" of an address.
std::string origin_of(const std::string& url) {
  return url.substr(0, url.find_first_of("/?", url.find("://") + 3));
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
    return endpoint.empty() ? beside(url, link) : address(endpoint, link);
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
               Take take, const Clock& clock)
    : pollsters_(std::move(pollsters)),
      sources_(std::move(sources)),
      take_(std::move(take)),
      clock_(clock),
      keystone_(std::move(keystone), clock) {
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

bool Poller::stopping() const {
  Lock lock(mutex_);
  return stopping_;
}

bool Poller::wait_until(Time until) {
  std::unique_lock lock(mutex_);
  const Duration span = std::clamp<Duration>(until - clock_.now(), 0s, 24h);
  changed_.wait_for(lock, span, [this] { return stopping_; });
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
    if (stopping()) return;
    if (!source.meters.takes(pollsters_[i].name())) continue;
    const auto samples = ask(pollsters_[i], now);
    // A cloud without a service, or an API without the resource, is no fault.
    const bool absent = !samples && samples.error().code == Errc::kNotFound;
    if (samples && !samples->empty()) take_(*samples);
    bool told = true;
    {
      Lock lock(mutex_);
      PollsterStatus& status = status_[i];
      const std::string error = samples ? "" : samples.error().message;
      told = status.last_error == error || error.empty() || absent;
      status.last = now;
      status.last_error = error;
      status.failing = !samples && !absent;
      if (samples) status.samples += samples->size();
    }
    if (!told) log::warning(kPollingLog, "{}: {}", pollsters_[i].name(), samples.error().message);
  }
}

Result<std::vector<MeterSample>> Poller::ask(const Pollster& pollster, Time now) {
  if (pollster.endpoint_types().empty()) return ask_at("", pollster, now, "");
  SENT_TRY_ASSIGN(const std::string endpoint, keystone_.endpoint(pollster.endpoint_types()));
  if (!pollster.per_project()) return ask_at(endpoint, pollster, now, "");
  const std::size_t ours = endpoint.rfind(keystone_.project_id());
  if (keystone_.project_id().empty() || ours == std::string::npos)
    return fail(Errc::kInvalid, "the address of {} names no project", pollster.endpoint_types().front());
  SENT_TRY_ASSIGN(const auto projects, keystone_.projects());
  std::vector<MeterSample> all;
  for (const std::string& project : projects) {
    if (stopping()) break;
    std::string address = endpoint;
    address.replace(ours, keystone_.project_id().size(), project);
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
  std::vector<MeterSample> all;
  std::string url = endpoint.empty() ? pollster.url_path() : address(endpoint, pollster.url_path());
  // A part of the pages is no value of the meter: a sum of them would be too small.
  for (std::size_t page = 1; !url.empty(); ++page) {
    if (stopping()) return fail(Errc::kUnavailable, "stopped before the last page");
    if (page > kMaxPages) return fail(Errc::kTooLarge, "there are more than {} pages", kMaxPages);
    const auto answer = fetch(url, pollster);
    if (!answer && page > 1) return fail(Errc::kUnavailable, "page {}: {}", page, answer.error().message);
    SENT_TRY(answer);
    std::ranges::move(pollster.samples(*answer, now, project), std::back_inserter(all));
    SENT_TRY_ASSIGN(std::string next, next_page(endpoint, url, pollster.next_url(*answer)));
    url = next == url ? "" : std::move(next);
  }
  return pollster.joined(std::move(all));
}

Result<json::value> Poller::fetch(const std::string& url, const Pollster& pollster) {
  net::ClientRequest request{.url = url, .timeout = pollster.timeout()};
  for (const auto& [name, value] : pollster.headers()) request.headers.set(name, value);
  if (!pollster.endpoint_types().empty()) return keystone_.get(url, request.headers, pollster.timeout());
  request.headers.set("Accept", "application/json");
  if (!pollster.username().empty()) {
    SENT_TRY_ASSIGN(const std::string text, read_file(pollster.password_file(), kMaxPassword));
    const auto password = trim(std::string_view(text).substr(0, text.find('\n')));
    request.headers.set("Authorization",
                        "Basic " + to_base64(fmt::format("{}:{}", pollster.username(), password)));
  }
  request.max_response_bytes = kMaxOutsideAnswer;
  const std::string shown = url.substr(0, url.find('?'));  // what stands behind may be a secret
  SENT_TRY_ASSIGN(const net::Response response, outside_.send(request));
  if (response.status == 204) return json::value(nullptr);
  if (response.status != 200)
    return fail(response.status == 404 ? Errc::kNotFound : Errc::kUnavailable, "{} answered {}", shown,
                response.status);
  auto answer = parse_json(response.body);
  if (!answer) return fail(Errc::kCorrupt, "{} did not answer with JSON", shown);
  return answer;
}

std::vector<PollsterStatus> Poller::status() const {
  Lock lock(mutex_);
  return status_;
}

}  // namespace sentinella::telemetry
