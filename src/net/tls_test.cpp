// TLS from both sides: certificates of our own, pins, refusals, reload.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "net/testing.h"
#include "net/tls_certificate.h"

namespace sentinella::net {
namespace {

using testing::HasSubstr;
using testing::Not;

struct TlsServer {
  TemporaryDirectory directory;
  TlsFiles files{directory / "cert.pem", directory / "key.pem"};
  std::unique_ptr<HttpServer> server;

  explicit TlsServer(const std::vector<std::string>& names = {"localhost", "127.0.0.1"}) {
    const auto made = ensure_self_signed(files, names);
    EXPECT_TRUE(made) << made.error().message;
    server = serve(
        [](Request request, Respond respond) { respond(text_response(request.secure ? "tls" : "plain")); },
        {.tls = files});
  }
  std::string fingerprint() const { return certificate_fingerprint(files.certificate).value(); }
  Result<Response> get(const TlsClientOptions& options) const {
    return HttpClient(options).send({.url = url_of(*server, "/", true)});
  }
};

TEST(Tls, APinnedSelfSignedCertificateIsEnough) {
  const TlsServer tls;
  HttpClient client({.pinned_sha256 = tls.fingerprint()});
  for (int i = 0; i < 2; ++i) {
    const auto response = client.send({.url = url_of(*tls.server, "/", true)});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "tls");
  }
  EXPECT_EQ(tls.server->statistics().connections, 1u);
}

TEST(Tls, AnotherCertificateThanThePinnedOneIsRefused) {
  const TlsServer tls;
  const auto response = tls.get({.pinned_sha256 = std::string(64, 'a')});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::kUnauthorized);
  EXPECT_THAT(response.error().message,
              HasSubstr("is not the pinned one: its SHA-256 is " + tls.fingerprint()));
}

TEST(Tls, AnUntrustedCertificateIsRefusedWithTheReason) {
  const TlsServer tls;
  const auto response = tls.get({});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::kUnauthorized);
  EXPECT_EQ(response.error().message, "certificate of 127.0.0.1 is not trusted: self-signed certificate");
}

TEST(Tls, ATrustedCertificateMustNameTheHost) {
  const TlsServer good;
  EXPECT_TRUE(good.get({.ca_file = good.files.certificate.string()}));
  const TlsServer other({"example.org"});
  const auto response = other.get({.ca_file = other.files.certificate.string()});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::kUnauthorized);
  EXPECT_THAT(response.error().message, HasSubstr("IP address mismatch"));
}

TEST(Tls, ACertificateThatIsReloadedServesNewConnections) {
  const TlsServer tls;
  const std::string before = tls.fingerprint();
  HttpClient kept({.pinned_sha256 = before});
  ASSERT_TRUE(kept.send({.url = url_of(*tls.server, "/", true)}));
  std::filesystem::remove(tls.files.certificate);
  std::filesystem::remove(tls.files.key);
  ASSERT_TRUE(ensure_self_signed(tls.files, {"127.0.0.1"}));
  ASSERT_NE(tls.fingerprint(), before);
  ASSERT_TRUE(tls.server->reload_tls());
  EXPECT_TRUE(tls.get({.pinned_sha256 = tls.fingerprint()}));
  EXPECT_TRUE(kept.send({.url = url_of(*tls.server, "/", true)}));
}

TEST(Tls, ABrokenCertificateKeepsTheOldOne) {
  const TlsServer tls;
  const std::string before = tls.fingerprint();
  ASSERT_TRUE(write_file_atomic(tls.files.certificate, "not a certificate"));
  const auto reloaded = tls.server->reload_tls();
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().code, Errc::kInvalid);
  EXPECT_TRUE(tls.get({.pinned_sha256 = before}));
}

TEST(Tls, AKeyOfAnotherCertificateIsRefused) {
  const TlsServer one;
  const TlsServer two;
  const auto server = start_http_server({.tls = TlsFiles{one.files.certificate, two.files.key}},
                                        [](Request, Respond respond) { respond({}); });
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Errc::kInvalid);
}

TEST(Tls, PlainHttpOnATlsPortIsCutAndTheListenerLives) {
  const TlsServer tls;
  const auto answer = converse(tls.server->port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(answer, Not(HasSubstr("HTTP/1.1 200")));
  EXPECT_TRUE(tls.get({.pinned_sha256 = tls.fingerprint()}));
}

TEST(Tls, OlderProtocolsThanTls12AreRefusedByTheServer) {
  const TlsServer tls;
  auto stream = dial(tls.server->port());
  // A TLS 1.1 ClientHello: record header, handshake header, version 3.2, random, no session, one old cipher.
  std::string hello("\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x02", 11);
  hello += std::string(32, 'r') + std::string("\x00\x00\x02\xc0\x0a\x01\x00", 7);
  ASSERT_TRUE(stream->write(hello, 5s));
  const std::string answer = read_to_end(*stream);
  ASSERT_GE(answer.size(), 7u);
  EXPECT_EQ(answer[0], 0x15);  // alert
  EXPECT_EQ(answer[6], 70);    // protocol_version
}

TEST(Tls, LargeBodiesPassOverTls) {
  TlsServer tls;
  tls.server =
      serve([](Request request, Respond respond) { respond(text_response(std::move(request.body))); },
            {.tls = tls.files});
  HttpClient client({.pinned_sha256 = tls.fingerprint()});
  const std::string body(3u << 20, 'y');
  const auto response = client.send({.method = "PUT", .url = url_of(*tls.server, "/", true), .body = body});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_TRUE(response->body == body);
}

TEST(Tls, AStreamOverTlsIsEndedByStop) {
  TlsServer tls;
  std::atomic<bool> streaming = false;
  std::shared_ptr<StreamWriter> kept;
  tls.server = serve(
      [&](Request, Respond respond) {
        Response response;
        response.stream = [&](std::shared_ptr<StreamWriter> writer) {
          writer->write("hello");
          kept = std::move(writer);
          streaming = true;
        };
        respond(std::move(response));
      },
      {.tls = tls.files});
  std::thread stopper([&] {
    eventually([&] { return streaming.load(); });
    tls.server->stop(5s);
  });
  const auto response = tls.get({.pinned_sha256 = tls.fingerprint()});
  stopper.join();
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "hello");
}

TEST(SelfSigned, TheKeyIsPrivateAndAnExistingPairIsKept) {
  const TemporaryDirectory directory;
  const TlsFiles files{directory / "cert.pem", directory / "key.pem"};
  ASSERT_TRUE(ensure_self_signed(files, {"node1", "::1"}));
  struct stat info{};
  ASSERT_EQ(stat(files.key.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto before = certificate_fingerprint(files.certificate);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->size(), 64u);
  ASSERT_TRUE(ensure_self_signed(files, {"node2"}));
  EXPECT_EQ(certificate_fingerprint(files.certificate).value(), *before);
}

TEST(SelfSigned, HalfAPairOrAStrangeNameIsRefused) {
  const TemporaryDirectory directory;
  const TlsFiles files{directory / "cert.pem", directory / "key.pem"};
  for (const char* name : {"", "a,DNS:evil.org", "a b", "a:b"})
    EXPECT_EQ(ensure_self_signed(files, {name}).error().code, Errc::kInvalid) << name;
  EXPECT_FALSE(ensure_self_signed(files, {}));
  ASSERT_TRUE(write_file_atomic(files.key, "a key"));
  EXPECT_THAT(ensure_self_signed(files, {"node1"}).error().message, HasSubstr("cert.pem is not"));
  EXPECT_FALSE(certificate_fingerprint(files.key));
}

}  // namespace
}  // namespace sentinella::net
