// What every event store promises, whichever adapter keeps it.
#include "events/event_store.h"

#include <algorithm>
#include <csignal>

#include <sys/resource.h>

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "events/embedded/embedded_event_store.h"
#include "events/embedded/event_row.h"

namespace sentinella::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Adapter {
  const char* name;
  Result<std::unique_ptr<EventStore>> (*open)(const std::filesystem::path&);
};

std::vector<Adapter> all_stores() {
  return {{"embedded", [](const std::filesystem::path& path) { return open_embedded_event_store({path}); }}};
}

constexpr AccountId kOurs{1}, kTheirs{2};

Event event(std::string id, std::int64_t at, std::string type = "deploy") {
  Event made;
  made.id = std::move(id);
  made.type = std::move(type);
  made.time = {at};
  made.host = "controller";
  made.service = "nova-api";
  made.summary = "something happened";
  made.origin = "api";
  made.traits = {{"version", "2"}, {"who", "me"}};
  return made;
}

class EventStoreContract : public testing::TestWithParam<Adapter> {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    store.reset();
    auto opened = GetParam().open(directory.path());
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
  }
  void append(std::vector<Event> batch, AccountId account = kOurs) {
    ASSERT_TRUE(store->append(account, batch, ++offset));
  }
  /// The ids of all pages.
  std::vector<std::string> search(EventQuery query, AccountId account = kOurs) {
    std::vector<std::string> ids;
    for (int page = 0; page < 1000; ++page) {
      const auto answer = store->search(account, query);
      EXPECT_TRUE(answer) << answer.error().message;
      if (!answer) break;
      for (const Event& found : answer->events) ids.push_back(found.id);
      query.cursor = answer->next_cursor;
      if (query.cursor.empty()) break;
      EXPECT_FALSE(answer->events.empty());
    }
    return ids;
  }

  TemporaryDirectory directory;
  std::unique_ptr<EventStore> store;
  std::uint64_t offset = 0;
};

