#include "agent/listen/statsd_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

TEST(StatsdListener, AnAddressIsFiguresAndAPort) {
  EXPECT_EQ(parse_udp_address("127.0.0.1:8125")->port, 8125);
  EXPECT_EQ(parse_udp_address("[::1]:8125")->address, "::1");
  for (const char* bad : {"8125", "localhost:8125", "127.0.0.1:", "127.0.0.1:99999", ":8125", "127.0.0.1:x"})
    EXPECT_FALSE(parse_udp_address(bad)) << bad;
}

TEST(StatsdListener, WhatProgramsSendIsHandedOverWithTheHostsName) {
  auto loop = *EventLoop::create();
  ManualClock clock(kSomeTime);
  auto listener = StatsdListener::open(*loop, "127.0.0.1:0", clock);
  ASSERT_TRUE(listener) << describe(listener.error());
  const FileDescriptor sender(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons((*listener)->port());
  for (std::string_view text :
       {"jobs.done:3|c|#queue:a,host:liar\njobs.done:2|c|#queue:a,host:liar", "depth:7|g", "x"})
    ASSERT_GT(
        ::sendto(sender.get(), text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  loop->run_once(1s);
  std::vector<SeriesSamples> series;
  (*listener)->write(series, "ctl1", kSomeTime + 10s);
  std::vector<std::string> texts;
  for (const SeriesSamples& s : series)
    texts.push_back(fmt::format("{} {}", s.labels.to_string(), s.samples[0].value));
  EXPECT_THAT(texts, IsSupersetOf({R"(jobs_done_total{host="ctl1",queue="a"} 5)", R"(depth{host="ctl1"} 7)",
                                   R"(agent_statsd_lines_total{host="ctl1",result="taken"} 3)",
                                   R"(agent_statsd_lines_total{host="ctl1",result="refused"} 1)"}));
  EXPECT_THAT((*listener)->problem(), HasSubstr("1 lines were refused"));
}

}  // namespace
}  // namespace sentinella::agent
