// What every log store promises, whichever adapter keeps it.
#include "logs/log_store.h"

#include <algorithm>
#include <map>
#include <random>

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "codec/log_parser.h"
#include "logs/embedded/embedded_log_store.h"
#include "logs/query/query_parser.h"

namespace sentinella::logs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Adapter {
  const char* name;
  Result<std::unique_ptr<LogStore>> (*open)(const std::filesystem::path&);
};

std::vector<Adapter> all_stores() {
  // Small blocks, so that little data makes many.
  return {{"embedded", [](const std::filesystem::path& path) {
             return open_embedded_log_store({.directory = path, .block_bytes = 1u << 20});
           }}};
}

constexpr AccountId kOurs{1}, kTheirs{2};

LogRecord record(std::int64_t at, std::string raw) {
  LogRecord made;
  made.time = {at};
  made.host = "controller";
  made.service = "nova-compute";
  made.severity = Severity::info;
  made.message = raw;
  made.raw = "2026-03-02 INFO " + std::move(raw);
  return made;
}

class LogStoreContract : public testing::TestWithParam<Adapter> {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    store.reset();
    auto opened = GetParam().open(directory.path());
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
  }
  void append(std::vector<LogRecord> batch, AccountId account = kOurs) {
    ASSERT_TRUE(store->append(account, batch, ++offset));
  }
  /// The messages of all pages.
  std::vector<std::string> search(LogQuery query, AccountId account = kOurs) {
    std::vector<std::string> messages;
    for (int page = 0; page < 10'000; ++page) {
      const auto answer = store->search(account, query);
      EXPECT_TRUE(answer) << answer.error().message;
      if (!answer) break;
      EXPECT_LE(answer->records.size(), query.limit);
      for (const StoredRecord& found : answer->records) messages.push_back(found.record.message);
      query.cursor = answer->next_cursor;
      if (query.cursor.empty()) break;
      EXPECT_FALSE(answer->records.empty());
    }
    return messages;
  }

  TemporaryDirectory directory;
  std::unique_ptr<LogStore> store;
  std::uint64_t offset = 0;
};

TEST_P(LogStoreContract, RecordsAreFoundAtOnceNewestFirst) {
  append({record(10, "one"), record(30, "three")});
  append({record(20, "two")});
  EXPECT_THAT(search({}), ElementsAre("three", "two", "one"));
  EXPECT_THAT(search({.newest_first = false}), ElementsAre("one", "two", "three"));
  EXPECT_THAT(search({.range = {{10}, {30}}}), ElementsAre("two", "one"));
}

TEST_P(LogStoreContract, ARecordComesBackWholeByItsId) {
  LogRecord whole = record(10, "message");
  whole.source = "/var/log/nova/nova-compute.log";
  whole.component = "nova.compute.manager";
  whole.severity = Severity::critical;
  whole.pid = 4711;
  whole.request_id = "req-1";
  whole.global_request_id = "req-2";
  whole.user_id = "user";
  whole.project_id = "project";
  whole.instance = "instance";
  whole.traceback = "Traceback:\n  File";
  whole.raw = "anything \x01\xff at all";
  whole.template_id = UINT64_MAX;
  whole.flags = LogRecord::kJoined | LogRecord::kTruncated;
  append({record(5, "other"), whole});
  const auto same = [&](const LogRecord& found) {
    EXPECT_EQ(found.time, whole.time);
    EXPECT_EQ(found.severity, whole.severity);
    EXPECT_EQ(found.pid, whole.pid);
    EXPECT_EQ(found.template_id, whole.template_id);
    EXPECT_EQ(found.flags, whole.flags);
    for (const auto field :
         {&LogRecord::host, &LogRecord::service, &LogRecord::source, &LogRecord::component,
          &LogRecord::request_id, &LogRecord::global_request_id, &LogRecord::user_id, &LogRecord::project_id,
          &LogRecord::instance, &LogRecord::message, &LogRecord::traceback, &LogRecord::raw})
      EXPECT_EQ(found.*field, whole.*field);
  };
  same(*store->get(kOurs, {1, 1}));
  ASSERT_TRUE(store->flush());
  reopen();
  same(*store->get(kOurs, {1, 1}));
  EXPECT_EQ(store->get(kOurs, {1, 2}).error().code, Errc::kNotFound);
  EXPECT_EQ(store->get(kTheirs, {1, 1}).error().code, Errc::kNotFound);
}

