#include "agent/collect/mysql_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using namespace std::string_literals;

/// As MariaDB 10.11 sends it: scramble "abcdefgh" + "ijklmnopqrst".
std::string greeting() {
  return "\x0a"s + "5.5.5-10.11.6-MariaDB-0+deb12u1"s + "\0"s + "\x08\0\0\0"s + "abcdefgh"s + "\0"s +
         "\xfe\xf7"s + "\x2d"s + "\x02\0"s + "\xff\x81"s + "\x15"s + std::string(10, '\0') + "ijklmnopqrst"s +
         "\0"s + "mysql_native_password"s + "\0"s;
}

TEST(MysqlProtocol, TheGreetingIsRead) {
  const auto read = parse_mysql_greeting(greeting());
  ASSERT_TRUE(read) << describe(read.error());
  EXPECT_EQ(read->version, "5.5.5-10.11.6-MariaDB-0+deb12u1");
  EXPECT_EQ(read->scramble, "abcdefghijklmnopqrst");
  EXPECT_EQ(read->plugin, "mysql_native_password");
  for (std::size_t size = 0; size < greeting().size() - 30; ++size)
    EXPECT_FALSE(parse_mysql_greeting(greeting().substr(0, size))) << size;
}

TEST(MysqlProtocol, ARefusalIsInTheServersWords) {
  EXPECT_THAT(parse_mysql_greeting("\xff\x10\x04Too many connections"s).error().message,
              HasSubstr("Too many connections"));
  EXPECT_THAT(parse_mysql_login_reply("\xff\x15\x04#28000Access denied for user 'x'"s, "").error().message,
              HasSubstr("refuses: Access denied for user 'x'"));
}

TEST(MysqlProtocol, ThePasswordItselfNeverTravels) {
  // SHA1(pw) xor SHA1(scramble + SHA1(SHA1(pw))), computed with another program.
  EXPECT_EQ(to_hex(mysql_native_answer("secret", "abcdefghijklmnopqrst")),
            "8817c50fa779daef010ee7577825b0847df9842e");
  EXPECT_EQ(mysql_native_answer("", "abcdefghijklmnopqrst"), "");
  const std::string login = mysql_login("monitor", "secret", "abcdefghijklmnopqrst");
  EXPECT_THAT(login, HasSubstr("monitor\0"s));
  EXPECT_THAT(login, ::testing::Not(HasSubstr("secret")));
}

TEST(MysqlProtocol, AnotherWayOfLoginIsTakenOrNamed) {
  const auto again = parse_mysql_login_reply("\xfemysql_native_password\0tsrqponmlkjihgfedcba\0"s, "secret");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->answer, mysql_native_answer("secret", "tsrqponmlkjihgfedcba"));
  EXPECT_EQ(parse_mysql_login_reply("\xfeunix_socket\0"s, "")->answer, "");
  EXPECT_THAT(parse_mysql_login_reply("\xfe"
                                      "caching_sha2_password\0abc\0"s,
                                      "")
                  .error()
                  .message,
              HasSubstr("caching_sha2_password"));
  EXPECT_TRUE(parse_mysql_login_reply("\0\0\0\2\0\0\0"s, "")->accepted);
}

TEST(MysqlProtocol, PacketsAreTakenWholeOrNotAtAll) {
  const std::string data = mysql_packet(3, "hello") + mysql_packet(4, "x");
  for (std::size_t size = 0; size < 9; ++size) EXPECT_FALSE(first_mysql_packet(data.substr(0, size)));
  const auto packet = first_mysql_packet(data);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->number, 3);
  EXPECT_EQ(packet->payload, "hello");
  EXPECT_EQ(packet->size, 9u);
}

TEST(MysqlProtocol, RowsAreRead) {
  MysqlRows rows;
  EXPECT_FALSE(*rows.put("\x02"s));
  EXPECT_FALSE(
      *rows.put("\x03"
                "def..."s));
  EXPECT_FALSE(
      *rows.put("\x03"
                "def..."s));
  EXPECT_FALSE(*rows.put("\xfe\0\0\x22\0"s));
  EXPECT_FALSE(
      *rows.put("\x11Threads_connected\x02"
                "12"s));
  EXPECT_FALSE(
      *rows.put("\x01"
                "a\xfb"s));
  EXPECT_TRUE(*rows.put("\xfe\0\0\x22\0"s));
  EXPECT_THAT(rows.take().rows, ElementsAre(ElementsAre("Threads_connected", "12"), ElementsAre("a", "")));
}

TEST(MysqlProtocol, RowsBeyondTheBoundAreCounted) {
  MysqlRows rows;
  for (const std::string& packet : {"\x01"s, "def"s, "\xfe\0\0\x22\0"s}) EXPECT_FALSE(*rows.put(packet));
  for (std::size_t i = 0; i < DatabaseRows::kMost + 3; ++i)
    ASSERT_FALSE(
        *rows.put("\x01"
                  "a"s));
  ASSERT_TRUE(*rows.put("\xfe\0\0\x22\0"s));
  const DatabaseRows result = rows.take();
  EXPECT_EQ(result.rows.size(), DatabaseRows::kMost);
  EXPECT_EQ(result.left_out, 3u);
  EXPECT_EQ(result.complete().error().code, Errc::kTooLarge);
}

TEST(MysqlProtocol, BrokenResultsAreErrors) {
  const auto rows = [](const std::vector<std::string>& packets) {
    MysqlRows out;
    Result<bool> last = false;
    for (const std::string& packet : packets) {
      last = out.put(packet);
      if (!last) break;
    }
    return last;
  };
  EXPECT_FALSE(rows({""}));
  EXPECT_FALSE(rows({"\x41"s})) << "too many columns";
  EXPECT_FALSE(rows({"\xff\x28\x04#42000You have an error"s}));
  EXPECT_FALSE(rows({"\x02"s, "d", "d", "not the end"}));
  EXPECT_FALSE(rows({"\x02"s, "d", "d", "\xfe\0\0\x22\0"s, "\x20short"s}));
  EXPECT_FALSE(rows({"\x02"s, "d", "d", "\xfe\0\0\x22\0"s,
                     "\x01"
                     "a\xfc\x01"s}));
}

}  // namespace
}  // namespace sentinella::agent
