#include "server/telemetry.h"

#include <algorithm>

#include "api/gnocchi/built_in.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "catalog/accounts.h"
#include "server/own_host_name.h"
#include "server/telemetry_figures.h"
#include "server/telemetry_store.h"
#include "telemetry/polling/definition_file.h"
#include "telemetry/polling/hypervisor_meters.h"
#include "telemetry/shipped_files.h"
#include "telemetry/store_records.h"

namespace sentinella::server {
namespace {

constexpr std::string_view kTelemetryLog = "telemetry";
constexpr std::size_t kMaxFile = 4u << 20;
constexpr std::string_view kNoResources = "none";
constexpr Duration kFiguresEvery = std::chrono::seconds(15);

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string_view line : split(text, '\n'))
    for (const std::string_view part : split(line, ' '))
      if (!trim(part).empty()) out.emplace_back(trim(part));
  return out;
}

std::vector<std::string> names(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string_view one : split(text, ','))
    if (!trim(one).empty()) out.emplace_back(trim(one));
  return out;
}

Result<std::string> read_definition(const std::filesystem::path& path) {
  if (path.empty()) return std::string();
  return read_file(path, kMaxFile);
}

/// A secret.
Result<std::string> first_line_of(const std::filesystem::path& path) {
  SENT_TRY_ASSIGN(const std::string text, read_definition(path));
  return std::string(trim(std::string_view(text).substr(0, text.find('\n'))));
}

/// A file, or every .yaml of a directory in the order of their names.
std::vector<std::filesystem::path> files_at(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files;
  if (path.empty()) return files;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    for (const auto& entry : std::filesystem::directory_iterator(path, error))
      if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    std::ranges::sort(files);
  } else {
    files.push_back(path);
  }
  return files;
}