TEST_P(EventStoreContract, EventsAreFoundAtOnceNewestFirst) {
  append({event("b", 20), event("a", 10), event("c", 30)});
  EXPECT_THAT(search({}), ElementsAre("c", "b", "a"));
  EXPECT_THAT(search({.newest_first = false}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(search({.range = {{10}, {30}}}), ElementsAre("b", "a"));
  EXPECT_THAT(search({.range = {{30}, {10}}}), IsEmpty());
}

TEST_P(EventStoreContract, EveryFieldSurvivesAReopening) {
  append({event("a", 10)});
  ASSERT_TRUE(store->flush());
  reopen();
  EXPECT_EQ(store->durable_offset(), 1u);
  const Event found = store->search(kOurs, {})->events.at(0);
  EXPECT_EQ(encode_event_row(found), encode_event_row(event("a", 10)));
}

TEST_P(EventStoreContract, TheSameIdIsOneEvent) {
  append({event("a", 10), event("b", 15), event("b", 16)});
  append({event("a", 20, "deploy.done")});
  append({event("a", 10)}, kTheirs);
  EXPECT_THAT(search({}), ElementsAre("a", "b"));
  EXPECT_EQ(store->search(kOurs, {})->events[0].type, "deploy.done");
  EXPECT_EQ(store->search(kOurs, {})->events[1].time.ns, 16);
  EXPECT_THAT(search({}, kTheirs), ElementsAre("a"));
}

/// More than one write's worth, unread meanwhile; every third id comes again later, with another time.
TEST_P(EventStoreContract, ManyThatNobodyReadsMeanwhileAreAllThereOnceAfterAFlush) {
  constexpr int kEvents = 6000, kBatch = 100;
  for (int first = 0; first < kEvents; first += kBatch) {
    std::vector<Event> batch;
    for (int i = first; i < first + kBatch; ++i) {
      batch.push_back(event(std::to_string(i), i + 1));
      if (i % 3 == 0 && i >= 1600) batch.push_back(event(std::to_string(i - 1600), i + 1));
    }
    append(batch, first % 200 == 0 ? kOurs : kTheirs);
  }
  ASSERT_TRUE(store->flush());
  EXPECT_EQ(store->durable_offset(), offset);
  reopen();
  std::vector<std::string> all = search({.limit = 1000});
  EXPECT_EQ(all.size(), std::size_t{kEvents / 2});
  EXPECT_EQ(store->search(kOurs, {.id = "2"})->events.at(0).time, Time{1603});
  EXPECT_EQ(store->search(kOurs, {.id = "1"})->events.at(0).time, Time{2});
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::unique(all).begin(), all.end());
  EXPECT_EQ(search({.limit = 1000}, kTheirs).size(), std::size_t{kEvents / 2});
}

/// As after a crash: what the journal need not replay is there.
TEST_P(EventStoreContract, WhatIsDurableIsThereWithoutAFlushAtTheEnd) {
  for (int i = 1; i <= 3000; ++i) {
    append({event(std::to_string(i), i)});
    if (i == 1000) {
      ASSERT_TRUE(store->flush());
    }
  }
  reopen();
  const std::uint64_t durable = store->durable_offset();
  EXPECT_GE(durable, 1000u);
  EXPECT_GE(search({.limit = 1000}).size(), durable);
}

/// While it lives no file takes anything.
class NoRoom {
 public:
  NoRoom() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoRoom() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST_P(EventStoreContract, ReadingGoesOnWhenWritingCannotAndAppendingTells) {
  append({event("a", 1)});
  ASSERT_TRUE(store->flush());
  const NoRoom no_room;
  bool told = false;
  for (int i = 0; i < 5000 && !told; ++i) {
    const Event one = event(std::to_string(i), 2);
    told = !store->append(kOurs, {&one, 1}, ++offset);
    if (i % 1000 == 0) {
      EXPECT_THAT(search({}), testing::Contains("a"));
    }
  }
  EXPECT_TRUE(told) << "the journal waits for who does not say so";
  EXPECT_FALSE(store->flush());
  EXPECT_EQ(store->durable_offset(), 1u);
}

TEST_P(EventStoreContract, EveryConditionNarrows) {
  Event other = event("b", 20, "service.stopped");
  other.host = "compute1";
  other.service = "nova-compute";
  append({event("a", 10), other});
  EXPECT_THAT(search({.host = "compute1"}), ElementsAre("b"));
  EXPECT_THAT(search({.service = "nova-compute"}), ElementsAre("b"));
  EXPECT_THAT(search({.type_glob = "service.*"}), ElementsAre("b"));
  EXPECT_THAT(search({.host = "controller", .type_glob = "service.*"}), IsEmpty());
}

Event of_resource(std::string id, std::int64_t at, std::string resource, std::string instance = "") {
  Event made = event(std::move(id), at);
  made.traits = {{"resource_id", resource}, {"vcpus", std::to_string(at)}};
  if (!instance.empty()) made.traits.add("instance_id", instance);
  return made;
}

TEST_P(EventStoreContract, EventsOfAResourceAreFoundByIt) {
  append({of_resource("a", 10, "r"), of_resource("b", 20, "s"), of_resource("c", 30, "port", "r")});
  append({of_resource("d", 10, "r")}, kTheirs);
  EXPECT_THAT(search({.resource = "r"}), ElementsAre("c", "a"));
  EXPECT_THAT(search({.newest_first = false, .limit = 1, .resource = "r"}), ElementsAre("a", "c"));
  EXPECT_THAT(search({.range = {{20}, {40}}, .resource = "r"}), ElementsAre("c"));
  EXPECT_THAT(search({.resource = "q"}), IsEmpty());
  append({of_resource("a", 50, "s")});
  EXPECT_THAT(search({.resource = "r"}), ElementsAre("c"));
  EXPECT_THAT(search({.resource = "s"}), ElementsAre("a", "b"));
  ASSERT_TRUE(store->flush());
  reopen();
  EXPECT_THAT(search({.resource = "s"}), ElementsAre("a", "b"));
  ASSERT_TRUE(store->enforce({.max_age = Duration(50)}, {80}));
  EXPECT_THAT(search({.resource = "s"}), ElementsAre("a"));
}

TEST_P(EventStoreContract, AnEventIsFoundByItsIdAndByItsTraits) {
  append({of_resource("a", 10, "r"), of_resource("b", 20, "r")});
  EXPECT_THAT(search({.id = "a"}), ElementsAre("a"));
  EXPECT_THAT(search({.id = "z"}), IsEmpty());
  EXPECT_THAT(search({.id = "a"}, kTheirs), IsEmpty());
  TraitCondition more{"vcpus", TraitCondition::Op::greater, "15", TraitType::integer};
  EXPECT_THAT(search({.traits = {more}}), ElementsAre("b"));
  more.value = "many";
  EXPECT_EQ(store->search(kOurs, {.traits = {more}}).error().field, "vcpus");
}

TEST_P(EventStoreContract, StepsOfACloudCanBeLeftOut) {
  Event step = event("a", 10, "compute.instance.create.start");
  step.origin = "openstack";
  append({step, event("b", 20)});
  EXPECT_THAT(search({}), ElementsAre("b", "a"));
  EXPECT_THAT(search({.changes_only = true}), ElementsAre("b"));
}

TEST_P(EventStoreContract, PagesGiveEachEventOnceEvenAtOneInstant) {
  for (int i = 0; i < 30; ++i) append({event(std::to_string(i), 7)});
  const auto all = search({.limit = 100});
  EXPECT_EQ(all.size(), 30u);
  EXPECT_EQ(search({.limit = 4}), all);
  auto reversed = search({.newest_first = false, .limit = 5});
  std::ranges::reverse(reversed);
  EXPECT_EQ(reversed, all);
}

TEST_P(EventStoreContract, APageMayBeginAfterAnEventEvenAtOneInstant) {
  for (int i = 0; i < 5; ++i) append({event(std::to_string(i), 7)});
  for (const bool newest_first : {true, false}) {
    const auto all = search({.newest_first = newest_first});
    std::vector<std::string> one_by_one{all.front()};
    while (one_by_one.size() < all.size()) {
      const auto page =
          store->search(kOurs, {.newest_first = newest_first, .limit = 1, .after_id = one_by_one.back()});
      ASSERT_EQ(page->events.size(), 1u);
      one_by_one.push_back(page->events[0].id);
    }
    EXPECT_EQ(one_by_one, all);
    EXPECT_THAT(search({.newest_first = newest_first, .after_id = all.back()}), IsEmpty());
  }
  EXPECT_EQ(store->search(kTheirs, {.after_id = "1"}).error().field, "after_id");
}

TEST_P(EventStoreContract, RefusesAQueryThatIsWrong) {
  EXPECT_EQ(store->search(kOurs, {.limit = 0}).error().field, "limit");
  EXPECT_EQ(store->search(kOurs, {.cursor = "xx"}).error().field, "cursor");
}

TEST_P(EventStoreContract, DropsWhatIsTooOldAndTheOldestWhenThereIsTooMuch) {
  for (int i = 0; i < 100; ++i) append({event(std::to_string(i), i)});
  ASSERT_TRUE(store->enforce({.max_age = Duration(50)}, {100}));
  EXPECT_EQ(search({.limit = 1000}).size(), 50u);
  append({event("10", 99)});
  EXPECT_EQ(search({.limit = 1000}).size(), 51u);
  ASSERT_TRUE(store->enforce({.max_age = Duration(60), .max_bytes = 2000}, {100}));
  const auto left = search({});
  EXPECT_GT(left.size(), 3u);
  EXPECT_LT(left.size(), 25u);
  EXPECT_THAT(left, testing::Contains("99"));
  ASSERT_TRUE(store->enforce({.max_age = Duration(60), .max_bytes = 0}, {100}));
  EXPECT_THAT(search({}), IsEmpty());
}

TEST(EventRow, ADamagedRowIsToldNotGuessed) {
  const std::string row = encode_event_row(event("a", 10));
  for (std::size_t size = 0; size < row.size(); ++size) EXPECT_FALSE(decode_event_row(row.substr(0, size)));
  EXPECT_FALSE(decode_event_row(row + "x"));
}

INSTANTIATE_TEST_SUITE_P(All, EventStoreContract, testing::ValuesIn(all_stores()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace sentinella::events
