#include "net/stream_listener.h"

#include "net/testing.h"
#include "net/tls_certificate.h"

namespace sentinella::net {
namespace {

/// Answers each line with "PEER LINE"; "stop" pauses for good, "bad" is refused.
class EchoSession final : public StreamSession {
 public:
  EchoSession(std::shared_ptr<StreamLink> link, std::string peer, std::atomic<int>& living)
      : link_(std::move(link)), peer_(std::move(peer)), living_(living) {
    ++living_;
  }
  ~EchoSession() override { --living_; }
  Result<std::size_t> take(std::string_view unread) override {
    std::size_t taken = 0;
    for (std::size_t end; (end = unread.find('\n', taken)) != std::string_view::npos && !paused_;) {
      const std::string line(unread.substr(taken, end - taken));
      taken = end + 1;
      if (line == "bad") return fail(Errc::kInvalid, "a bad line");
      if (line == "bye") link_->close();
      paused_ = line == "stop";
      link_->send(peer_ + " " + line + "\n");
    }
    return taken;
  }
  bool paused() const override { return paused_; }
  void ended(std::string_view unread) override {
    if (!unread.empty()) link_->send("left " + std::string(unread) + "\n");
  }

 private:
  const std::shared_ptr<StreamLink> link_;
  const std::string peer_;
  std::atomic<int>& living_;
  bool paused_ = false;
};

struct StreamListenerTest : testing::Test {
  StreamListenOptions options() {
    StreamListenOptions made;
    made.allow = *AddressRange::parse_list("127.0.0.0/8, ::1");
    return made;
  }
  void start(StreamListenOptions wanted) {
    auto started = start_stream_listener(std::move(wanted), [this](auto link, const std::string& peer) {
      return std::make_unique<EchoSession>(std::move(link), peer, living);
    });
    ASSERT_TRUE(started) << started.error().message;
    listener = *std::move(started);
  }

  std::atomic<int> living = 0;
  std::unique_ptr<StreamListener> listener;
};

TEST_F(StreamListenerTest, LinesAreAnsweredHoweverTheyAreCut) {
  start(options());
  auto stream = dial(listener->port());
  ASSERT_TRUE(stream->write("one\ntw", 5s));
  EXPECT_EQ(read_until(*stream, "\n"), "127.0.0.1 one\n");
  ASSERT_TRUE(stream->write("o\n", 5s));
  EXPECT_EQ(read_until(*stream, "\n"), "127.0.0.1 two\n");
  EXPECT_EQ(listener->statistics().open, 1u);
}

TEST_F(StreamListenerTest, TlsWorksAndTheCertificateIsReadAgain) {
  TemporaryDirectory directory;
  const TlsFiles files{directory / "c.pem", directory / "k.pem"};
  ASSERT_TRUE(ensure_self_signed(files, {"localhost"}));
  auto wanted = options();
  wanted.tls = files;
  start(std::move(wanted));
  auto stream = dial(listener->port());
  ASSERT_TRUE(stream->start_tls("localhost", {.ca_file = files.certificate.string()}, 5s));
  ASSERT_TRUE(stream->write("secret\n", 5s));
  EXPECT_EQ(read_until(*stream, "\n"), "127.0.0.1 secret\n");
  EXPECT_TRUE(listener->reload_tls());
  // Who speaks no TLS is shown the door.
  EXPECT_EQ(converse(listener->port(), "plain text\n").find("plain"), std::string::npos);
}

TEST_F(StreamListenerTest, AProxyTellsWhoIsBehindItBeforeTls) {
  TemporaryDirectory directory;
  const TlsFiles files{directory / "c.pem", directory / "k.pem"};
  ASSERT_TRUE(ensure_self_signed(files, {"localhost"}));
  auto wanted = options();
  wanted.tls = files;
  wanted.proxy_protocol = true;
  start(std::move(wanted));
  auto stream = dial(listener->port());
  ASSERT_TRUE(stream->write("PROXY TCP4 192.0.2.7 ", 5s));
  ASSERT_TRUE(stream->write("192.0.2.1 4000 514\r\n", 5s));
  ASSERT_TRUE(stream->start_tls("localhost", {.ca_file = files.certificate.string()}, 5s));
  ASSERT_TRUE(stream->write("hello\n", 5s));
  EXPECT_EQ(read_until(*stream, "\n"), "192.0.2.7 hello\n");
  EXPECT_EQ(converse(listener->port(), "no header\n"), "");
}

TEST_F(StreamListenerTest, WhoIsNotAllowedOrOneTooManyIsClosedAndCounted) {
  auto wanted = options();
  wanted.max_connections = 1;
  start(wanted);
  auto first = dial(listener->port());
  ASSERT_TRUE(first->write("one\n", 5s));
  EXPECT_EQ(read_until(*first, "\n"), "127.0.0.1 one\n");
  EXPECT_EQ(read_to_end(*dial(listener->port())), "");
  EXPECT_EQ(listener->statistics().refused, 1u);
  wanted.allow = *AddressRange::parse_list("10.0.0.0/8");
  start(wanted);
  EXPECT_EQ(read_to_end(*dial(listener->port())), "");
  EXPECT_EQ(listener->statistics().refused, 1u);
}

TEST_F(StreamListenerTest, AnErrorClosesTheConnectionAfterWhatWasAnswered) {
  start(options());
  EXPECT_EQ(converse(listener->port(), "one\nbad\ntwo\n"), "127.0.0.1 one\n");
  EXPECT_EQ(converse(listener->port(), "one\nbye\n"), "127.0.0.1 one\n");
  EXPECT_TRUE(eventually([&] { return living == 0; }));
}

TEST_F(StreamListenerTest, OneMessageMayNotFillTheMemory) {
  auto wanted = options();
  wanted.max_unread = 1000;
  start(std::move(wanted));
  EXPECT_EQ(converse(listener->port(), std::string(5000, 'x')), "");
}

TEST_F(StreamListenerTest, APausedSessionReadsNothingAndItsEndDoesNotHang) {
  start(options());
  auto stream = dial(listener->port());
  ASSERT_TRUE(stream->write("stop\nmore\n", 5s));
  EXPECT_EQ(read_until(*stream, "\n"), "127.0.0.1 stop\n");
  EXPECT_FALSE(stream->read_some(100, 50ms));
  listener.reset();
  EXPECT_EQ(living, 0);
}

}  // namespace
}  // namespace sentinella::net
