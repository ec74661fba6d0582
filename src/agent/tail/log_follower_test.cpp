#include "agent/tail/log_follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogFollowerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    loop = *EventLoop::create();
    follow(monotonic_clock());
  }
  void follow(const Clock& clock) {
    follower = std::make_unique<LogFollower>(
        *loop, clock, std::vector<FollowedLog>{{"svc", directory / "svc.log"}},
        LogFollower::Callbacks{[this](std::size_t log, codec::FramedRecord record) {
                                 texts.push_back(record.text);
                                 waited = std::max(waited, follower->waited(log));
                               },
                               [](std::size_t, const std::string&) {}, [this] { return busy; }});
  }
  template <typename F>
  void run_until(F done) {
    for (int i = 0; i < 1000 && !done(); ++i) loop->run_once(5ms);
    ASSERT_TRUE(done());
  }
  TemporaryDirectory directory;
  std::unique_ptr<EventLoop> loop;
  std::unique_ptr<LogFollower> follower;
  std::vector<std::string> texts;
  Duration waited{};  ///< the longest
  bool busy = false;
};

TEST_F(LogFollowerTest, HowLongALogWaitedIsKnownUntilItIsReadToItsEnd) {
  ManualClock clock(kSomeTime);
  follow(clock);
  append_to(directory / "svc.log", "");
  PositionTable positions;
  positions.mark_known(directory / "svc.log");
  positions.set_saved(system_clock().now() - 2h);
  const auto append = [&](int number) {
    append_to(directory / "svc.log", fmt::format("2026-11-22 18:00:0{0}.000 1 INFO svc [-] {0}\n", number));
  };
  append(1);
  append(2);
  follower->start(positions);
  run_until([&] { return !texts.empty(); });
  EXPECT_GE(waited, 2h);
  EXPECT_EQ(follower->waited(0), Duration(0));
  clock.advance(1h);
  busy = true;
  waited = {};
  append(3);
  append(4);
  for (int i = 0; i < 20; ++i) loop->run_once(5ms);
  follower->poll();
  clock.advance(1h);
  busy = false;
  run_until([&] { return texts.size() >= 3; });
  EXPECT_EQ(waited, 1h);
  EXPECT_EQ(follower->waited(0), Duration(0));
}

TEST_F(LogFollowerTest, LinesAreToldWithoutPolling) {
  append_to(directory / "svc.log", "old\n");
  follower->start(PositionTable());
  append_to(directory / "svc.log", "one\n");
  run_until([&] { return texts.size() == 2; });
  std::filesystem::rename(directory / "svc.log", directory / "svc.log.1");
  append_to(directory / "svc.log", "two\n");
  run_until([&] { return texts.size() == 3; });
  append_to(directory / "svc.log", "three\n");
  run_until([&] { return texts.size() == 4; });
  EXPECT_THAT(texts, ElementsAre("old", "one", "two", "three"));
}

TEST_F(LogFollowerTest, ALogThatAppearsLaterIsReadFromItsBeginningAndItsNumberIsUsedAgain) {
  follower->start(PositionTable());
  append_to(directory / "vm1.log", "first\n");
  EXPECT_EQ(follower->add({"svc", directory / "vm1.log", true}), 1u);
  run_until([&] { return texts.size() == 1; });
  append_to(directory / "vm1.log", "second\n");
  run_until([&] { return texts.size() == 2; });
  EXPECT_EQ(follower->add({"svc", directory / "vm2.log", true}), 2u);
  std::filesystem::remove(directory / "vm1.log");
  run_until([&] { return !follower->source(1).exists() && !follower->source(1).has_open_record(); });
  follower->take_positions();
  append_to(directory / "vm3.log", "third\n");
  EXPECT_EQ(follower->add({"svc", directory / "vm3.log", true}), 1u);
  run_until([&] { return texts.size() == 3; });
  EXPECT_THAT(texts, ElementsAre("first", "second", "third"));
  EXPECT_EQ(follower->logs().size(), 3u);
}

TEST_F(LogFollowerTest, AFileThatWasRenamedIsHeldUnderItsOldName) {
  append_to(directory / "svc.log", "one\n");
  follower->start(PositionTable());
  run_until([&] { return texts.size() == 1; });
  std::filesystem::rename(directory / "svc.log", directory / "svc.old");
  append_to(directory / "other.log", "x\n");
  EXPECT_TRUE(follower->holds(directory / "svc.old"));
  EXPECT_FALSE(follower->holds(directory / "other.log"));
  EXPECT_FALSE(follower->holds(directory / "svc.log"));
}

TEST_F(LogFollowerTest, DirectoryThatWasReplacedIsWatchedAgain) {
  const auto folder = directory / "logs";
  std::filesystem::create_directory(folder);
  follower = std::make_unique<LogFollower>(
      *loop, monotonic_clock(), std::vector<FollowedLog>{{"svc", folder / "svc.log"}},
      LogFollower::Callbacks{
          [this](std::size_t, codec::FramedRecord record) { texts.push_back(record.text); },
          [](std::size_t, const std::string&) {}, [] { return false; }});
  append_to(folder / "svc.log", "one\n");
  follower->start(PositionTable());
  run_until([&] { return texts.size() == 1; });
  std::filesystem::rename(folder, directory / "old");
  std::filesystem::create_directory(folder);
  for (int i = 0; i < 5; ++i) loop->run_once(5ms);
  follower->poll();
  append_to(folder / "svc.log", "two\n");
  run_until([&] { return texts.size() == 2; });
  EXPECT_THAT(texts, ElementsAre("one", "two"));
}

TEST_F(LogFollowerTest, PositionsAreGivenOnceForWhatWasHandedOver) {
  append_to(directory / "svc.log", "");
  follower->start(PositionTable());
  append_to(directory / "svc.log", "one\n");
  run_until([&] { return texts.size() == 1; });
  const auto positions = follower->take_positions();
  ASSERT_EQ(positions.size(), 1u);
  EXPECT_EQ(positions[0].offset, 4u);
  EXPECT_THAT(follower->take_positions(), IsEmpty());
}

TEST_F(LogFollowerTest, FilesWaitWhileNobodyCanTakeRecords) {
  append_to(directory / "svc.log", "");
  follower->start(PositionTable());
  busy = true;
  append_to(directory / "svc.log", "one\n");
  for (int i = 0; i < 20; ++i) loop->run_once(5ms);
  EXPECT_THAT(texts, IsEmpty());
  busy = false;
  run_until([&] { return texts.size() == 1; });
}

TEST_F(LogFollowerTest, TheLastRecordIsCompleteWhenItsLogWasQuiet) {
  ManualClock clock(kSomeTime);
  append_to(directory / "svc.log", "");
  follow(clock);
  follower->start(PositionTable());
  append_to(directory / "svc.log", "one\n");
  for (int i = 0; i < 50; ++i) loop->run_once(5ms);
  EXPECT_THAT(texts, IsEmpty());
  clock.advance(1s);
  run_until([&] { return texts.size() == 1; });
}

TEST_F(LogFollowerTest, DrainHandsOverAllThatWasWrittenBeforeADeath) {
  append_to(directory / "svc.log", "");
  follower->start(PositionTable());
  append_to(directory / "svc.log", "Caught SIGTERM\n");
  follower->drain("svc", 1s);
  EXPECT_THAT(texts, ElementsAre("Caught SIGTERM"));
}

}  // namespace
}  // namespace sentinella::agent
