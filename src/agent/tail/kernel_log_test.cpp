#include "agent/tail/kernel_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

TEST(KernelLog, ARecordOfTheKernelIsRead) {
  const auto message = parse_kernel_message(
      "3,1402,98765432,-;Out of memory: Killed process 4242 (nova-compute) total-vm:1kB\n SUBSYSTEM=mm\n "
      "DEVICE=x\n");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->priority, 3u);
  EXPECT_TRUE(message->from_kernel);
  EXPECT_EQ(message->sequence, 1402u);
  EXPECT_EQ(message->text, "Out of memory: Killed process 4242 (nova-compute) total-vm:1kB");
  EXPECT_EQ(
      kernel_log_line(*message, "ctl1", Time{1'790'000'000'000'000'000}),
      "<3>1 2026-09-21T14:14:58.765432Z ctl1 kernel - - - Out of memory: Killed process 4242 (nova-compute) "
      "total-vm:1kB");
}

TEST(KernelLog, WhatProgramsWriteThereIsToldApart) {
  EXPECT_FALSE(parse_kernel_message("30,2,5,-;systemd[1]: Started x.")->from_kernel);
}

TEST(KernelLog, EscapesAreUndoneAndRubbishIsNoRecord) {
  EXPECT_EQ(parse_kernel_message("6,1,2,-,caller=T1;a\\x5cb\\x0ac")->text, "a\\b c");
  for (const char* text :
       {"", ";", "6;x", "a,b,c,-;x", "6,1,99999999999999999999,-;x", "6,1,9999999999999999,-;x"})
    EXPECT_FALSE(parse_kernel_message(text)) << text;
}

TEST(KernelLog, MessagesWaitWhileNobodyTakesThem) {
  TemporaryDirectory directory;
  const std::string path = directory / "kmsg";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto loop = EventLoop::create();
  bool busy = true;
  std::vector<std::string> seen;
  ManualClock clock(Time{1});
  KernelLog log(
      **loop, clock,
      {.message = [&](const KernelMessage& m) { seen.push_back(m.text); }, .busy = [&] { return busy; }},
      path);
  ASSERT_TRUE(log.start());
  const FileDescriptor writer(::open(path.c_str(), O_WRONLY | O_NONBLOCK));
  ASSERT_TRUE(writer);
  ASSERT_TRUE(write_all(writer.get(), "6,1,2,-;one\n", path));
  (*loop)->run_once(50ms);
  (*loop)->run_once(0ms);
  EXPECT_TRUE(seen.empty());
  clock.advance(7s);
  EXPECT_EQ(log.waited(), Duration(7s)) << "a backlog is no flood";
  busy = false;
  log.poll();
  EXPECT_EQ(seen, std::vector<std::string>{"one"});
  EXPECT_EQ(log.waited(), Duration(0));
}

TEST(KernelLog, MessagesThatAreMissingAreCountedByTheirNumbers) {
  TemporaryDirectory directory;
  const std::string path = directory / "kmsg";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto loop = EventLoop::create();
  ManualClock clock(Time{1});
  std::size_t seen = 0;
  KernelLog log(**loop, clock,
                {.message = [&](const KernelMessage&) { ++seen; }, .busy = [] { return false; }}, path);
  ASSERT_TRUE(log.start());
  const FileDescriptor writer(::open(path.c_str(), O_WRONLY | O_NONBLOCK));
  const auto put = [&](std::string_view record) {
    ASSERT_TRUE(write_all(writer.get(), record, path));
    log.poll();
  };
  put("6,700,2,-;the first that is seen\n");
  put("30,701,2,-;of a program, and not ours to send\n");
  EXPECT_EQ(log.lost(), 0u);
  put("6,705,2,-;three were overwritten\n");
  EXPECT_EQ(log.lost(), 3u);
  put("rubbish\n");
  put("6,707,2,-;and one could not be read\n");
  EXPECT_EQ(log.lost(), 4u);
  EXPECT_EQ(seen, 3u);
}

TEST(KernelLog, WithoutTheRightItSaysSo) {
  const auto loop = EventLoop::create();
  ManualClock clock(Time{1});
  KernelLog log(**loop, clock, {.message = [](const KernelMessage&) {}, .busy = [] { return false; }},
                "/nowhere/kmsg");
  EXPECT_FALSE(log.start());
  log.poll();
}

}  // namespace
}  // namespace sentinella::agent
