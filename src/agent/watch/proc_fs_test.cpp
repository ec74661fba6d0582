#include "agent/watch/proc_fs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sentinella::agent {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ProcFs, StatLineIsReadWhateverTheNameHolds) {
  const auto stat = parse_process_stat(
      "712 (nova) api (x)) S 1 712 712 0 -1 4194560 20913 0 3 0 1520 310 0 0 20 0 4 0 4242 340357120 25000 "
      "18446744073709551615 1 1 0 0 0 0 0 16781312 134235650 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 9\n");
  ASSERT_TRUE(stat) << describe(stat.error());
  EXPECT_EQ(stat->pid, 712);
  EXPECT_EQ(stat->parent, 1);
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->cpu_ticks, 1830u);
  EXPECT_EQ(stat->threads, 4u);
  EXPECT_EQ(stat->start_ticks, 4242u);
  EXPECT_EQ(stat->resident_pages, 25000u);
  EXPECT_FALSE(stat->may_look);
  EXPECT_FALSE(stat->forked);
  EXPECT_EQ(stat->wait_status, 9);
}

TEST(ProcFs, WhatIsNoStatLineIsRefused) {
  for (const char* text : {"", "1 (x", "1 x) S", "(x) S 1", "1 (x) S 1 2 3"})
    EXPECT_FALSE(parse_process_stat(text)) << text;
}

TEST(ProcFs, CommandLineLosesTheEmptyEndOfAChangedTitle) {
  using namespace std::string_literals;
  EXPECT_THAT(parse_command_line("a\0b\0"s), ElementsAre("a", "b"));
  EXPECT_THAT(parse_command_line("keystone uWSGI master\0\0\0\0"s), ElementsAre("keystone uWSGI master"));
  EXPECT_THAT(parse_command_line(""), IsEmpty());
  EXPECT_THAT(parse_command_line(std::string(100'000, '\0') + "x"), SizeIs(testing::Le(64u)));
}

TEST(ProcFs, ThisProcessIsFound) {
  const ProcFs proc;
  EXPECT_THAT(*proc.pids(), Contains(::getpid()));
  EXPECT_EQ(proc.stat(::getpid())->parent, ::getppid());
  EXPECT_TRUE(proc.stat(::getpid())->may_look);
  EXPECT_FALSE(proc.command_line(::getpid())->empty());
  EXPECT_FALSE(proc.stat(::getpid())->forked);
  EXPECT_GT(*proc.open_files(::getpid()), 2u);
}

TEST(ProcFs, WhoHasForkedAndRunNoProgramIsTold) {
  int wait[2];
  ASSERT_EQ(::pipe(wait), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char end = 0;
    ::close(wait[1]);
    ::_exit(static_cast<int>(::read(wait[0], &end, 1)));
  }
  EXPECT_TRUE(ProcFs().stat(child)->forked);
  ::close(wait[0]);
  ::close(wait[1]);
  ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace sentinella::agent
