#include "telemetry/publish/publisher_queue.h"

#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "telemetry/publish/publish_testing.h"
#include "telemetry/silent_host_testing.h"

namespace sentinella::telemetry {
namespace {

using publish_testing::event;
using publish_testing::publisher;
using publish_testing::Receiver;
using publish_testing::sample;
using testing::ElementsAre;
using testing::HasSubstr;

/// Fails as often as told.
class Flaky final : public Publisher {
 public:
  Flaky(std::atomic<int>& failures, Errc code, bool takes_events = true)
      : failures_(failures), code_(code), takes_events_(takes_events) {}
  Result<void> publish(const Outgoing&) override {
    if (failures_.load() <= 0) return {};
    --failures_;
    return fail(code_, "not now");
  }
  bool takes_events() const override { return takes_events_; }

 private:
  std::atomic<int>& failures_;
  const Errc code_;
  const bool takes_events_;
};

/// Samples and events with these ids.
Outgoing batch(const std::vector<std::string>& samples, const std::vector<std::string>& events = {}) {
  Outgoing made;
  for (const std::string& id : samples) made.samples.emplace_back(sample()).id = id;
  for (const std::string& id : events) made.events.emplace_back(event()).id = id;
  return made;
}

PublisherStatus settled(const PublisherQueue& queue) {
  for (int i = 0; i < 2000 && queue.status().queued > 0; ++i) std::this_thread::sleep_for(5ms);
  return queue.status();
}

TEST(PublisherQueue, TriesAgainUntilItIsTaken) {
  std::atomic<int> failures = 3;
  PublisherQueue queue("x", std::make_unique<Flaky>(failures, Errc::kUnavailable), {.first_pause = 1ms});
  ASSERT_TRUE(queue.accept({"", {sample(), sample()}, {event()}}));
  const PublisherStatus status = settled(queue);
  EXPECT_EQ(status.delivered, 3u);
  EXPECT_EQ(status.failures, 3u);
  EXPECT_EQ(status.dropped, 0u);
  EXPECT_EQ(status.last_error, "not now");
}

TEST(PublisherQueue, CountsWhatItGivesUp) {
  std::atomic<int> failures = 1'000;
  PublisherQueue refused("x", std::make_unique<Flaky>(failures, Errc::kInvalid), {.first_pause = 1ms});
  ASSERT_TRUE(refused.accept({"", {sample()}, {}}));
  EXPECT_EQ(settled(refused).dropped, 1u);
  PublisherQueue tired("x", std::make_unique<Flaky>(failures, Errc::kUnavailable),
                       {.max_retries = 3, .first_pause = 1ms});
  ASSERT_TRUE(tired.accept({"", {sample()}, {}}));
  EXPECT_EQ(settled(tired).dropped, 1u);
  EXPECT_EQ(settled(tired).failures, 4u);
}

TEST(PublisherQueue, OneRefusedBatchIsNoFailureForEver) {
  std::atomic<int> failures = 1;
  PublisherQueue recent("x", std::make_unique<Flaky>(failures, Errc::kInvalid), {});
  ASSERT_TRUE(recent.accept({"", {sample()}, {}}));
  EXPECT_TRUE(settled(recent).failing);
  ASSERT_TRUE(recent.accept({"", {sample()}, {}}));
  EXPECT_FALSE(settled(recent).failing);
  failures = 1;
  PublisherQueue older("x", std::make_unique<Flaky>(failures, Errc::kInvalid), {.failing_for = 0s});
  ASSERT_TRUE(older.accept({"", {sample()}, {}}));
  EXPECT_EQ(settled(older).dropped, 1u);
  EXPECT_FALSE(older.status().failing) << "nothing is left that could succeed";
  failures = 1'000;
  PublisherQueue waiting("x", std::make_unique<Flaky>(failures, Errc::kUnavailable),
                         {.first_pause = 1h, .failing_for = 0s});
  ASSERT_TRUE(waiting.accept({"", {sample()}, {}}));
  for (int i = 0; i < 2000 && waiting.status().failures == 0; ++i) std::this_thread::sleep_for(5ms);
  EXPECT_TRUE(waiting.status().failing);
}

TEST(PublisherQueue, AnAttemptThatHangsIsGivenUpWhenItStops) {
  const SilentHost host;
  for (const char* scheme : {"http", "gnocchi"}) {
    const std::size_t before = host.asked();
    auto hanging = std::make_unique<PublisherQueue>("x", publisher(host.url(scheme) + "?timeout=300"),
                                                    PublisherQueueOptions{.last_word = 10ms});
    ASSERT_TRUE(hanging->accept(batch({"a"})));
    EXPECT_TRUE(host.wait_until_asked(before + 1)) << scheme;
    const auto begun = std::chrono::steady_clock::now();
    hanging.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 60s) << scheme;
  }
}

/// All of them together take longer than one may.
TEST(PublisherQueue, ManyQuickRequestsAreNotCutOffWhenItStops) {
  Receiver receiver;
  receiver.thinks_for = 20ms;
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(std::to_string(i));
  Outgoing outgoing = batch(ids);
  for (MeterSample& one : outgoing.samples) one.resource_id = one.id;
  {
    PublisherQueue queue("x", publisher(receiver.at("prometheus", "/metrics/job/x")),
                         {.farewell = 300s, .last_word = 1s});
    ASSERT_TRUE(queue.accept(outgoing));
  }
  EXPECT_EQ(receiver.requests().size(), ids.size());
}

/// Takes nothing before it is opened: until then whoever publishes hangs.
class Gate final : public Publisher {
 public:
  struct State {
    Mutex mutex;
    CondVar changed;
    bool open = false, entered = false;
    std::vector<std::string> taken;  ///< ids
  };
  Gate(std::shared_ptr<State> state, bool takes_events)
      : state_(std::move(state)), takes_events_(takes_events) {}

