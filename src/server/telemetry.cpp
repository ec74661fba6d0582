#include "server/telemetry.h"

#include <algorithm>
#include <future>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "catalog/accounts.h"
#include "telemetry/shipped_files.h"
#include "telemetry/store_records.h"

namespace sentinella::server {
namespace {

constexpr std::string_view kTelemetryLog = "telemetry";
constexpr std::size_t kMaxFile = 4u << 20;
constexpr Duration kDeliverWait = 30s;

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

/// A file, or every .yaml of a directory in the order of their names.
Result<std::vector<std::string>> read_meters(const std::filesystem::path& path) {
  std::vector<std::string> texts;
  if (path.empty()) return texts;
  std::vector<std::filesystem::path> files;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    for (const auto& entry : std::filesystem::directory_iterator(path, error))
      if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    std::ranges::sort(files);
  } else {
    files.push_back(path);
  }
  for (const auto& file : files) {
    SENT_TRY_ASSIGN(auto text, read_file(file, kMaxFile));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<telemetry::Definitions> read_definitions(const Config& config) {
  telemetry::Definitions out;
  SENT_TRY_ASSIGN(out.meters, read_meters(config.telemetry_meters));
  SENT_TRY_ASSIGN(out.event_definitions, read_definition(config.telemetry_event_definitions));
  SENT_TRY_ASSIGN(out.pipeline, read_definition(config.telemetry_pipeline));
  SENT_TRY_ASSIGN(out.event_pipeline, read_definition(config.telemetry_event_pipeline));
  return out;
}

Result<telemetry::AgentOptions> agent_options(const Config& config) {
  telemetry::AgentOptions options;
  for (const std::string& text : words(config.telemetry_brokers)) {
    SENT_TRY_ASSIGN(auto url, telemetry::parse_transport_url(text));
    options.brokers.push_back(std::move(url));
  }
  options.subscription.exchanges = names(config.telemetry_exchanges);
  for (const std::string& topic : names(config.telemetry_topics))
    for (const std::string_view priority : {"audit", "debug", "info", "warn", "error", "critical", "sample"})
      options.subscription.routing_keys.push_back(fmt::format("{}.{}", topic, priority));
  options.subscription.queue = config.telemetry_queue;
  options.subscription.quorum = config.telemetry_queue_type == "quorum";
  options.subscription.durable_exchanges = config.telemetry_durable_exchanges;
  options.tls = {config.telemetry_ca, config.telemetry_certificate, config.telemetry_key,
                 config.telemetry_verify};
  options.state_file = config.data_dir / "telemetry/state";
  return options;
}

/// One request to the intake, and its answer waited for.
Result<void> keep(ingest::Intake& intake, Batch batch) {
  auto promise = std::make_shared<std::promise<Result<void>>>();
  auto done = promise->get_future();
  intake.submit(std::move(batch), ingest::Until::durable, [promise](const Result<bus::Offset>& taken) {
    promise->set_value(taken ? Result<void>() : std::unexpected(taken.error()));
  });
  if (done.wait_for(kDeliverWait) == std::future_status::timeout)
    return fail(Errc::kUnavailable, "the journal did not answer within 30 s");
  return done.get();
}

Batch batch_of(const telemetry::Outgoing& outgoing, AccountId account) {
  Batch batch;
  batch.account = account;
  batch.received = system_clock().now();
  batch.series.reserve(outgoing.samples.size());
  for (const auto& sample : outgoing.samples) batch.series.push_back(telemetry::series_of(sample));
  batch.events = outgoing.events;
  return batch;
}

Result<telemetry::KeystoneOptions> keystone_options(const Config& config) {
  telemetry::KeystoneOptions options;
  options.auth_url = config.telemetry_keystone_url;
  options.username = config.telemetry_username;
  options.project = config.telemetry_project;
  options.user_domain = config.telemetry_user_domain;
  options.project_domain = config.telemetry_project_domain;
  options.region = config.telemetry_region;
  options.interface = config.telemetry_interface;
  options.tls.ca_file = config.telemetry_ca;
  options.tls.verify = config.telemetry_verify;
  SENT_TRY_ASSIGN(const std::string text, read_definition(config.telemetry_password_file));
  options.password = trim(std::string_view(text).substr(0, text.find('\n')));
  return options;
}

Result<std::string> own_or_shipped(const std::filesystem::path& path, std::string_view name) {
  if (path.empty()) return std::string(telemetry::shipped_file(name));
  return read_definition(path);
}

Result<std::unique_ptr<telemetry::Poller>> start_poller(const Config& config,
                                                        telemetry::NotificationAgent& agent) {
  if (config.telemetry_keystone_url.empty()) return nullptr;
  SENT_TRY_ASSIGN(auto keystone, keystone_options(config));
  SENT_TRY_ASSIGN(const auto pollster_file, own_or_shipped(config.telemetry_pollsters, "pollsters.yaml"));
  SENT_TRY_ASSIGN(const auto polling_file, own_or_shipped(config.telemetry_polling, "polling.yaml"));
  auto pollsters = telemetry::Pollster::parse_all(pollster_file);
  if (!pollsters) return fail_field(Errc::kInvalid, "telemetry.pollsters", "{}", describe(pollsters.error()));
  auto sources = telemetry::parse_polling(polling_file);
  if (!sources) return fail_field(Errc::kInvalid, "telemetry.polling", "{}", describe(sources.error()));
  return std::make_unique<telemetry::Poller>(
      std::move(keystone), *std::move(pollsters), *std::move(sources),
      [&agent](const std::vector<telemetry::MeterSample>& samples) { agent.take(samples); }, system_clock());
}

}  // namespace

Result<Telemetry> start_telemetry(const Config& config, catalog::Database& database, ingest::Intake& intake) {
  if (config.telemetry_brokers.empty() && config.telemetry_keystone_url.empty()) return Telemetry{};
  Telemetry made;
  const auto found = database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const Account owner, catalog::find_account(tx, config.telemetry_account));
    made.account = owner.id;
    return {};
  });
  if (!found)
    return fail_field(found.error().code, "telemetry.account", "cannot find the account \"{}\": {}",
                      config.telemetry_account, found.error().message);
  SENT_TRY_ASSIGN(const auto definitions, read_definitions(config));
  auto processor = telemetry::Processor::make(definitions);
  if (!processor)
    return fail_field(processor.error().code, "telemetry." + processor.error().field, "{}",
                      processor.error().message);
  SENT_TRY_ASSIGN(auto options, agent_options(config));
  SENT_TRY(make_directories(config.data_dir / "telemetry", 0700));
  SENT_TRY_ASSIGN(made.dead_letters, telemetry::DeadLetters::open(config.data_dir / "telemetry/dead_letters",
                                                                  config.telemetry_dead_letter_bytes));
  auto publishers = telemetry::PublisherSet::make(processor->publishers());
  if (!publishers)
    return fail_field(publishers.error().code, "telemetry.pipeline", "{}", describe(publishers.error()));
  made.publishers = std::make_unique<telemetry::PublisherSet>(*std::move(publishers));
  const auto deliver = [&intake, &others = *made.publishers,
                        account = made.account](const telemetry::Outgoing& outgoing) -> Result<void> {
    if (!telemetry::is_own_store(outgoing.publisher)) return others.accept(outgoing);
    return keep(intake, batch_of(outgoing, account));
  };
  SENT_TRY_ASSIGN(made.agent,
                  telemetry::NotificationAgent::start(std::move(options), *std::move(processor),
                                                      *made.dead_letters, deliver, system_clock()));
  SENT_TRY_ASSIGN(made.poller, start_poller(config, *made.agent));
  log::info(kTelemetryLog, "the account {} has a cloud: {} brokers{}", config.telemetry_account,
            words(config.telemetry_brokers).size(), made.poller ? ", and APIs that are asked" : "");
  return made;
}

}  // namespace sentinella::server
