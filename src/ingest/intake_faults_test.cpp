// What the way in does when disks are full, journals vanish, and processes are killed.
#include "ingest/intake.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <random>
#include <thread>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/temporary_directory.h"
#include "bus/embedded/segment_journal.h"
#include "events/embedded/embedded_event_store.h"
#include "logs/embedded/embedded_log_store.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::ingest {
namespace {

using testing::ElementsAre;

constexpr AccountId kAccount{1};

/// One sample, log record, event and report that all carry `number`.
Batch batch(std::uint64_t number, std::optional<BatchId> id = std::nullopt) {
  Batch made;
  made.account = kAccount;
  made.received = {static_cast<std::int64_t>(number)};
  made.id = std::move(id);
  SeriesSamples samples;
  samples.labels = Labels(std::vector<Label>{{"__name__", "number"}});
  samples.samples = {{{static_cast<std::int64_t>(number)}, static_cast<double>(number)}};
  made.series.push_back(std::move(samples));
  LogRecord record;
  record.time = {static_cast<std::int64_t>(number)};
  record.raw = record.message = std::to_string(number);
  made.logs.push_back(std::move(record));
  Event event;
  event.id = std::to_string(number);
  event.time = {static_cast<std::int64_t>(number)};
  made.events.push_back(std::move(event));
  made.reports.emplace_back();
  return made;
}

BatchId id(std::uint64_t sequence) {
  return {"agent", 77, sequence, SignalKind::metrics};
}

/// A log store whose disk can be full.
class FullableLogStore final : public logs::LogStore {
 public:
  explicit FullableLogStore(logs::LogStore& inner) : inner_(inner) {}
  Result<void> append(AccountId account, std::span<const logs::RecordView> records,
                      std::uint64_t offset) override {
    if (full) return fail(Errc::kNoSpace, "the disk is full");
    return inner_.append(account, records, offset);
  }
  Result<logs::LogPage> search(AccountId account, const logs::LogQuery& query) const override {
    return inner_.search(account, query);
  }
  Result<logs::LogCounts> aggregate(AccountId account, const logs::LogQuery& query,
                                    const logs::Aggregation& aggregation) const override {
    return inner_.aggregate(account, query, aggregation);
  }
  Result<LogRecord> get(AccountId account, RecordId record) const override {
    return inner_.get(account, record);
  }
  std::uint64_t durable_offset() const override { return inner_.durable_offset(); }
  Result<void> flush() override { return inner_.flush(); }
  Result<void> enforce(const logs::Retention& retention, Time now) override {
    return inner_.enforce(retention, now);
  }
  logs::Statistics statistics() const override { return inner_.statistics(); }
  Result<void> copy_to(const std::filesystem::path& directory) const override {
    return inner_.copy_to(directory);
  }
  std::vector<logs::LogUsage> usage(AccountId account) const override { return inner_.usage(account); }

  std::atomic<bool> full = false;

 private:
  logs::LogStore& inner_;
};

/// The whole way in, in one directory; made again it is a restart.
struct Server {
  static Result<std::unique_ptr<Server>> open(const std::filesystem::path& root, bus::Offset tap_offset = 0,
                                              Duration sync_interval = {}) {
    auto server = std::make_unique<Server>();
    SENT_TRY_ASSIGN(server->journal, bus::open_segment_journal({.directory = root / "journal",
                                                                .sync_interval = sync_interval,
                                                                .segment_bytes = 4096}));
    SENT_TRY_ASSIGN(server->series, series::open_embedded_series_store({root / "series"}));
    SENT_TRY_ASSIGN(server->logs, logs::open_embedded_log_store({root / "logs"}));
    SENT_TRY_ASSIGN(server->events, events::open_embedded_event_store({root / "events"}));
    server->fullable = std::make_unique<FullableLogStore>(*server->logs);
    const auto tap = [raw = server.get()](const Batch& taken, bus::Offset) {
      raw->tapped.push_back(taken.received.ns);
    };
    SENT_TRY_ASSIGN(server->intake,
                    Intake::open(*server->journal, {*server->series, *server->fullable, *server->events}, tap,
                                 tap_offset, root / "watermarks"));
    return server;
  }

