#include "agent/check/check_round.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/testing.h"
#include "net/http_server.h"
#include "net/loopback_socket.h"
#include "net/tls_certificate.h"

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;

/// Listens on a free port; answers one connection with a text, or never takes it: a program that stands
/// still.
class Peer {
 public:
  explicit Peer(std::string answer, bool alive = true) {
    if (alive) thread_ = std::thread([this, answer] { serve(answer); });
  }
  ~Peer() {
    socket_.stop();
    if (thread_.joinable()) thread_.join();
  }
  std::uint16_t port() const { return socket_.port(); }

 private:
  void serve(const std::string& answer) {
    const FileDescriptor caller = socket_.accept();
    if (!caller) return;
    char request[1024];
    // The database speaks first.
    if (!answer.starts_with('\x05')) static_cast<void>(::recv(caller.get(), request, sizeof request, 0));
    static_cast<void>(::send(caller.get(), answer.data(), answer.size(), MSG_NOSIGNAL));
  }
  net::LoopbackSocket socket_;
  std::thread thread_;
};

CheckTarget target(CheckScheme scheme, std::uint16_t port) {
  return {scheme, "127.0.0.1", port, "/"};
}

TEST(CheckRound, APingIsAnsweredOrSaysWhatWouldAllowIt) {
  std::ifstream setting("/proc/sys/net/ipv4/ping_group_range");
  std::int64_t least = 1, most = 0;
  setting >> least >> most;
  const std::int64_t group = ::getegid();
  const auto outcome = run_checks({target(CheckScheme::icmp, 0)}, 2s)[0];
  if (group >= least && group <= most)
    EXPECT_TRUE(outcome.up) << outcome.problem;
  else
    EXPECT_THAT(outcome.problem, HasSubstr("mend with: sysctl net.ipv4.ping_group_range"));
}

TEST(CheckRound, EveryTargetHasItsOwnOutcome) {
  Peer good("HTTP/1.1 200 OK\r\n\r\n"), failing("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  Peer database(
      std::string("\x05\0\0\0\x0a"
                  "10.11",
                  10));
  const auto outcomes =
      run_checks({target(CheckScheme::http, good.port()), target(CheckScheme::http, failing.port()),
                  target(CheckScheme::mysql, database.port())},
                 5s);
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_TRUE(outcomes[0].up) << outcomes[0].problem;
  EXPECT_EQ(outcomes[0].status, 200);
  EXPECT_FALSE(outcomes[1].up);
  EXPECT_THAT(outcomes[1].problem, HasSubstr("503"));
  EXPECT_TRUE(outcomes[2].up) << outcomes[2].problem;
}

TEST(CheckRound, AProgramThatStandsStillIsSeenThoughTheKernelTakesTheConnection) {
  Peer hung("", false);
  const auto outcomes =
      run_checks({target(CheckScheme::http, hung.port()), target(CheckScheme::https, hung.port()),
                  target(CheckScheme::memcached, hung.port()), target(CheckScheme::tcp, hung.port())},
                 100ms);
  EXPECT_THAT(outcomes[0].problem, HasSubstr("no answer within 100ms"));
  EXPECT_THAT(outcomes[1].problem, HasSubstr("no TLS handshake"));
  EXPECT_FALSE(outcomes[2].up);
  EXPECT_TRUE(outcomes[3].up) << "a connection is all that tcp asks for";
}

TEST(CheckRound, NobodyThereIsRefusedAtOnce) {
  std::uint16_t port = 0;
  {
    Peer gone("", false);
    port = gone.port();
  }
  const auto outcomes = run_checks({target(CheckScheme::http, port)}, 5s);
  EXPECT_FALSE(outcomes[0].up);
  EXPECT_THAT(outcomes[0].problem, HasSubstr("no connection: Connection refused"));
}

TEST(CheckRound, OverTlsTheCertificatesEndIsToldWhoeverSignedIt) {
  TemporaryDirectory directory;
  const net::TlsFiles files{directory / "certificate.pem", directory / "key.pem"};
  ASSERT_TRUE(net::ensure_self_signed(files, {"127.0.0.1"}));
  net::ListenOptions options;
  options.tls = files;
  const auto server = net::start_http_server(
      std::move(options), [](net::Request, net::Respond respond) { respond(net::Response{.status = 401}); });
  ASSERT_TRUE(server) << describe(server.error());
  const auto outcomes = run_checks(
      {target(CheckScheme::https, (*server)->port()), target(CheckScheme::http, (*server)->port())}, 5s);
  EXPECT_TRUE(outcomes[0].up) << outcomes[0].problem;
  EXPECT_EQ(outcomes[0].status, 401);
  ASSERT_TRUE(outcomes[0].expires);
  EXPECT_GT(*outcomes[0].expires, system_clock().now());
  EXPECT_FALSE(outcomes[1].up) << "plain HTTP to a port of TLS";
}

TEST(CheckRound, WhoIsToBeVerifiedMustShowATrustedCertificateOfItsOwn) {
  TemporaryDirectory directory;
  const net::TlsFiles files{directory / "certificate.pem", directory / "key.pem"};
  ASSERT_TRUE(net::ensure_self_signed(files, {"127.0.0.1"}));
  net::ListenOptions options;
  options.tls = files;
  const auto server = net::start_http_server(
      std::move(options), [](net::Request, net::Respond respond) { respond(net::Response{.status = 200}); });
  ASSERT_TRUE(server) << describe(server.error());
  CheckTarget trusted = target(CheckScheme::https, (*server)->port());
  trusted.options.verify = true;
  CheckTarget stranger = trusted, other_name = trusted;
  trusted.options.ca_file = other_name.options.ca_file = files.certificate;
  other_name.host = "localhost";
  const auto outcomes = run_checks({trusted, stranger, other_name}, 5s);
  EXPECT_TRUE(outcomes[0].up) << outcomes[0].problem;
  EXPECT_THAT(outcomes[1].problem, HasSubstr("its certificate is not to be trusted: self"));
  EXPECT_FALSE(outcomes[2].up) << "another name than the certificate's";
}

TEST(CheckRound, MoreThanAStatusMayBeWantedOfAnAnswer) {
  Peer whole("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"up\": false}");
  Peer until_closed("HTTP/1.1 200 OK\r\n\r\nall is well");
  CheckTarget fields = target(CheckScheme::http, whole.port()),
              text = target(CheckScheme::http, until_closed.port());
  fields.options.expectation.fields = {{"up", "true"}};
  text.options.expectation.body = "is well";
  const auto outcomes = run_checks({fields, text}, 5s);
  EXPECT_EQ(outcomes[0].problem, "its answer's up is false, and true is expected");
  EXPECT_TRUE(outcomes[1].up) << outcomes[1].problem;
}

TEST(CheckRound, NothingToAskIsNoWork) {
  EXPECT_TRUE(run_checks({}, 1s).empty());
}

}  // namespace
}  // namespace sentinella::agent
