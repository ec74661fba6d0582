#include "net/line_listener.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/mutex.h"
#include "net/testing.h"

namespace sentinella::net {
namespace {

class Sender {
 public:
  explicit Sender(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  void send(std::string_view text) {
    EXPECT_EQ(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL), std::ssize(text));
  }
  /// Waits until the listener closes.
  void expect_end() {
    char byte = 0;
    EXPECT_LE(::recv(socket_.get(), &byte, 1, 0), 0);
  }

 private:
  FileDescriptor socket_;
};

class LineListenerTest : public testing::Test {
 protected:
  std::unique_ptr<LineListener> open(LineListenerOptions options = {}) {
    if (options.allow.empty()) options.allow = AddressRange::parse_list("127.0.0.0/8").value();
    auto listener = start_line_listener(std::move(options), [this](std::string_view lines) {
      Lock lock(mutex);
      got += std::string(lines) + "|";
    });
    EXPECT_TRUE(listener) << listener.error().message;
    return std::move(*listener);
  }
  bool comes(const std::string& text) {
    return eventually([&] {
      Lock lock(mutex);
      return got == text;
    });
  }

  Mutex mutex;
  std::string got;
};

TEST_F(LineListenerTest, HandsOverWholeLinesHoweverTheyCome) {
  const auto listener = open();
  Sender sender(listener->port());
  sender.send("one\ntw");
  EXPECT_TRUE(comes("one|"));
  sender.send("o\nthree\n");
  EXPECT_TRUE(comes("one|two\nthree|"));
  {
    Sender brief(listener->port());
    brief.send("no newline");
  }
  EXPECT_TRUE(comes("one|two\nthree|no newline|"));
}

TEST_F(LineListenerTest, AnEndlessLineEndsItsConnectionAndNoOther) {
  const auto listener = open({.max_line = 1000});
  Sender good(listener->port()), bad(listener->port());
  bad.send(std::string(2000, 'x'));
  bad.expect_end();
  good.send("still here\n");
  EXPECT_TRUE(comes("still here|"));
}

TEST_F(LineListenerTest, StrangersAndOneTooManyAreTurnedAway) {
  const auto closed = open({.allow = AddressRange::parse_list("10.0.0.0/8").value()});
  Sender(closed->port()).expect_end();
  EXPECT_EQ(closed->statistics().refused, 1u);
  const auto small = open({.max_connections = 1});
  Sender first(small->port());
  first.send("a\n");
  EXPECT_TRUE(comes("a|"));
  Sender(small->port()).expect_end();
  first.send("b\n");
  EXPECT_TRUE(comes("a|b|"));
}

TEST_F(LineListenerTest, SaysWhyItCannotListen) {
  const auto listener = open();
  const auto ignore = [](std::string_view) {};
  EXPECT_EQ(start_line_listener({.port = listener->port()}, ignore).error().code, Errc::kUnavailable);
  EXPECT_EQ(start_line_listener({.host = "a name"}, ignore).error().code, Errc::kInvalid);
}

}  // namespace
}  // namespace sentinella::net
