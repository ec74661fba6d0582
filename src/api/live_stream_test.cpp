#include "api/live_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::api {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr AccountId kOurs{1};
constexpr AccountId kTheirs{2};

class FakeWriter : public net::StreamWriter {
 public:
  bool write(std::string chunk) override {
    if (!open_) return false;
    text += chunk;
    return true;
  }
  void close() override { open_ = false; }
  bool open() const override { return open_; }
  std::string text;

 private:
  bool open_ = true;
};

class LiveStreamTest : public testing::Test {
 protected:
  std::shared_ptr<FakeWriter> watch(LiveStream::Subscription subscription) {
    auto writer = std::make_shared<FakeWriter>();
    live.subscribe(std::move(subscription), writer);
    return writer;
  }
  std::shared_ptr<FakeWriter> watch(const std::string& last_event_id = "", unsigned topics = kAllTopics) {
    return watch({kOurs, topics, last_event_id, {}});
  }
  void change(const std::string& id, AccountId account = kOurs) {
    Event event;
    event.id = id;
    live.publish_change(account, event);
  }

  LiveStream live{"epoch"};
};

TEST_F(LiveStreamTest, ANewWatcherIsGreetedWithThePlaceToResumeFrom) {
  change("before");
  const auto writer = watch();
  EXPECT_THAT(writer->text,
              HasSubstr("id: epoch-1\nevent: hello\ndata: {\"epoch\":\"epoch\",\"seq\":1}\n\n"));
  EXPECT_THAT(writer->text, Not(HasSubstr("before")));
}

TEST_F(LiveStreamTest, WhatHappensIsSentAtOnceWithItsNumber) {
  const auto writer = watch();
  change("deploy-7");
  EXPECT_THAT(writer->text, HasSubstr("id: epoch-1\nevent: change\ndata: {\"id\":\"deploy-7\""));
}

TEST_F(LiveStreamTest, ALostConnectionMissesNothing) {
  change("one");
  change("two");
  change("three");
  const auto writer = watch("epoch-1");
  EXPECT_THAT(writer->text, HasSubstr("id: epoch-2\n"));
  EXPECT_THAT(writer->text, HasSubstr("id: epoch-3\n"));
  EXPECT_THAT(writer->text, Not(HasSubstr("\"one\"")));
  // hello must not carry a later place than the messages that follow it.
  EXPECT_THAT(writer->text, StartsWith("retry: 2000\nevent: hello\n"));
}

TEST_F(LiveStreamTest, WhoeverMissedTooMuchIsToldToReadAfresh) {
  for (std::size_t i = 0; i < LiveStream::kKept + 2; ++i) change("x");
  EXPECT_THAT(watch("epoch-1")->text, HasSubstr("event: resync\n"));
  EXPECT_THAT(watch("epoch-2")->text, Not(HasSubstr("event: resync\n")));
}

TEST_F(LiveStreamTest, AReplayThatWouldBeCutForItsSizeIsAResync) {
  Event event;
  event.summary = std::string(100'000, 'x');
  for (int i = 0; i < 10; ++i) live.publish_change(kOurs, event);
  const auto writer = watch("epoch-1");
  EXPECT_THAT(writer->text, HasSubstr("id: epoch-10\nevent: resync\n"));
  EXPECT_LT(writer->text.size(), 1000u);
}

TEST_F(LiveStreamTest, AnotherStartOfTheServerOrNonsenseIsAResync) {
  change("one");
  for (const auto* id :
       {"older-1", "epoch-2", "epoch-", "epoch-x", "epoch", "-1", "epoch-18446744073709551616"})
    EXPECT_THAT(watch(id)->text, HasSubstr("event: resync\n")) << id;
}

TEST_F(LiveStreamTest, OnlyTheTopicsAskedForAreSent) {
  const auto writer = watch("", kAlerts);
  change("deploy-7");
  Alert alert;
  alert.account = kOurs;
  alert.id = "a1";
  live.publish_alert(alert, "opened");
  EXPECT_THAT(writer->text, Not(HasSubstr("deploy-7")));
  EXPECT_THAT(writer->text, HasSubstr("id: epoch-2\nevent: alert\n"));
  EXPECT_THAT(writer->text, HasSubstr("\"transition\":\"opened\"}\n"));
}

TEST_F(LiveStreamTest, AnAccountSeesOnlyItsOwn) {
  const auto writer = watch();
  change("theirs", kTheirs);
  EXPECT_THAT(writer->text, Not(HasSubstr("theirs")));
  change("ours");
  EXPECT_THAT(writer->text, HasSubstr("id: epoch-1\n"));
}

TEST_F(LiveStreamTest, StatesAreToldOnlyWhenTheyChange) {
  const auto writer = watch();
  rules::NodeState node;
  node.host = "compute1";
  rules::ServiceState service;
  service.host = "compute1";
  service.service = "nova-compute";
  live.publish_states(kOurs, {service}, {node});
  EXPECT_THAT(writer->text, HasSubstr("event: node\n"));
  EXPECT_THAT(writer->text, HasSubstr("event: state\n"));

  writer->text.clear();
  node.last_seen = Time{5};
  live.publish_states(kOurs, {service}, {node});
  EXPECT_EQ(writer->text, "");

  service.status = rules::CheckStatus::down;
  live.publish_states(kOurs, {service}, {node});
  EXPECT_THAT(writer->text, HasSubstr("event: state\n"));
  EXPECT_THAT(writer->text, Not(HasSubstr("event: node\n")));
}

TEST_F(LiveStreamTest, AHeartbeatIsACommentAndEndsStreamsWhoseCredentialsAreGone) {
  bool allowed = true;
  const auto writer = watch({kOurs, kAllTopics, "", [&] { return allowed; }});
  live.heartbeat();
  EXPECT_THAT(writer->text, HasSubstr(": heartbeat\n\n"));
  allowed = false;
  live.heartbeat();
  EXPECT_FALSE(writer->open());
  EXPECT_EQ(live.subscribers(), 0u);
}

TEST_F(LiveStreamTest, ALineBreakInATextCannotForgeAMessage) {
  const auto writer = watch();
  change("x\n\nevent: alert\ndata: {}");
  EXPECT_THAT(writer->text, Not(HasSubstr("\nevent: alert")));
}

TEST(LiveStream, ShuttingDownClosesEveryStream) {
  const auto writer = std::make_shared<FakeWriter>();
  {
    LiveStream live("epoch");
    live.start_heartbeat(std::chrono::hours(1));
    live.subscribe({kOurs, kAllTopics, "", {}}, writer);
  }
  EXPECT_FALSE(writer->open());
}

}  // namespace
}  // namespace sentinella::api