  Result<void> publish(const Outgoing& outgoing) override {
    std::unique_lock lock(state_->mutex);
    state_->entered = true;
    state_->changed.notify_all();
    state_->changed.wait(lock, [this] { return state_->open; });
    for (const MeterSample& one : outgoing.samples) state_->taken.push_back(one.id);
    for (const Event& one : outgoing.events) state_->taken.push_back(one.id);
    return {};
  }
  bool takes_events() const override { return takes_events_; }

 private:
  const std::shared_ptr<State> state_;
  const bool takes_events_;
};

/// A queue whose publisher hangs, with "a" in its hands.
class HangingPublisher : public testing::Test {
 protected:
  void start(QueuePolicy policy, std::size_t max_queued) {
    queue = std::make_unique<PublisherQueue>(
        "x", std::make_unique<Gate>(gate, takes_events),
        PublisherQueueOptions{.policy = policy, .max_queued = max_queued, .farewell = farewell});
    ASSERT_TRUE(queue->accept(batch({"a"})));
    std::unique_lock lock(gate->mutex);
    gate->changed.wait(lock, [this] { return gate->entered; });
  }
  void TearDown() override { open(); }
  void open() {
    Lock lock(gate->mutex);
    gate->open = true;
    gate->changed.notify_all();
  }
  /// What the other side has when nothing is queued any more.
  std::vector<std::string> taken() {
    open();
    settled(*queue);
    Lock lock(gate->mutex);
    return gate->taken;
  }