Result<std::vector<std::string>> read_meters(const std::filesystem::path& path) {
  std::vector<std::string> texts;
  for (const auto& file : files_at(path)) {
    SENT_TRY_ASSIGN(auto text, read_file(file, kMaxFile));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<telemetry::Definitions> read_definitions(const TelemetryConfig& config) {
  telemetry::Definitions out;
  SENT_TRY_ASSIGN(out.meters, read_meters(config.meters));
  SENT_TRY_ASSIGN(out.event_definitions, read_definition(config.event_definitions));
  if (config.drop_unmatched_events) out.unmatched = telemetry::Unmatched::drop;
  SENT_TRY_ASSIGN(out.pipeline, read_definition(config.pipeline));
  SENT_TRY_ASSIGN(out.event_pipeline, read_definition(config.event_pipeline));
  if (!config.telemetry_secret_file.empty()) {
    SENT_TRY_ASSIGN(out.telemetry_secret, first_line_of(config.telemetry_secret_file));
    if (out.telemetry_secret.empty())
      return fail_field(Errc::kInvalid, "telemetry.telemetry_secret_file", "begins with an empty line");
  }
  return out;
}

Result<telemetry::AgentOptions> agent_options(const TelemetryConfig& config,
                                              const std::filesystem::path& directory) {
  telemetry::AgentOptions options;
  for (const std::string& text : words(config.brokers)) {
    SENT_TRY_ASSIGN(auto url, telemetry::parse_transport_url(text));
    options.brokers.push_back(std::move(url));
  }
  options.subscription.exchanges = names(config.exchanges);
  for (const std::string& topic : names(config.topics))
    for (const std::string_view priority : {"audit", "debug", "info", "warn", "error", "critical", "sample"})
      options.subscription.routing_keys.push_back(fmt::format("{}.{}", topic, priority));
  options.subscription.queue = config.queue;
  options.subscription.quorum = config.quorum_queue;
  options.subscription.durable_exchanges = config.durable_exchanges;
  options.tls = {config.ca, config.certificate, config.key, config.verify};
  options.state_file = directory / "state";
  return options;
}

Result<telemetry::KeystoneOptions> keystone_options(const TelemetryConfig& config) {
  telemetry::KeystoneOptions options;
  options.auth_url = config.keystone_url;
  options.username = config.username;
  options.project = config.project;
  options.user_domain = config.user_domain;
  options.project_domain = config.project_domain;
  options.region = config.region;
  options.interface = config.interface;
  options.tls.ca_file = config.ca;
  options.tls.verify = config.verify;
  SENT_TRY_ASSIGN(options.password, first_line_of(config.password_file));
  return options;
}

Result<std::string> own_or_shipped(const std::filesystem::path& path, std::string_view name) {
  if (path.empty()) return std::string(telemetry::shipped_file(name));
  return read_definition(path);
}

/// Those of a file or directory. Commands come only from where nobody but root can have written them.
Result<std::vector<telemetry::Pollster>> read_pollsters(const std::filesystem::path& path,
                                                        std::string_view option) {
  std::vector<telemetry::Pollster> all;
  for (const auto& file : files_at(path)) {
    SENT_TRY_ASSIGN(const auto read, telemetry::read_definition_file(file, kMaxFile));
    auto some = telemetry::Pollster::parse_all(read.text, read.is_roots_alone);
    if (!some)
      return fail_field(Errc::kInvalid, fmt::format("telemetry.{}", option), "{}: {}", file.string(),
                        describe(some.error()));
    std::ranges::move(*some, std::back_inserter(all));
  }
  return all;
}

/// The shipped ones or those instead, and those besides; of one name the latter hold.
Result<std::vector<telemetry::Pollster>> all_pollsters(const TelemetryConfig& config) {
  using telemetry::Pollster;
  SENT_TRY_ASSIGN(auto all, config.pollsters.empty()
                                ? Pollster::parse_all(telemetry::shipped_file("pollsters.yaml"))
                                : read_pollsters(config.pollsters, "pollsters"));
  // Without Keystone there is nobody to ask for them.
  if (config.pollsters.empty() && config.keystone_url.empty()) all.clear();
  SENT_TRY_ASSIGN(auto more, read_pollsters(config.extra_pollsters, "extra_pollsters"));
  std::erase_if(all, [&](const Pollster& one) {
    return std::ranges::find(more, one.name(), &Pollster::name) != more.end();
  });
  std::ranges::move(more, std::back_inserter(all));
  return all;
}

bool asks_apis(const TelemetryConfig& config) {
  return !config.keystone_url.empty() || !config.pollsters.empty() || !config.extra_pollsters.empty();
}

Result<std::unique_ptr<telemetry::Poller>> start_poller(const TelemetryConfig& config,
                                                        telemetry::NotificationAgent& agent) {
  if (!asks_apis(config)) return nullptr;
  SENT_TRY_ASSIGN(auto keystone, keystone_options(config));
  SENT_TRY_ASSIGN(const auto polling_file, own_or_shipped(config.polling, "polling.yaml"));
  SENT_TRY_ASSIGN(auto pollsters, all_pollsters(config));
  auto sources = telemetry::parse_polling(polling_file);
  if (!sources) return fail_field(Errc::kInvalid, "telemetry.polling", "{}", describe(sources.error()));
  return std::make_unique<telemetry::Poller>(
      std::move(keystone), std::move(pollsters), *std::move(sources),
      [&agent](const std::vector<telemetry::MeterSample>& samples) { agent.take(samples); }, system_clock(),
      telemetry::RadosGateway{config.radosgw_url, config.radosgw_access_key, config.radosgw_secret_file,
                              config.radosgw_implicit_tenants});
}

/// The newest of our agents' series about instances, through the same pipelines as all samples.
std::unique_ptr<PeriodicTask> start_hypervisors(Duration interval, AccountId account, api::Context& server,
                                                telemetry::NotificationAgent& agent) {
  if (interval == Duration{}) return nullptr;
  const Duration lookback = std::max<Duration>(2 * interval, std::chrono::minutes(2));
  return std::make_unique<PeriodicTask>(
      [&server, &agent, account, interval, lookback, meters = telemetry::HypervisorMeters()]() mutable {
        const series::Selector selector{{{LabelMatcher::Op::regex, std::string(kMetricName),
                                          std::string(telemetry::kHypervisorSeries) + ".*"}}};
        const auto found = server.series.instants(account, selector, server.clock.now(), lookback);
        if (!found) {
          log::warning(kTelemetryLog, "instances are not read: {}", describe(found.error()));
          return interval;
        }
        std::vector<telemetry::HypervisorReading> readings;
        for (const auto& one : *found) readings.push_back({one.labels.get(), one.at, one.value});
        if (const auto samples = meters.samples(readings); !samples.empty()) agent.take(samples);
        return interval;
      });
}

/// Where the figures of the listener go; does not fail, but says in the log what was not taken.
using KeepFigures = std::function<void(std::vector<SeriesSamples>)>;

std::unique_ptr<PeriodicTask> start_figures(const Telemetry& of, KeepFigures keep) {
  return std::make_unique<PeriodicTask>([agent = of.agent.get(), publishers = of.publishers.get(),
                                         poller = of.poller.get(), listener = own_host_name(),
                                         keep = std::move(keep)] {
    TelemetryStanding standing{agent->status(), publishers->status(), {}};
    if (poller != nullptr) standing.pollsters = poller->status();
    keep(telemetry_figures(standing, listener, system_clock().now()));
    return kFiguresEvery;
  });
}

/// What pipelines give to our own store.
using OwnStore = std::function<Result<void>(const telemetry::Outgoing&)>;

Result<Telemetry> start_agent(const TelemetryConfig& config, const std::filesystem::path& directory,
                              OwnStore own_store) {
  Telemetry made;
  SENT_TRY_ASSIGN(const auto definitions, read_definitions(config));
  auto processor = telemetry::Processor::make(definitions);
  if (!processor)
    return fail_field(processor.error().code, "telemetry." + processor.error().field, "{}",
                      processor.error().message);
  SENT_TRY_ASSIGN(auto options, agent_options(config, directory));
  SENT_TRY(make_directories(directory, 0700));
  SENT_TRY_ASSIGN(made.dead_letters,
                  telemetry::DeadLetters::open(directory / "dead_letters", config.dead_letter_bytes));
  auto publishers = telemetry::PublisherSet::make(processor->publishers());
  if (!publishers)
    return fail_field(publishers.error().code, "telemetry.pipeline", "{}", describe(publishers.error()));
  made.publishers = std::make_unique<telemetry::PublisherSet>(*std::move(publishers));
  const auto deliver = [&others = *made.publishers,
                        own = std::move(own_store)](const telemetry::Outgoing& outgoing) -> Result<void> {
    return telemetry::is_own_store(outgoing.publisher) ? own(outgoing) : others.accept(outgoing);
  };
  const auto settled = [&others = *made.publishers](Duration patience) { return others.settled(patience); };
  SENT_TRY_ASSIGN(made.agent, telemetry::NotificationAgent::start(std::move(options), *std::move(processor),
                                                                  *made.dead_letters, {deliver, settled},
                                                                  system_clock()));
  SENT_TRY_ASSIGN(made.poller, start_poller(config, *made.agent));
  log::info(kTelemetryLog, "{} brokers are listened at{}", words(config.brokers).size(),
            made.poller ? ", and APIs are asked" : "");
  return made;
}

}  // namespace

void Telemetry::end() {
  if (uplink) uplink->cancel();
  figures.reset();
  poller.reset();
  hypervisors.reset();
  agent.reset();
}

Result<Telemetry> start_telemetry(const TelemetryConfig& config, const std::filesystem::path& directory,
                                  api::Context& server, catalog::ResourceRegistry& resources,
                                  const api::gnocchi::Options& gnocchi) {
  if (config.brokers.empty() && !asks_apis(config)) return Telemetry{};
  AccountId account{};
  const auto found = server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const Account owner, catalog::find_account(tx, config.account));
    account = owner.id;
    return {};
  });
  if (!found)
    return fail_field(found.error().code, "telemetry.account", "cannot find the account \"{}\": {}",
                      config.account, found.error().message);
  std::unique_ptr<telemetry::ResourceKeeper> keeper;
  if (config.resources != kNoResources) {
    SENT_TRY_ASSIGN(const auto file, own_or_shipped(config.resources, "gnocchi_resources.yaml"));
    auto kinds = telemetry::ResourceKinds::parse(file);
    if (!kinds) return fail_field(Errc::kInvalid, "telemetry.resources", "{}", describe(kinds.error()));
    // They come only as long as there is no policy at all.
    if (gnocchi.built_in_policies)
      SENT_TRY(api::gnocchi::put_built_in_policies(server.database, resources, account, gnocchi));
    keeper = std::make_unique<telemetry::ResourceKeeper>(resources, account, *std::move(kinds));
  }
  const auto store = std::make_shared<TelemetryStore>(server, account, std::move(keeper));
  SENT_TRY_ASSIGN(auto made, start_agent(config, directory, [store](const telemetry::Outgoing& outgoing) {
                    return store->keep(outgoing);
                  }));
  made.account = account;
  made.figures = start_figures(made, [&server, account](const std::vector<SeriesSamples>& series) {
    submit_series(server, account, series);
  });
  made.hypervisors = start_hypervisors(config.hypervisor_interval, account, server, *made.agent);
  return made;
}

Result<Telemetry> start_telemetry_alone(const TelemetryConfig& config,
                                        const std::filesystem::path& directory) {
  if (config.brokers.empty() && !asks_apis(config))
    return fail_field(Errc::kInvalid, "telemetry.brokers", "is needed: without it there is nothing to do");
  if (config.server.empty() || config.server_key_file.empty())
    return fail_field(Errc::kInvalid, "telemetry.server",
                      "and server_key_file are needed: a process of the role telemetry keeps nothing itself");
  SENT_TRY(net::parse_url(config.server));
  net::TlsClientOptions tls;
  tls.ca_file = config.server_ca;
  const auto uplink =
      std::make_shared<TelemetryUplink>(config.server, config.server_key_file, std::move(tls));
  SENT_TRY_ASSIGN(auto made, start_agent(config, directory, [uplink](const telemetry::Outgoing& outgoing) {
                    return uplink->send(outgoing);
                  }));
  made.uplink = uplink;
  made.figures = start_figures(made, [uplink](std::vector<SeriesSamples> series) {
    if (const auto sent = uplink->send(std::move(series)); !sent)
      log::warning(kTelemetryLog, "how the listener stands is not told: {}", describe(sent.error()));
  });
  return made;
}

}  // namespace sentinella::server
