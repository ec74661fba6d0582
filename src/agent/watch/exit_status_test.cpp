#include "agent/watch/exit_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"
#include "agent/watch/stop_announcements.h"

namespace sentinella::agent {
namespace {

using Exit = StateReport::Exit;
using ::testing::HasSubstr;

ExitStatus code(int n) {
  return {n, std::nullopt};
}
ExitStatus signal(int n) {
  return {std::nullopt, n};
}

TEST(ExitStatus, WaitStatusIsTakenApart) {
  EXPECT_EQ(decode_wait_status(0x300).code, 3);
  EXPECT_EQ(decode_wait_status(9).signal, 9);
  EXPECT_EQ(decode_wait_status(0x8b).signal, 11) << "with a core dump";
  EXPECT_FALSE(decode_wait_status(9).code);
}

TEST(ExitStatus, EndOnRequestIsOrderlyAndTheRestIsACrash) {
  EXPECT_EQ(judge_exit(code(0), "").exit, Exit::orderly);
  for (int asked : {15, 2, 1}) EXPECT_EQ(judge_exit(signal(asked), "").exit, Exit::orderly) << asked;
  for (int fault : {9, 11, 6}) EXPECT_EQ(judge_exit(signal(fault), "").exit, Exit::crash) << fault;
  EXPECT_EQ(judge_exit(code(1), "").exit, Exit::crash);
  EXPECT_EQ(judge_exit({}, "").exit, Exit::unknown);
}

TEST(ExitStatus, AnnouncedStopIsOrderlyThoughTheCodeIsOne) {
  const ExitVerdict verdict = judge_exit(code(1), "Caught SIGTERM, exiting");
  EXPECT_EQ(verdict.exit, Exit::orderly);
  EXPECT_EQ(verdict.detail, "exit code 1; log says: Caught SIGTERM, exiting");
  EXPECT_EQ(judge_exit({}, "Caught SIGTERM").exit, Exit::orderly);
  EXPECT_EQ(judge_exit(signal(9), "Caught SIGTERM").exit, Exit::orderly)
      << "asked, then killed for being slow";
  EXPECT_EQ(judge_exit(signal(11), "Caught SIGTERM").exit, Exit::crash);
}

TEST(ExitStatus, DetailNamesTheSignal) {
  EXPECT_EQ(judge_exit(signal(9), "").detail, "killed by signal 9 (SIGKILL)");
}

TEST(StopAnnouncements, AreKnownFromTheLogsOfOpenStack) {
  for (const char* line :
       {"2026-11-21 10:06:07.123 712 INFO oslo_service.service [-] Caught SIGTERM, stopping children",
        "2026-11-21 10:06:07.123 712 INFO oslo_service.service [-] Caught SIGTERM, exiting",
        "SIGINT/SIGTERM received...killing workers...", "SIGTERM received - shutting down",
        "Received SIGTERM", "...gracefully killing workers..."})
    EXPECT_FALSE(stop_announcement(line).empty()) << line;
  EXPECT_TRUE(
      stop_announcement("2026-11-21 10:06:07.123 712 ERROR nova [-] Timed out waiting for a reply").empty());
}

TEST(StopAnnouncements, CountForTheirProcessAndForFifteenSeconds) {
  StopAnnouncements announcements;
  announcements.record("nova-api",
                       "2026-11-21 10:06:07.123 712 INFO oslo_service.service [-] Caught SIGTERM, exiting",
                       kSomeTime);
  EXPECT_EQ(announcements.take("nova-api", 712, kSomeTime - 9s, kSomeTime + 14s), "Caught SIGTERM, exiting");
  EXPECT_EQ(announcements.take("nova-api", 712, kSomeTime - 9s, kSomeTime + 16s), "");
  EXPECT_EQ(announcements.take("nova-api", 713, kSomeTime - 9s, kSomeTime), "");
  EXPECT_EQ(announcements.take("nova-compute", 712, kSomeTime - 9s, kSomeTime), "");
}

TEST(StopAnnouncements, WithoutAPidCountForTheService) {
  StopAnnouncements announcements;
  announcements.record("keystone", "SIGTERM received...brutally killing workers...", kSomeTime);
  EXPECT_THAT(announcements.take("keystone", 5, kSomeTime - 9s, kSomeTime), HasSubstr("SIGTERM"));
}

TEST(StopAnnouncements, DoNotExcuseTheCrashOfASuccessor) {
  StopAnnouncements announcements;
  announcements.record("keystone", "SIGTERM received...", kSomeTime);
  announcements.record("keystone", "...gracefully killing workers...", kSomeTime + 1s);
  EXPECT_EQ(announcements.take("keystone", 6, kSomeTime + 2s, kSomeTime + 3s), "") << "it began later";
  announcements.record("keystone", "SIGTERM received...", kSomeTime + 4s);
  announcements.record("keystone", "...gracefully killing workers...", kSomeTime + 5s);
  EXPECT_NE(announcements.take("keystone", 7, kSomeTime, kSomeTime + 6s), "");
  EXPECT_EQ(announcements.take("keystone", 8, kSomeTime, kSomeTime + 7s), "") << "they are used up";
}

TEST(StopAnnouncements, ReloadIsNoStop) {
  EXPECT_TRUE(stop_announcement("Caught SIGHUP, reloading the configuration").empty());
}

}  // namespace
}  // namespace sentinella::agent