  std::future<Result<bus::Offset>> begin(Batch given, Until until = Until::applied) {
    auto promise = std::make_shared<std::promise<Result<bus::Offset>>>();
    auto answer = promise->get_future();
    intake->submit(std::move(given), until,
                   [promise](Result<bus::Offset> offset) { promise->set_value(offset); });
    return answer;
  }
  Result<bus::Offset> submit(Batch given, Until until = Until::applied) {
    return begin(std::move(given), until).get();
  }

  /// How often each number is there, in each store.
  std::map<std::int64_t, int> in_series() const {
    std::map<std::int64_t, int> counts;
    const series::Selector all{{{LabelMatcher::Op::equal, "__name__", "number"}}};
    const auto columns = *series->select(kAccount, all, {{0}, {INT64_MAX}});
    for (const auto& column : columns)
      for (const Time at : column.times) ++counts[at.ns];
    return counts;
  }
  std::map<std::int64_t, int> in_logs() const {
    std::map<std::int64_t, int> counts;
    const auto page = *logs->search(kAccount, {.limit = 10'000});
    for (const auto& found : page.records) ++counts[found.record.time.ns];
    return counts;
  }
  std::map<std::int64_t, int> in_events() const {
    std::map<std::int64_t, int> counts;
    const auto page = *events->search(kAccount, {.limit = 10'000});
    for (const auto& found : page.events) ++counts[found.time.ns];
    return counts;
  }

  std::unique_ptr<bus::Journal> journal;
  std::unique_ptr<series::SeriesStore> series;
  std::unique_ptr<logs::LogStore> logs;
  std::unique_ptr<events::EventStore> events;
  std::unique_ptr<FullableLogStore> fullable;
  std::vector<std::int64_t> tapped;  // only the applying thread writes it
  std::unique_ptr<Intake> intake;
};

class IntakeFaults : public testing::Test {
 protected:
  void SetUp() override { restart(); }
  void restart(bus::Offset tap_offset = 0) {
    server.reset();
    auto opened = Server::open(directory.path(), tap_offset);
    ASSERT_TRUE(opened) << opened.error().message;
    server = std::move(*opened);
  }
  void expect_everywhere_once(std::vector<std::int64_t> numbers) {
    std::map<std::int64_t, int> expected;
    for (const std::int64_t number : numbers) expected[number] = 1;
    EXPECT_EQ(server->in_series(), expected);
    EXPECT_EQ(server->in_logs(), expected);
    EXPECT_EQ(server->in_events(), expected);
  }

  TemporaryDirectory directory;
  std::unique_ptr<Server> server;
};

TEST_F(IntakeFaults, DuplicatesThatReachTheJournalAreAppliedOnceEvenByAReplay) {
  std::vector<std::future<Result<bus::Offset>>> answers;
  for (int copy = 0; copy < 30; ++copy) answers.push_back(server->begin(batch(1, id(1)), Until::durable));
  answers.push_back(server->begin(batch(2, id(2))));
  for (auto& answer : answers) EXPECT_TRUE(answer.get());
  expect_everywhere_once({1, 2});
  EXPECT_THAT(server->tapped, ElementsAre(1, 2));
  ASSERT_TRUE(server->intake->checkpoint(0));
  restart(0);
  EXPECT_THAT(server->tapped, ElementsAre(1, 2));
  expect_everywhere_once({1, 2});
}

TEST_F(IntakeFaults, AStoreThatIsFullHoldsBatchesUpAndSkipsNone) {
  server->fullable->full = true;
  ASSERT_TRUE(server->submit(batch(1), Until::durable));
  Result<bus::Offset> answer;
  std::uint64_t taken = 1;
  while ((answer = server->submit(batch(taken + 1), Until::durable))) ++taken;
  EXPECT_EQ(answer.error().code, Errc::kNoSpace);
  server->fullable->full = false;
  while (!(answer = server->submit(batch(taken + 1)))) std::this_thread::yield();
  std::vector<std::int64_t> all;
  for (std::uint64_t i = 1; i <= taken + 1; ++i) all.push_back(static_cast<std::int64_t>(i));
  expect_everywhere_once(all);
  EXPECT_EQ(server->tapped, all);
}

TEST_F(IntakeFaults, StoppingWhileAStoreIsFullKeepsTheBatchForTheNextStart) {
  server->fullable->full = true;
  auto waiting = server->begin(batch(1)), waiting_too = server->begin(batch(2));
  restart();
  // The second may have been too late to be taken at all: then it is refused for the full disk.
  EXPECT_EQ(waiting.get().error().code, Errc::kUnavailable);
  EXPECT_FALSE(waiting_too.get());
  EXPECT_EQ(server->in_logs()[1], 1);
  EXPECT_EQ(server->tapped.front(), 1);
}

TEST_F(IntakeFaults, AJournalThatWasRemovedIsNoticed) {
  ASSERT_TRUE(server->submit(batch(1)));
  server.reset();
  std::filesystem::remove_all(directory.path() / "journal");
  const auto opened = Server::open(directory.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::kCorrupt);
  EXPECT_THAT(opened.error().message,
              testing::HasSubstr("has seen journal record 1, but the journal ends at 0"));
}

/// An agent and its server: sends from `next` on, each batch twice now and then, and tells which were
/// acknowledged.
[[noreturn]] void serve_until_killed(const std::filesystem::path& root, Duration sync_interval,
                                     std::uint64_t next, int pipe) {
  auto server = Server::open(root, 0, sync_interval);
  if (!server) ::_exit(1);
  for (std::uint64_t number = next;; ++number) {
    if (number % 3 == 0) (*server)->begin(batch(number, id(number)), Until::durable);
    if (!(*server)->submit(batch(number, id(number)), Until::durable)) ::_exit(2);
    if (::write(pipe, &number, sizeof(number)) != sizeof(number)) ::_exit(3);
    if (number % 7 == 0 && !(*server)->intake->checkpoint(0)) ::_exit(4);
  }
}

// A "DeathTest" runs first: a process that has used RocksDB has threads that a fork would not have.
class IntakeCrashDeathTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(SyncedAfterSeconds, IntakeCrashDeathTest, testing::Values(0, 1));

TEST_P(IntakeCrashDeathTest, EveryAcknowledgedBatchIsThereOnceAfterKill) {
  TemporaryDirectory directory;
  std::mt19937 random(7);
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0)
      serve_until_killed(directory.path(), std::chrono::seconds(GetParam()), acknowledged + 1, ends[1]);
    ::close(ends[1]);
    const std::uint64_t enough = acknowledged + 1 + random() % 12;
    std::uint64_t number = 0;
    while (acknowledged < enough && ::read(ends[0], &number, sizeof(number)) == sizeof(number))
      acknowledged = number;
    ::kill(child, SIGKILL);
    while (::read(ends[0], &number, sizeof(number)) == sizeof(number)) acknowledged = number;
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed with " << status;
  }
  const auto server = Server::open(directory.path());
  ASSERT_TRUE(server) << server.error().message;
  const std::vector<std::map<std::int64_t, int>> stores{(*server)->in_series(), (*server)->in_logs(),
                                                        (*server)->in_events()};
  for (const auto& counts : stores) {
    // At most the batch that was on its way when the last child died may be there unacknowledged.
    ASSERT_GE(counts.size(), acknowledged);
    ASSERT_LE(counts.size(), acknowledged + 1);
    std::int64_t expected = 0;
    for (const auto& [number, times] : counts) {
      EXPECT_EQ(number, ++expected);
      EXPECT_EQ(times, 1) << number;
    }
  }
  EXPECT_EQ((*server)->tapped.size(), (*server)->in_logs().size());
  EXPECT_TRUE(std::ranges::is_sorted((*server)->tapped));
}

}  // namespace
}  // namespace sentinella::ingest