TEST_P(LogStoreContract, EveryConditionNarrows) {
  LogRecord other = record(20, "No valid host was found");
  other.host = "compute1";
  other.service = "nova-scheduler";
  other.component = "nova.scheduler";
  other.source = "file";
  other.severity = Severity::error;
  other.request_id = "req-local";
  other.global_request_id = "req-global";
  other.instance = "vm";
  other.template_id = 9;
  append({record(10, "fine"), other});
  const auto finds_other = [&](auto set) {
    LogQuery query;
    set(query);
    EXPECT_THAT(search(query), ElementsAre(other.message));
  };
  finds_other([](LogQuery& q) { q.host = "compute1"; });
  finds_other([](LogQuery& q) { q.service = "nova-scheduler"; });
  finds_other([](LogQuery& q) { q.component = "nova.scheduler"; });
  finds_other([](LogQuery& q) { q.source = "file"; });
  finds_other([](LogQuery& q) { q.min_severity = Severity::warning; });
  finds_other([](LogQuery& q) { q.request_id = "req-local"; });
  finds_other([](LogQuery& q) { q.request_id = "req-global"; });
  finds_other([](LogQuery& q) { q.instance = "vm"; });
  finds_other([](LogQuery& q) { q.template_id = 9; });
  finds_other([](LogQuery& q) { q.words = {"VALID", "no v"}; });
  EXPECT_THAT(search({.words = {"valid", "fine"}}), IsEmpty());
  EXPECT_THAT(search({.host = "compute2"}), IsEmpty());
}

TEST_P(LogStoreContract, PagesGiveEachRecordOnceEvenAtOneInstant) {
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    append({record(7, std::to_string(i) + "a"), record(7, std::to_string(i) + "b")});
    expected.insert(expected.end(), {std::to_string(i) + "a", std::to_string(i) + "b"});
  }
  EXPECT_EQ(search({.newest_first = false, .limit = 7}), expected);
  std::ranges::reverse(expected);
  EXPECT_EQ(search({.limit = 7}), expected);
  EXPECT_EQ(search({.limit = 100}), expected);
}

TEST_P(LogStoreContract, ATenantSeesOnlyItsOwn) {
  append({record(10, "ours")}, kOurs);
  append({record(10, "theirs")}, kTheirs);
  EXPECT_THAT(search({}, kOurs), ElementsAre("ours"));
  ASSERT_TRUE(store->flush());
  reopen();
  EXPECT_THAT(search({}, kTheirs), ElementsAre("theirs"));
  EXPECT_THAT(search({}, AccountId{3}), IsEmpty());
}

TEST_P(LogStoreContract, WhatNobodyWantsAnyMoreIsNotSearchedFor) {
  append({record(10, "in a block")});
  ASSERT_TRUE(store->flush());
  append({record(20, "in the head")});
  std::atomic<bool> cancelled = false;
  const LogQuery query{.cancelled = &cancelled};
  EXPECT_TRUE(store->search(kOurs, query));
  cancelled = true;
  EXPECT_EQ(store->search(kOurs, query).error().code, Errc::kUnavailable);
  EXPECT_EQ(store->aggregate(kOurs, query, {}).error().code, Errc::kUnavailable);
}

