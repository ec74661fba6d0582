#include "agent/status.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/event_loop.h"
#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;

TEST(Status, TellsWhatWorksAndHowToMendTheRest) {
  AgentStatus status;
  status.version = "1";
  status.host = "h";
  status.server_url = "http://s";
  status.uplink.problem = "the server cannot be reached";
  status.uplink.last_contact = kSomeTime;
  status.watch = {
      .pidfd = true, .exit_info = false, .kernel_events = false, .kernel_events_problem = "not allowed"};
  status.services.push_back(
      {"nova-api", "/l", {7}, 3, true, "may not be read; mend with: usermod -aG adm sentinella", ""});
  status.services.push_back({"nova-cert", "", {}, 0, false, "", ""});
  status.services.push_back({"glance-api", "", {9}, 1, true, "", "process 9 stopped (state T)"});
  status.services.push_back({.name = "nova-compute",
                             .log = "",
                             .mains = {8},
                             .processes = 1,
                             .ever_seen = true,
                             .broker = "lost",
                             .broker_by_owner = true});
  status.kernel_log_problem = "the kernel's log /dev/kmsg cannot be read";
  status.kernel_records_dropped = 12;
  status.kernel_messages_lost = 34;
  status.settings = {7, true, "the server's settings of version 8 are not used: interval_seconds"};
  status.config_problem = "server_url: a text in quotes is expected";
  status.source_problems = {"rabbitmq 127.0.0.1:15672: user x is refused"};
  const auto text = status_text(to_json(status, kSomeTime + 2s));
  ASSERT_TRUE(text) << describe(text.error());
  for (const char* part :
       {"last contact 2 s ago", "pidfd: yes", "kernel process events: no (not allowed)",
        "runs, 3 processes, main [7]", "never seen here", "usermod -aG adm sentinella",
        "the server cannot be reached", "setcap cap_net_admin+ep", "HUNG, 1 process, main [9]",
        "glance-api does not respond: process 9 stopped", "of the server, version 7, on trial",
        "version 8 are not used", "setcap cap_syslog+ep", "the old one is at work: server_url",
        "user x is refused", "main [8], broker LOST (by its user)", "nova-compute runs and has lost",
        "12 records of the kernel's log were left out", "34 messages of the kernel's log were overwritten"})
    EXPECT_THAT(*text, HasSubstr(part));
}

TEST(Status, RunningAgentAnswersOnItsSocket) {
  TemporaryDirectory directory;
  const auto socket = listen_for_status(directory / "s");
  ASSERT_TRUE(socket);
  auto loop = *EventLoop::create();
  ASSERT_TRUE(loop->watch(socket->get(), [&] { answer_status(socket->get(), "{\"x\":1}"); }));
  std::string answer;
  std::atomic<bool> answered = false;
  std::thread asking([&] {
    answer = ask_status(directory / "s").value_or("none");
    answered = true;
  });
  for (int i = 0; i < 200 && !answered; ++i) loop->run_once(10ms);
  asking.join();
  EXPECT_EQ(answer, "{\"x\":1}");
}

TEST(SeenServices, SurviveARestart) {
  TemporaryDirectory directory;
  ASSERT_TRUE(save_seen(directory / "seen.json", {"nova-api", "nova-compute"}));
  EXPECT_EQ(load_seen(directory / "seen.json"), (std::set<std::string>{"nova-api", "nova-compute"}));
  EXPECT_TRUE(load_seen(directory / "none").empty());
}

}  // namespace
}  // namespace sentinella::agent