  std::shared_ptr<Gate::State> gate = std::make_shared<Gate::State>();
  bool takes_events = true;
  Duration farewell = 60s;
  std::unique_ptr<PublisherQueue> queue;
};

TEST_F(HangingPublisher, OfAFullQueueTheOldestGo) {
  start(QueuePolicy::queue, 3);
  for (const char* id : {"b", "c"}) ASSERT_TRUE(queue->accept(batch({id}, {std::string(id) + "-event"})));
  EXPECT_EQ(queue->status().overflowed, 1u);
  ASSERT_TRUE(queue->accept(batch({"d"})));
  EXPECT_EQ(queue->status().overflowed, 2u);
  EXPECT_EQ(queue->status().queued, 4u);
  EXPECT_THAT(taken(), ElementsAre("a", "c", "c-event", "d"));
  EXPECT_EQ(queue->status().delivered, 4u);
  EXPECT_EQ(queue->status().dropped, 0u);
}

TEST_F(HangingPublisher, OfABatchLargerThanTheQueueTheNewestStay) {
  start(QueuePolicy::queue, 2);
  ASSERT_TRUE(queue->accept(batch({"b"})));
  ASSERT_TRUE(queue->accept(batch({"c", "d"}, {"e"})));
  EXPECT_EQ(queue->status().overflowed, 2u);
  EXPECT_THAT(taken(), ElementsAre("a", "d", "e"));
}

TEST_F(HangingPublisher, TheNewestGoWhereThatIsThePolicy) {
  start(QueuePolicy::drop_newest, 3);
  ASSERT_TRUE(queue->accept(batch({"b"})));
  ASSERT_TRUE(queue->accept(batch({"c", "d"}, {"e"})));
  ASSERT_TRUE(queue->accept(batch({"f"})));
  EXPECT_EQ(queue->status().overflowed, 2u);
  EXPECT_THAT(taken(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(HangingPublisher, IsWaitedForOnlyWhereThatIsThePolicy) {
  start(QueuePolicy::queue, 3);
  EXPECT_TRUE(queue->settled(0s));
}

TEST_F(HangingPublisher, IsWaitedForUntilItHasEverything) {
  start(QueuePolicy::wait, 3);
  EXPECT_FALSE(queue->settled(0s));
  ASSERT_TRUE(queue->accept(batch({"b", "c"})));
  EXPECT_EQ(queue->accept(batch({"d", "e"})).error().code, Errc::kUnavailable);
  EXPECT_EQ(queue->status().overflowed, 0u);
  open();
  EXPECT_TRUE(queue->settled(60s));
  EXPECT_THAT(taken(), ElementsAre("a", "b", "c"));
}

TEST_F(HangingPublisher, WhatIsRefusedForWantOfRoomIsCountedWhenItIsTaken) {
  takes_events = false;
  start(QueuePolicy::wait, 1);
  ASSERT_TRUE(queue->accept(batch({"b"})));
  for (int retry = 0; retry < 3; ++retry) EXPECT_FALSE(queue->accept(batch({"c"}, {"d"})));
  EXPECT_EQ(queue->status().dropped, 0u);
  EXPECT_TRUE(queue->accept(batch({}, {"e"}))) << "of which nothing needs room";
  EXPECT_EQ(queue->status().dropped, 1u);
  EXPECT_EQ(queue->status().last_error, "x takes no events");
}

TEST(PublisherQueue, WhatAPublisherHasNoFormForHidesNoFailure) {
  std::atomic<int> failures = 1;
  PublisherQueue queue("x", std::make_unique<Flaky>(failures, Errc::kUnavailable, false),
                       {.first_pause = 1ms});
  ASSERT_TRUE(queue.accept(batch({"a"})));
  EXPECT_EQ(settled(queue).last_error, "not now");
  ASSERT_TRUE(queue.accept(batch({}, {"b"})));
  EXPECT_EQ(queue.status().last_error, "not now");
  EXPECT_EQ(queue.status().dropped, 1u);
}

TEST_F(HangingPublisher, IsToldToStopWithoutWaitingForIt) {
  start(QueuePolicy::queue, 3);
  ASSERT_TRUE(queue->accept(batch({"b"})));
  queue->stop();
  EXPECT_EQ(queue->status().queued, 2u);
  EXPECT_THAT(taken(), ElementsAre("a", "b")) << "a last attempt at what is queued";
}

TEST_F(HangingPublisher, OnlyTheFarewellOfALongQueueHoldsTheEndUp) {
  farewell = 0s;
  start(QueuePolicy::queue, 20'000);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(queue->accept(batch({"late"})));
  queue->stop();
  open();
  queue.reset();
  EXPECT_THAT(gate->taken, ElementsAre("a")) << "the one that was being sent is not cut off";
}

TEST(PublisherQueue, ABatchLargerThanItIsTakenWhereNothingMayGo) {
  std::atomic<int> failures = 0;
  PublisherQueue queue("x", std::make_unique<Flaky>(failures, Errc::kUnavailable),
                       {.policy = QueuePolicy::wait, .max_queued = 1});
  ASSERT_TRUE(queue.accept(batch({"a", "b", "c"})));
  EXPECT_TRUE(queue.settled(60s));
  EXPECT_EQ(queue.status().delivered, 3u);
}

TEST(PublisherQueue, TriesOnceWhereThatIsThePolicy) {
  std::atomic<int> failures = 1'000;
  PublisherQueue queue("x", std::make_unique<Flaky>(failures, Errc::kUnavailable),
                       {.policy = QueuePolicy::drop});
  ASSERT_TRUE(queue.accept(batch({"a", "b"})));
  const PublisherStatus status = settled(queue);
  EXPECT_EQ(status.dropped, 2u);
  EXPECT_EQ(status.failures, 1u);
}

/// Refuses the events and samples with these ids; a request of each.
class Picky final : public Publisher {
 public:
  explicit Picky(std::set<std::string> refused) : refused_(std::move(refused)) {}
  Result<void> publish(const Outgoing& outgoing) override {
    for (const MeterSample& one : outgoing.samples)
      if (refused_.contains(one.id)) return fail(Errc::kInvalid, "no");
    for (const Event& one : outgoing.events)
      if (refused_.contains(one.id)) return fail(Errc::kInvalid, "no");
    return {};
  }
  bool takes_events() const override { return true; }
  bool one_by_one() const override { return true; }

 private:
  const std::set<std::string> refused_;
};

TEST(PublisherQueue, WhatIsRefusedTakesNoOtherAlongWhereEachIsARequest) {
  PublisherQueue queue("x", std::make_unique<Picky>(std::set<std::string>{"b", "d"}), {});
  ASSERT_TRUE(queue.accept(batch({"a", "b"}, {"c", "d", "e"})));
  EXPECT_EQ(settled(queue).delivered, 3u);
  EXPECT_EQ(queue.status().dropped, 2u);
}

TEST(PublisherQueue, SamplesAreNotSentAgainBecauseEventsFailed) {
  Receiver receiver;
  receiver.answer(200);
  receiver.answer(503);
  receiver.answer(200);
  PublisherQueue queue("x", publisher(receiver.at("otlp")), {.first_pause = 1ms});
  ASSERT_TRUE(queue.accept(batch({"a"}, {"b"})));
  EXPECT_EQ(settled(queue).delivered, 2u);
  std::vector<std::string> paths;
  for (const net::Request& request : receiver.requests()) paths.push_back(request.path);
  EXPECT_THAT(paths, ElementsAre("/v1/metrics", "/v1/logs", "/v1/logs"));
}

TEST(PublisherQueue, WhatAPublisherHasNoFormForIsNotCountedAsDelivered) {
  Receiver receiver;
  const std::string url = receiver.at("remote-write", "/api/v1/write");
  auto set = PublisherSet::make({url});
  ASSERT_TRUE(set);
  ASSERT_TRUE(set->accept({url, {sample()}, {event(), event()}}));
  for (int i = 0; i < 2000 && set->status()[0].queued > 0; ++i) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(set->status()[0].delivered, 1u);
  EXPECT_EQ(set->status()[0].dropped, 2u);
  EXPECT_THAT(set->status()[0].last_error, HasSubstr("takes no events"));
  EXPECT_FALSE(publisher("udp://127.0.0.1")->takes_events());
  EXPECT_FALSE(publisher("http://127.0.0.1?template=zenoss")->takes_samples());
  for (const char* both :
       {"http://h", "otlp://h", "gnocchi://h", "zaqar://h?queue=q", "file:///x", "notifier://h"})
    EXPECT_TRUE(publisher(both)->takes_events() && publisher(both)->takes_samples()) << both;
}

TEST(PublisherSet, ReadsTheQueuesOptions) {
  const auto set =
      PublisherSet::make({"udp://127.0.0.1", "udp://127.0.0.1:1?policy=default&max_queue_length=7"});
  ASSERT_TRUE(set) << describe(set.error());
  EXPECT_EQ(set->status()[0].policy, QueuePolicy::queue);
  EXPECT_EQ(set->status()[0].max_queued, 20'000u);
  EXPECT_EQ(set->status()[1].policy, QueuePolicy::wait);
  EXPECT_EQ(set->status()[1].max_queued, 7u);
  EXPECT_EQ(PublisherSet::make({"udp://h?policy=later"}).error().field, "policy");
  EXPECT_EQ(PublisherSet::make({"udp://h?max_retries=many"}).error().field, "max_retries");
}

}  // namespace
}  // namespace sentinella::telemetry
