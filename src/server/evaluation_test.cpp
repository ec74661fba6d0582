// Alerting is a function of the journal: stopped anywhere without a word, and begun anew from what the
// catalogue has, it leads to the same alerts, histories and causes, and the same is told of them, each once.
#include "server/evaluation.h"

#include <cstdlib>
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "catalog/accounts.h"
#include "catalog/alerting.h"
#include "catalog/policy.h"
#include "codec/batch_codec.h"
#include "events/embedded/embedded_event_store.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::server {
namespace {

constexpr Time kBegin{1'772'446'272'000'000'000};
constexpr SeriesId kLoad{1};

constexpr std::array<std::string_view, 4> kRules{
    "{id: down, kind: binary, event: ServiceDown, tier: ticket, severity: critical, summary: s, check: "
    "{process: "
    "'*'}, stop_grace: 8s}",
    "{id: silent, kind: binary, event: AgentSilent, tier: ticket, severity: critical, summary: s, check: "
    "{heartbeat: true}, stale_after: 9s}",
    "{id: tail, kind: tailable, event: Tail, summary: s, match: {pattern: boom}, by: [host], quiet: 20s}",
    "{id: gauge, kind: gauge, event: High, summary: s, expr: last(load), levels: {warning: {set: '> 5', "
    "clear: "
    "'< 2'}, critical: {set: '> 8'}}}"};

template <typename T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(describe(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// One server's alerting over a catalogue of its own.
class Alerting {
 public:
  explicit Alerting(const std::filesystem::path& file) : file_(file) { open(); }

  /// As kill -9 between two batches: nothing more is stored.
  void kill() {
    evaluation_.reset();
    open();
  }
  bus::Offset stored() const { return evaluation_->stored_offset(); }
  void take(const Batch& batch, bus::Offset offset) { evaluation_->take(batch, offset); }
  void checkpoint() { need(evaluation_->checkpoint()); }

  /// Everything people see, without what is drawn by lot.
  std::string dump() const {
    std::string out;
    need(database_->read([&](catalog::Transaction& tx) -> Result<void> {
      catalog::AlertFilter all;
      all.page_size = 1000;
      SENT_TRY_ASSIGN(const auto list, catalog::list_alerts(tx, account_, all));
      std::map<std::string, std::string> names{{"", "-"}};
      for (const Alert& alert : list.alerts) names[alert.id] = alert.resource + " " + alert.event;
      std::map<std::string, std::string> lines;
      for (const Alert& alert : list.alerts) {
        SENT_TRY_ASSIGN(const Alert whole, catalog::find_alert(tx, account_, alert.id));
        SENT_TRY_ASSIGN(const std::string told, describe_messages(tx, whole, names));
        lines[names[alert.id]] = describe_alert(whole, names) + told;
      }
      for (const auto& [name, line] : lines) out += name + line + "\n";
      return {};
    }));
    return out;
  }

 private:
  static std::string describe_alert(const Alert& alert, std::map<std::string, std::string>& names) {
    std::string line = fmt::format(": {} {} {} {} {} {} cause {}", to_string(alert.severity),
                                   to_string(alert.status), alert.duplicate_count, alert.value, alert.text,
                                   alert.last_receive_time.ns, names[alert.cause]);
    for (const AlertHistory& entry : alert.history)
      line += fmt::format("\n  {} {} {} {} {} {}", entry.time.ns, entry.type, to_string(entry.severity),
                          to_string(entry.status), entry.value, entry.text);
    return line;
  }

  /// What is told, what will be, and the outbox. A message that nobody has taken yet gives way to the next,
  /// but not one that a process which was killed may have sent: so which of them give way is left out, and
  /// when each was written stays.
  Result<std::string> describe_messages(catalog::Transaction& tx, const Alert& alert,
                                        std::map<std::string, std::string>& names) const {
    std::string out;
    if (const auto notice = catalog::find_notice(tx, account_, alert.id))
      out += fmt::format("\n  told {} times, last {}, with {}, pending {}, due {}, stage {} {} until {}",
                         notice->told, notice->last_told.ns, names[notice->conversation], notice->pending,
                         notice->due.ns, notice->stage, names[notice->stage_id], notice->stage_until.ns);
    SENT_TRY_ASSIGN(auto entries, catalog::deliveries_of_alert(tx, account_, alert.id));
    std::ranges::sort(entries, {}, &catalog::OutboxEntry::sequence);
    std::set<std::string> ids;
    for (const catalog::OutboxEntry& entry : entries) {
      const std::string_view is = entry.transition == "closed"   ? "an end"
                                  : entry.transition == "status" ? "its status"
                                                                 : "news";
      out += fmt::format("\n  {} at {}", is, entry.created.ns);
      ids.insert(entry.delivery_id);
    }
    if (ids.size() != entries.size()) out += "\n  two messages with one id";
    // Whoever heard of it, and of no end, is still owed one; whoever is owed news has it in the outbox.
    if (!entries.empty() && entries.back().state == "superseded" && entries.back().transition != "closed")
      out += "\n  the newest message gave way to none";
    return out;
  }

  void open() {
    desk_.reset();
    notifier_.reset();
    alerts_.reset();
    database_ = need(catalog::open_sqlite(file_));
    need(database_->write([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(const auto accounts, catalog::list_accounts(tx));
      if (accounts.empty()) return fill(tx);
      account_ = accounts.front().id;
      return {};
    }));
    rules_ = rules::make_rule_engine([](AccountId, SeriesId) {
      return std::make_shared<const Labels>(
          std::vector<Label>{{std::string(kMetricName), "load"}, {"host", "h1"}});
    });
    queries_ = std::make_unique<rules::RuleQueries>(*series_, clock_);
    alerts_ = need(alerts::AlertEngine::create(
        *database_, {.evidence = {}, .environment = {}, .alone = [this](const auto& work) {
                       return evaluation_->alone(work);
                     }}));
    const auto to_json = [](const Alert& alert) { return alerts::to_json(alert, false); };
    notifier_ = need(notify::Notifier::create(*database_, clock_, to_json, {}));
    desk_ = std::make_unique<notify::Desk>(*notifier_, to_json);
    evaluation_ = std::make_unique<Evaluation>(
        Evaluation::Parts{*database_, *rules_, *queries_, *alerts_, *notifier_, *desk_, *events_, live_});
    need(evaluation_->restore(kBegin + 1h));
  }
  /// An account with rules and somebody to be told.
  Result<void> fill(catalog::Transaction& tx) {
    SENT_TRY_ASSIGN(const Account account, catalog::create_account(tx, "ours", kBegin));
    account_ = account.id;
    for (const std::string_view yaml : kRules) {
      catalog::StoredRule rule;
      rule.account = account_;
      rule.yaml = yaml;
      rule.id = yaml.substr(5, yaml.find(',') - 5);
      SENT_TRY(catalog::put_rule(tx, rule, std::nullopt));
    }
    // Messages that depend on how many there were lately, of which a new process knows less, are no part of
    // this.
    catalog::PolicyItem settings;
    settings.account = account_;
    settings.kind = settings.id = "settings";
    settings.body =
        R"({"group_by":["..."],"group_wait":"0s","group_interval":"0s","storm_messages":0,"flapping":false})";
    SENT_TRY(catalog::put_policy(tx, settings));
    // Nobody listens there: what is to be told stays in the outbox.
    return catalog::put_channel(
        tx, {account_, "hook", "hook", "webhook", R"({"url":"http://127.0.0.1:9/"})", Tier::info, true});
  }

  std::filesystem::path file_;
  TemporaryDirectory stores_;
  ManualClock clock_{kBegin};
  std::unique_ptr<series::SeriesStore> series_ =
      need(series::open_embedded_series_store({.directory = stores_.path() / "series"}));
  std::unique_ptr<events::EventStore> events_ =
      need(events::open_embedded_event_store({.directory = stores_.path() / "events"}));
  api::LiveStream live_{"epoch"};
  AccountId account_{};
  std::unique_ptr<catalog::Database> database_;
  std::unique_ptr<rules::RuleEngine> rules_;
  std::unique_ptr<rules::RuleQueries> queries_;
  std::unique_ptr<alerts::AlertEngine> alerts_;
  std::unique_ptr<notify::Notifier> notifier_;
  std::unique_ptr<notify::Desk> desk_;
  std::unique_ptr<Evaluation> evaluation_;
};

/// Some minutes of a bad day: deaths, silence, errors, load, and what other senders report.
std::vector<Batch> make_journal(unsigned seed, std::size_t count) {
  std::mt19937 random(seed);
  const auto below = [&](unsigned n) { return static_cast<std::uint32_t>(random() % n); };
  std::vector<Batch> journal;
  Time now = kBegin;
  for (std::size_t i = 0; i < count; ++i) {
    Batch& batch = journal.emplace_back();
    batch.account = AccountId{1};
    batch.received = now = now + Duration(100ms + below(900) * 1ms);
    const std::string host = fmt::format("h{}", below(3));
    switch (below(6)) {
      case 0: {
        LogRecord record;
        record.time = now;
        record.host = host;
        record.severity = Severity::error;
        record.message = record.raw = "boom";
        batch.logs.push_back(record);
        break;
      }
      case 1:
        batch.samples.add(kLoad, now, below(10));
        break;
      case 2:
      case 3:
        for (unsigned n = 1 + below(4); n > 0; --n) {
          Signal& signal = batch.signals.emplace_back();
          signal.account = batch.account;
          signal.state = below(5) == 0 ? Signal::State::resolved : Signal::State::firing;
          signal.event = "DiskFull";
          signal.rule_id = "prometheus/DiskFull";
          signal.resource = fmt::format("db{}", below(4));
          signal.host = host;
          signal.service = "node";
          signal.severity = below(6) == 0 ? AlertSeverity::critical : AlertSeverity::warning;
          signal.at = now;
          signal.text = "no space";
          signal.value = below(4) == 0 ? fmt::format("{}", below(3)) : "";
          signal.extras.origin = "prometheus/-";
          signal.extras.labels = Labels({{"a", fmt::format("{}", below(2))}});
        }
        break;
      case 4: {
        StateReport& report = batch.reports.emplace_back();
        report.kind = static_cast<StateReport::Kind>(below(4));
        report.at = now;
        report.host = host;
        if (report.kind != StateReport::Kind::heartbeat)
          report.service = below(2) == 0 ? "mariadb" : "nova-api";
        report.pid = 100 + below(3);
        report.processes = below(3);
        report.ever_seen = true;
        report.exit = static_cast<StateReport::Exit>(below(3));
        break;
      }
      default:
        batch.tick = true;
    }
    // As the journal has it.
    batch = need(codec::decode_batch(need(codec::encode_batch(batch))));
  }
  return journal;
}

TEST(Evaluation, KilledAnywhereTheSameJournalLeadsToTheSameAlertsAndMessages) {
  const char* const wanted = std::getenv("SENTINELLA_LONG");
  const int kills = wanted != nullptr && *wanted != '\0' ? 1000 : 20;
  const std::vector<Batch> journal = make_journal(4711, 400);
  TemporaryDirectory directory;
  std::string expected;
  {
    Alerting whole(directory.path() / "whole.db");
    for (std::size_t i = 0; i < journal.size(); ++i) whole.take(journal[i], i + 1);
    whole.checkpoint();
    expected = whole.dump();
  }
  EXPECT_THAT(expected, testing::HasSubstr("cause h")) << "the journal is too dull";
  EXPECT_THAT(expected, testing::HasSubstr("told 1 times")) << "the journal is too dull";
  EXPECT_THAT(expected, testing::HasSubstr("stage cause h")) << "the journal is too dull";
  std::mt19937 random(4712);
  for (int left = kills; left > 0;) {
    const auto file = directory.path() / fmt::format("killed-{}.db", left);
    Alerting killed(file);
    bus::Offset offset = 1;
    // Several kills of one server, at random places, a few of them with a checkpoint somewhere before.
    for (int n = std::min(left, 10); n > 0; --n, --left) {
      const bus::Offset until = 1 + random() % journal.size();
      for (; offset < until; ++offset) killed.take(journal[offset - 1], offset);
      if (random() % 3 == 0) killed.checkpoint();
      killed.kill();
      offset = killed.stored() + 1;
    }
    for (; offset <= journal.size(); ++offset) killed.take(journal[offset - 1], offset);
    killed.checkpoint();
    ASSERT_EQ(killed.dump(), expected) << left << " kills were left";
  }
}

}  // namespace
}  // namespace sentinella::server
