#include "agent/check/database_checks.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "agent/check/check_asker.h"
#include "agent/collect/mysql_protocol.h"
#include "agent/testing.h"
#include "net/loopback_socket.h"

namespace sentinella::agent {
namespace {

using namespace std::string_literals;

/// Greets, lets in whoever has the right user, and counts how its callers leave.
class FakeDatabase {
 public:
  FakeDatabase() : thread_([this] { serve(); }) {}
  ~FakeDatabase() { close(); }
  void close() {
    socket_.stop();
    if (thread_.joinable()) thread_.join();
    socket_.close();
  }
  SourceConfig account(const std::string& user) const {
    SourceConfig account;
    account.kind = "mariadb";
    account.url = fmt::format("mysql://localhost:{}", socket_.port());
    account.user = user;
    account.password = "tea";
    return account;
  }
  CheckTarget target() const { return *parse_check_url(fmt::format("mysql://127.0.0.1:{}", socket_.port())); }

  std::atomic<int> goodbyes = 0, aborted = 0;

 private:
  void serve() {
    for (;;) {
      const FileDescriptor caller = socket_.accept();
      if (!caller) return;
      (talk(caller.get()) ? goodbyes : aborted) += 1;
    }
  }
  static bool talk(int caller) {
    const std::string greeting = "\x0a"s + "10.11.6"s + "\0"s + "\x08\0\0\0"s + "abcdefgh"s + "\0"s +
                                 "\xfe\xf7"s + "\x2d"s + "\x02\0"s + "\xff\x81"s + "\x15"s +
                                 std::string(10, '\0') + "ijklmnopqrst"s + "\0"s + "mysql_native_password"s +
                                 "\0"s;
    say(caller, mysql_packet(0, greeting));
    const std::string login = hear(caller);
    if (login.empty()) return false;
    const bool right = login.contains("monitor");
    say(caller, mysql_packet(2, right ? "\0\0\0\2\0\0\0"s : "\xff\x15\x04#28000Access denied"s));
    return hear(caller) == mysql_packet(0, mysql_quit());
  }
  static void say(int caller, const std::string& text) {
    EXPECT_EQ(::send(caller, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  static std::string hear(int caller) {
    char text[1024];
    const ssize_t size = ::recv(caller, text, sizeof text, 0);
    return {text, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }
  net::LoopbackSocket socket_;
  std::thread thread_;
};

TEST(DatabaseChecks, WhoHasAnAccountLogsInAndSaysGoodbyeEachTime) {
  FakeDatabase database;
  CheckAsker asker({database.account("monitor")});
  for (int round = 0; round < 3; ++round) EXPECT_TRUE(asker.ask({database.target()}, 5s)[0].up);
  database.close();
  EXPECT_EQ(database.goodbyes, 3);
  EXPECT_EQ(database.aborted, 0);
  EXPECT_FALSE(asker.ask({database.target()}, 5s)[0].up);
}

TEST(DatabaseChecks, WithoutAnAccountAGoodGreetingCountsForAMinute) {
  FakeDatabase database;
  ManualClock clock(kSomeTime);
  CheckAsker asker({}, clock);
  for (int round = 0; round < 7; ++round) {
    EXPECT_TRUE(asker.ask({database.target()}, 5s)[0].up);
    clock.advance(10s);
  }
  database.close();
  EXPECT_EQ(database.aborted, 2);
  clock.advance(DatabaseChecks::kGreetingPause);
  EXPECT_FALSE(asker.ask({database.target()}, 5s)[0].up);
  EXPECT_FALSE(asker.ask({database.target()}, 5s)[0].up) << "a bad one is asked again at once";
}

TEST(DatabaseChecks, ARefusedAccountSaysNothingOfTheDatabase) {
  FakeDatabase database;
  CheckAsker asker({database.account("stranger")});
  EXPECT_TRUE(asker.ask({database.target()}, 5s)[0].up);
}

TEST(DatabaseChecks, OtherTargetsAreAskedBesideThem) {
  FakeDatabase database;
  CheckAsker asker({database.account("monitor")});
  const auto nobody = *parse_check_url("tcp://127.0.0.1:1");
  const auto outcomes = asker.ask({nobody, database.target(), nobody}, 5s);
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_FALSE(outcomes[0].up);
  EXPECT_TRUE(outcomes[1].up);
  EXPECT_FALSE(outcomes[2].up);
}

}  // namespace
}  // namespace sentinella::agent
