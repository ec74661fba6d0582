#include "agent/check/check_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;

TEST(CheckTarget, UrlsAreRead) {
  const auto http = parse_check_url("https://cloud.example:5000/v3?x=1");
  ASSERT_TRUE(http);
  EXPECT_EQ(http->scheme, CheckScheme::https);
  EXPECT_EQ(http->host, "cloud.example");
  EXPECT_EQ(http->port, 5000);
  EXPECT_EQ(http->path, "/v3?x=1");
  EXPECT_EQ(parse_check_url("https://x")->port, 443);
  EXPECT_EQ(parse_check_url("mysql://[::1]:3306")->host, "::1");
  EXPECT_EQ(parse_check_url("amqp://10.0.0.1:5672")->port, 5672);
}

TEST(CheckTarget, APingNeedsNoPortAndCountsWhenOurTextComesBack) {
  const auto ping = parse_check_url("icmp://10.0.0.1");
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->port, 0);
  const std::string sent = check_request(*ping);
  std::string reply = sent;
  reply[0] = '\0';
  EXPECT_EQ(judge_reply(CheckScheme::icmp, reply).reply, Reply::good);
  reply[0] = '\x81';
  EXPECT_EQ(judge_reply(CheckScheme::icmp, reply).reply, Reply::good);
  EXPECT_EQ(judge_reply(CheckScheme::icmp, sent).reply, Reply::bad) << "a request is no reply";
  reply.back() = '?';
  EXPECT_EQ(judge_reply(CheckScheme::icmp, reply).reply, Reply::bad) << "somebody else's text";
}

TEST(CheckTarget, WhatCannotBeAskedIsRefusedWithAReason) {
  EXPECT_THAT(parse_check_url("ftp://x:21").error().message, HasSubstr("http://"));
  EXPECT_THAT(parse_check_url("127.0.0.1:80").error().message, HasSubstr("does not begin"));
  EXPECT_THAT(parse_check_url("mysql://x").error().message, HasSubstr("port"));
  EXPECT_THAT(parse_check_url("tcp://[::1]").error().message, HasSubstr("port"));
  EXPECT_THAT(parse_check_url("tcp://x:1/y").error().message, HasSubstr("path"));
  EXPECT_FALSE(parse_check_url("http://x:99999/"));
  EXPECT_FALSE(parse_check_url("http://x/\r\nHost: y"));
}

TEST(CheckTarget, AnApiThatAsksForATokenAnswersAndOneThatFailsDoesNot) {
  EXPECT_EQ(judge_reply(CheckScheme::http, "HTTP/1.1 401 Unauthorized\r\n").reply, Reply::good);
  EXPECT_EQ(judge_reply(CheckScheme::http, "HTTP/1.0 300 Multiple").status, 300);
  EXPECT_EQ(judge_reply(CheckScheme::https, "HTTP/1.1 20").reply, Reply::more);
  const auto failing = judge_reply(CheckScheme::http, "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(failing.reply, Reply::bad);
  EXPECT_THAT(failing.problem, HasSubstr("503"));
  EXPECT_EQ(judge_reply(CheckScheme::http, "SSH-2.0").reply, Reply::bad);
  EXPECT_EQ(judge_reply(CheckScheme::http, "HTTP/1.1 xyz").reply, Reply::bad);
}

TEST(CheckTarget, GreetingsOfTheInfrastructureAreKnown) {
  // As MariaDB 10.11 sends it, and as it refuses.
  EXPECT_EQ(judge_reply(CheckScheme::mysql, std::string_view("\x5d\0\0\0\x0a"
                                                             "5.5.5-10.11.6-MariaDB",
                                                             26))
                .reply,
            Reply::good);
  const auto refused = judge_reply(CheckScheme::mysql, std::string_view("\x17\0\0\0\xff\x10\x04"
                                                                        "Too many connections",
                                                                        27));
  EXPECT_EQ(refused.reply, Reply::bad);
  EXPECT_THAT(refused.problem, HasSubstr("Too many connections"));
  EXPECT_EQ(judge_reply(CheckScheme::mysql, "abc").reply, Reply::more);
  EXPECT_EQ(judge_reply(CheckScheme::amqp, std::string_view("\1\0\0\0\0\1\xf5\0\x0a", 9)).reply, Reply::good);
  EXPECT_EQ(judge_reply(CheckScheme::amqp, "HTTP/1.1").reply, Reply::bad);
  EXPECT_EQ(judge_reply(CheckScheme::memcached, "VERSION 1.6.18\r\n").reply, Reply::good);
  EXPECT_EQ(judge_reply(CheckScheme::memcached, "VER").reply, Reply::more);
  EXPECT_EQ(judge_reply(CheckScheme::redis, "-NOAUTH Authentication required.\r\n").reply, Reply::good);
  EXPECT_EQ(judge_reply(CheckScheme::ssh, "SSH-2.0-OpenSSH_9.2p1\r\n").reply, Reply::good);
}

}  // namespace
}  // namespace sentinella::agent
