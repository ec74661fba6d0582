#include "net/http_client.h"

#include <gmock/gmock.h>

#include "net/testing.h"

namespace sentinella::net {
namespace {

using testing::HasSubstr;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(Url, PartsAreToldApart) {
  const auto plain = parse_url("http://Example.org/v1/x?y=1#frag");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->tls);
  EXPECT_EQ(plain->host, "Example.org");
  EXPECT_EQ(plain->port, 80);
  EXPECT_EQ(plain->target, "/v1/x?y=1");
  const auto secure = parse_url("HTTPS://[::1]:8420?x");
  ASSERT_TRUE(secure);
  EXPECT_TRUE(secure->tls);
  EXPECT_EQ(secure->host, "::1");
  EXPECT_EQ(secure->port, 8420);
  EXPECT_EQ(secure->target, "/?x");
  EXPECT_EQ(parse_url("https://h")->port, 443);
}

TEST(Url, WhatIsNotAnHttpUrlIsRefused) {
  for (const char* bad : {"", "example.org", "ftp://h/", "http://", "http://:80/", "http://h:0/",
                          "http://h:65536/", "http://h:/", "http://h:x/", "http://u:p@h/", "http://[::1/",
                          "http://[::1]x/", "http://h/a b", "http://h/\r\nX: y", "http://h/\xc3\xa9"}) {
    const auto url = parse_url(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_EQ(url.error().code, Errc::kInvalid) << bad;
    EXPECT_EQ(url.error().field, "url") << bad;
  }
  for (const char* bad : {"h/?token=s3cret", "h/?token=s3cret&to=http://h", "ftp://h?token=s3cret"}) {
    const auto url = parse_url(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_THAT(url.error().message, testing::Not(HasSubstr("s3cret")));
  }
}

TEST(HttpClient, AConnectionIsKeptAndReopenedWhenThePeerHadClosedIt) {
  ScriptedPeer peer({{kOk, kOk}, {kOk}});
  HttpClient client;
  for (int i = 0; i < 3; ++i) {
    const auto response = client.send({.url = peer.url()});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "ok");
  }
  EXPECT_EQ(peer.connections(), 2);
}

TEST(HttpClient, AFreshConnectionThatClosesIsNotTriedAgain) {
  ScriptedPeer peer({{""}, {kOk}});
  HttpClient client;
  const auto response = client.send({.url = peer.url()});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::kUnavailable);
  EXPECT_EQ(peer.connections(), 1);
  EXPECT_TRUE(client.send({.url = peer.url()}));
}

TEST(HttpClient, ABrokenOffAnswerIsNotTriedAgain) {
  ScriptedPeer peer({{kOk, "HTTP/1.1 200 OK\r\nContent-Le"}, {kOk}});
  HttpClient client;
  ASSERT_TRUE(client.send({.url = peer.url()}));
  const auto response = client.send({.url = peer.url()});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::kCorrupt);
  EXPECT_EQ(peer.connections(), 1);
  EXPECT_TRUE(client.send({.url = peer.url()}));
}

TEST(HttpClient, BodiesOfEveryFramingAreRead) {
  ScriptedPeer peer(
      {{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\nuntil the close"}});
  HttpClient client;
  const auto chunked = client.send({.url = peer.url()});
  ASSERT_TRUE(chunked) << chunked.error().message;
  EXPECT_EQ(chunked->status, 404);
  EXPECT_EQ(chunked->body, "abc");
  EXPECT_EQ(client.send({.url = peer.url()}).value().status, 204);
  EXPECT_EQ(client.send({.method = "HEAD", .url = peer.url()}).value().body, "");
  EXPECT_EQ(client.send({.url = peer.url()}).value().body, "until the close");
  EXPECT_EQ(peer.connections(), 1);
}

TEST(HttpClient, TooMuchOrNotHttpIsAnErrorOfItsOwn) {
  const std::string large = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + std::string(20, 'x');
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 102 Processing\r\n\r\n";
  ScriptedPeer peer({{large},
                     {"HTTP/1.0 200 OK\r\n\r\n" + std::string(20, 'x')},
                     {"220 smtp.example.org ESMTP\r\n"},
                     {interim}});
  HttpClient client;
  const ClientRequest request{.url = peer.url(), .max_response_bytes = 10};
  EXPECT_EQ(client.send(request).error().code, Errc::kTooLarge);
  EXPECT_EQ(client.send(request).error().code, Errc::kTooLarge);
  EXPECT_EQ(client.send(request).error().code, Errc::kCorrupt);
  EXPECT_EQ(client.send(request).error().code, Errc::kCorrupt);
}

TEST(HttpClient, ASilentPeerTimesOut) {
  const auto server = serve(
      [](Request, Respond respond) {
        static std::vector<Respond> held;
        held.push_back(std::move(respond));
      },
      {}, 1);
  const auto response = HttpClient().send({.url = url_of(*server), .timeout = 50ms});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::kUnavailable);
  EXPECT_THAT(response.error().message, HasSubstr("timed out"));
}

TEST(HttpClient, WhatIsNoLongerWantedEndsSoon) {
  std::atomic<bool> cancelled = false, asked = false;
  std::vector<Respond> held;
  const auto server = serve([&](Request, Respond respond) {
    held.push_back(std::move(respond));
    asked = true;
  });
  std::thread regret([&] {
    eventually([&] { return asked.load(); });
    cancelled = true;
  });
  HttpClient client({}, &cancelled);
  const auto response = client.send({.url = url_of(*server), .timeout = 600s});
  regret.join();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::kUnavailable);
  EXPECT_THAT(response.error().message, HasSubstr("given up"));
  EXPECT_THAT(client.send({.url = url_of(*server)}).error().message, HasSubstr("given up"));
}

TEST(HttpClient, NoMessageHoldsWhatStandsBehindTheQuestionMark) {
  for (const char* answer : {"", "SSH-2.0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"}) {
    ScriptedPeer peer({{answer}});
    const auto response = HttpClient().send({.url = peer.url() + "a?token=s3cret"});
    ASSERT_FALSE(response) << answer;
    EXPECT_THAT(response.error().message,
                testing::AllOf(HasSubstr(peer.url() + "a"), testing::Not(HasSubstr("s3cret"))));
  }
}

TEST(HttpClient, ARefusedConnectionNamesHostPortAndCause) {
  std::uint16_t port = 0;
  {
    port = serve(echo)->port();
  }
  const auto response = HttpClient().send({.url = fmt::format("http://127.0.0.1:{}/", port)});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::kUnavailable);
  EXPECT_EQ(response.error().message,
            fmt::format("cannot connect to 127.0.0.1:{}: connection refused", port));
}

TEST(HttpClient, ARequestThatWouldSplitIsNotSent) {
  HttpClient client;
  ClientRequest request{.url = "http://127.0.0.1:1/"};
  request.headers.add("X-Note", "a\r\nX-Evil: b");
  EXPECT_EQ(client.send(request).error().code, Errc::kInvalid);
  EXPECT_EQ(client.send({.method = "GET /x", .url = "http://127.0.0.1:1/"}).error().code, Errc::kInvalid);
}

TEST(HttpClient, AnswersToTwoOriginsDoNotMix) {
  const auto one = serve([](Request, Respond respond) { respond(text_response("one")); });
  const auto two = serve([](Request, Respond respond) { respond(text_response("two")); });
  HttpClient client;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(client.send({.url = url_of(*one)}).value().body, "one");
    EXPECT_EQ(client.send({.url = url_of(*two)}).value().body, "two");
  }
}

}  // namespace
}  // namespace sentinella::net