TEST_P(LogStoreContract, RefusesAQueryThatIsWrong) {
  EXPECT_EQ(store->search(kOurs, {.limit = 0}).error().field, "limit");
  EXPECT_EQ(store->search(kOurs, {.limit = 10'001}).error().field, "limit");
  EXPECT_EQ(store->search(kOurs, {.cursor = "nonsense!"}).error().field, "cursor");
  EXPECT_EQ(store->search(kOurs, {.words = {std::string(257, 'x')}}).error().field, "q");
}

TEST_P(LogStoreContract, ReplayingAfterReopeningGivesEachRecordOnce) {
  std::vector<std::vector<LogRecord>> batches;
  for (int i = 0; i < 60; ++i)
    batches.push_back(
        {record(i, std::to_string(i) + std::string(50'000, 'x')), record(i, std::to_string(i) + "b")});
  for (std::size_t i = 0; i < batches.size(); ++i) {
    append(batches[i]);
    if (i == 30) {
      ASSERT_TRUE(store->flush());
    }
  }
  reopen();
  EXPECT_EQ(store->durable_offset(), 31u);
  for (std::uint64_t at = store->durable_offset() + 1; at <= batches.size(); ++at)
    ASSERT_TRUE(store->append(kOurs, batches[at - 1], at));
  EXPECT_EQ(search({}).size(), 120u);
  EXPECT_EQ(store->statistics().records, 120u);
  ASSERT_TRUE(store->flush());
  reopen();
  EXPECT_EQ(store->durable_offset(), 60u);
  EXPECT_EQ(search({}).size(), 120u);
  for (std::uint64_t at = 1; at <= 60; ++at) EXPECT_TRUE(store->get(kOurs, {at, 1})) << at;
}

TEST_P(LogStoreContract, DropsWhatIsTooOld) {
  constexpr std::int64_t kHour = 3'600'000'000'000;
  for (int i = 0; i < 100; ++i) append({record(i * kHour, std::to_string(i) + std::string(100'000, 'x'))});
  append({record(1, "silent")}, kTheirs);
  ASSERT_TRUE(store->enforce({.max_age = std::chrono::hours(50)}, {100 * kHour}));
  EXPECT_EQ(search({}).size(), 50u);
  EXPECT_EQ(store->get(kOurs, {1, 0}).error().code, Errc::kNotFound);
  EXPECT_LT(store->statistics().records, 70u);
  EXPECT_THAT(search({}, kTheirs), IsEmpty());
}

TEST_P(LogStoreContract, DropsTheOldestWhenThereIsTooMuch) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 40; ++i) {
    std::string noise(100'000, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    append({record(i, std::to_string(i) + noise)});
  }
  ASSERT_TRUE(store->flush());
  ASSERT_TRUE(store->enforce({.max_bytes = 2'000'000}, {1000}));
  const auto left = search({});
  EXPECT_GT(left.size(), 10u);
  EXPECT_LT(left.size(), 35u);
  EXPECT_TRUE(left.front().starts_with("39"));
}

TEST_P(LogStoreContract, RequestsAndDomainsAreFoundInTheHeadAndInBlocks) {
  const auto parsed = [](std::string raw) {
    LogRecord made = record(0, "");
    made.raw = std::move(raw);
    codec::parse_log(made);
    return made;
  };
  std::vector<LogRecord> wanted;
  for (const int status : {200, 404, 503})
    wanted.push_back(parsed(
        fmt::format("2026-11-21 10:05:24.{} 14632 INFO neutron.wsgi "
                    "[req-90c7328c-919e-45a7-88e8-12a1d03cd3b8 u p d{} - -] "
                    "10.0.0.{},127.0.0.1 \"GET /v2.0/ports/{} HTTP/1.1\" status: {} len: 200 time: 0.25",
                    status, status, status % 7, status, status)));
  ASSERT_EQ(wanted[1].http->path, "/v2.0/ports/404");
  const auto check = [&](const char* where) {
    const auto found = [&](const char* text) {
      LogQuery query;
      query.expression = parse_query(text)->expression;
      query.newest_first = false;
      std::vector<int> statuses;
      const auto page = store->search(kOurs, query);
      for (const StoredRecord& one : page->records)
        if (one.record.http) statuses.push_back(one.record.http->status);
      return statuses;
    };
    EXPECT_THAT(found("status:404"), ElementsAre(404)) << where;
    EXPECT_THAT(found("status>=404"), ElementsAre(404, 503)) << where;
    EXPECT_THAT(found("method:GET path:/v2.0/ports/5*"), ElementsAre(503)) << where;
    EXPECT_THAT(found("client:10.0.0.4*"), ElementsAre(200)) << where;
    EXPECT_THAT(found("domain:d200"), ElementsAre(200)) << where;
    EXPECT_EQ(store->get(kOurs, {1, 1})->http, wanted[1].http) << where;
    EXPECT_EQ(store->get(kOurs, {1, 1})->domain_id, wanted[1].domain_id) << where;
    const auto counts = store->aggregate(kOurs, {}, {.by = QueryField::status});
    EXPECT_EQ(counts->groups.back().value, "503") << where;
  };
  append(wanted);
  check("head");
  ASSERT_TRUE(store->flush());
  reopen();
  check("head on disk");
  append({record(1, std::string(2u << 20, 'x'))});
  append({record(2, "seals")});
  check("block");
}

TEST_P(LogStoreContract, AnIdWithinALongerWordIsFoundInBlocks) {
  const std::string id = "3f0c2a7e-1111-4222-8333-944455556666";
  append({record(1, "vol" + id), record(2, "a " + id + "x"), record(3, id), record(4, "other")});
  LogRecord odd = record(5, "user odd9f1c0e4493d9e0bdb34da6ae05c69cd5 came");
  odd.user_id = "odd9f1c0e4493d9e0bdb34da6ae05c69cd5";
  append({odd});
  append({record(6, std::string(2u << 20, 'x'))});
  append({record(7, "seals")});
  EXPECT_EQ(search({.words = {id}}).size(), 3u);
  EXPECT_EQ(search({.words = {"vol" + id}}).size(), 1u);
  LogQuery query;
  query.expression = parse_query("user:" + odd.user_id)->expression;
  EXPECT_EQ(search(query).size(), 1u);
}

TEST_P(LogStoreContract, AStreamOverItsLimitLosesItsOldestAndNoOtherDoes) {
  constexpr std::int64_t kHour = 3'600'000'000'000;
  std::mt19937_64 random(5);
  const auto noise = [&] {
    std::string text(100'000, '\0');
    for (char& c : text) c = static_cast<char>('a' + random() % 26);
    return text;
  };
  const auto of = [&](const char* service) {
    const auto page = store->search(kOurs, {.service = service, .newest_first = false, .limit = 1000});
    return std::move(page->records);
  };
  for (int i = 0; i < 100; ++i) {
    auto batch = std::vector{record(i * kHour, "api " + noise()), record(i * kHour, "proxy " + noise())};
    batch[1].service = "haproxy";
    append(batch);
  }
  ASSERT_TRUE(store->flush());
  const auto used = store->usage(kOurs);
  ASSERT_EQ(used.size(), 2u);
  EXPECT_EQ(used[0].service, "haproxy");
  EXPECT_GT(used[0].raw_bytes, 8'000'000u);
  const auto last_id = store->search(kOurs, {.limit = 1})->records[0].id;

  ASSERT_TRUE(store->enforce({.limits = {{.account = kTheirs, .max_bytes = 1}}}, {100 * kHour}));
  EXPECT_EQ(of("haproxy").size(), 100u);
  ASSERT_TRUE(
      store->enforce({.limits = {{.service = "ha*", .max_age = std::chrono::hours(30)}}}, {100 * kHour}));
  EXPECT_EQ(of("nova-compute").size(), 100u);
  const auto young = of("haproxy");
  EXPECT_GE(young.size(), 30u);
  EXPECT_LE(young.size(), 40u);
  ASSERT_TRUE(store->enforce(
      {.limits = {{.account = kOurs, .service = "nova-compute", .max_bytes = 2'000'000}}}, {100 * kHour}));
  EXPECT_LT(of("nova-compute").size(), 60u);
  EXPECT_GT(of("nova-compute").size(), 10u);
  EXPECT_EQ(of("haproxy").size(), young.size());
  ASSERT_TRUE(store->flush());
  reopen();
  EXPECT_EQ(of("haproxy").size(), young.size());
  EXPECT_EQ(store->get(kOurs, last_id)->service, "haproxy");
  EXPECT_EQ(store->get(kOurs, {1, 1}).error().code, Errc::kNotFound);
  append({record(101 * kHour, "more")});
  EXPECT_EQ(search({.limit = 1}).front(), "more");
}

TEST_P(LogStoreContract, APageOfHugeRecordsStaysBounded) {
  for (int i = 0; i < 5; ++i) append({record(i, std::string(12u << 20, static_cast<char>('a' + i)))});
  const auto page = store->search(kOurs, {.limit = 100});
  ASSERT_TRUE(page);
  EXPECT_LT(page->records.size(), 5u);
  EXPECT_EQ(search({.limit = 100}).size(), 5u);
}

/// Against a plain map, over many sealed blocks with instants out of order.
TEST_P(LogStoreContract, AgreesWithAMapOverManyBlocks) {
  std::mt19937_64 random(3);
  std::map<std::pair<std::int64_t, std::uint64_t>, std::string> model;
  for (int i = 0; i < 800; ++i) {
    const auto at = static_cast<std::int64_t>(static_cast<std::uint64_t>(i) + random() % 200);
    const std::string text =
        std::to_string(i) + (random() % 5 == 0 ? " Needle" : " hay") + std::string(8000, 'x');
    append({record(at, text)});
    model[{at, offset}] = text;
  }
  std::vector<std::string> all, needles;
  for (const auto& [key, text] : model) {
    all.push_back(text);
    if (text.find("Needle") != std::string::npos) needles.push_back(text);
  }
  EXPECT_EQ(search({.newest_first = false, .limit = 97}), all);
  EXPECT_EQ(search({.words = {"needle"}, .newest_first = false, .limit = 10}), needles);
  std::ranges::reverse(needles);
  EXPECT_EQ(search({.words = {"needle"}, .limit = 10}), needles);
}

INSTANTIATE_TEST_SUITE_P(All, LogStoreContract, testing::ValuesIn(all_stores()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace sentinella::logs
