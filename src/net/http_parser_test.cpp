#include "net/http_parser.h"

#include <gtest/gtest.h>

#include "net/response_head.h"

namespace sentinella::net {
namespace {

using namespace std::string_literals;

MessageParser request_parser(ParserLimits limits = {.header_bytes = 1024, .body_bytes = 64}) {
  return MessageParser(MessageKind::request, limits);
}

TEST(MessageParser, ARequestReadsTheSameInPiecesOfAnySize) {
  const std::string text =
      "\r\nPOST /v1/x?a=1 HTTP/1.1\r\nHost: h\r\nX-Tag:  a b\t\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;ext=\"v\"\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: t\r\n\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    auto parser = request_parser();
    for (std::size_t at = 0; at < text.size(); at += piece)
      ASSERT_EQ(parser.put(std::string_view(text).substr(at, piece)).value(),
                std::min(piece, text.size() - at));
    ASSERT_TRUE(parser.done()) << piece;
    EXPECT_EQ(parser.method(), "POST");
    EXPECT_EQ(parser.target(), "/v1/x?a=1");
    EXPECT_EQ(parser.headers().get("x-tag"), "a b");
    EXPECT_EQ(parser.body(), "hello!");
    EXPECT_TRUE(parser.keep_alive());
  }
}

TEST(MessageParser, TheNextRequestIsLeftAlone) {
  auto parser = request_parser();
  const std::string_view text = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nokGET /";
  EXPECT_EQ(parser.put(text).value(), text.size() - 5);
  EXPECT_EQ(parser.body(), "ok");
}

TEST(MessageParser, AmbiguousOrMalformedRequestsAreRefused) {
  const std::string host = "Host: h\r\n";
  const std::string cases[] = {
      "GET / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "Content-Length: 1, 1\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "Content-Length: +1\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "Content-Length: 0x1\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "Content-Length:\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "Content-Length: 18446744073709551616\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "X: a\r\n b\r\n\r\n",
      "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "X: a\rb\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "X: a\nY: b\r\n\r\n",
      "GET / HTTP/1.1\n" + host + "\n",
      "GET / HTTP/1.1\r\n" + host + "X: a\0b\r\n\r\n"s,
      "GET / HTTP/1.1\r\n" + host + "X : a\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + ": a\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "no colon\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + host + "\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "get / HTTP/1.1\r\n" + host + "\r\n",
      "GET  / HTTP/1.1\r\n" + host + "\r\n",
      "GET /a b HTTP/1.1\r\n" + host + "\r\n",
      "GET /\xc3\xa9 HTTP/1.1\r\n" + host + "\r\n",
      "GET /\r\n\r\n",
      "GET / http/1.1\r\n" + host + "\r\n",
      "GET / HTTP/1.1x\r\n" + host + "\r\n",
      " GET / HTTP/1.1\r\n" + host + "\r\n",
      "\x16\x03\x01\x02\n",
  };
  for (const std::string& text : cases) {
    auto parser = request_parser();
    const auto used = parser.put(text);
    ASSERT_FALSE(used) << text;
    EXPECT_EQ(used.error().code, Errc::kInvalid) << text;
    EXPECT_EQ(error_response(used.error()).status, 400) << text;
  }
}

TEST(MessageParser, MalformedChunksAreRefused) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* body : {"\r\n", "g\r\n", "-1\r\n", "0x1\r\n", " 1\r\n", "1\r\nab\r\n", "1\na\r\n",
                           "1 1\r\n", "1;\x01\r\n", "11111111111111111\r\n"}) {
    auto parser = request_parser();
    const auto used = parser.put(head + body);
    ASSERT_FALSE(used) << body;
    EXPECT_EQ(used.error().code, Errc::kInvalid) << body;
  }
}

TEST(MessageParser, LimitsAreToldApart) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
  const struct {
    std::string text;
    int status;
  } cases[] = {
      {head + "Content-Length: 65\r\n\r\n", 413},
      {head + "Transfer-Encoding: chunked\r\n\r\n41\r\n", 413},
      {head + "Transfer-Encoding: chunked\r\n\r\n40\r\n" + std::string(64, 'x') + "\r\n1\r\n", 413},
      {head + "X: " + std::string(1024, 'x'), 431},
      {"GET /" + std::string(1024, 'x'), 431},
      {head + "Transfer-Encoding: chunked\r\n\r\n0\r\nT: " + std::string(1024, 'x'), 431},
      {head + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {head + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
  };
  for (const auto& c : cases) {
    auto parser = request_parser();
    const auto used = parser.put(c.text);
    ASSERT_FALSE(used) << c.text;
    EXPECT_EQ(error_response(used.error()).status, c.status) << c.text;
  }
}

TEST(MessageParser, ResponsesEndByLengthChunksOrClosing) {
  MessageParser sized(MessageKind::response, {});
  ASSERT_TRUE(sized.put("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  EXPECT_TRUE(sized.done());
  EXPECT_TRUE(sized.keep_alive());

  MessageParser closed(MessageKind::response, {});
  ASSERT_TRUE(closed.put("HTTP/1.0 200\r\n\r\nall of it"));
  EXPECT_FALSE(closed.done());
  EXPECT_TRUE(closed.finish());
  EXPECT_EQ(closed.body(), "all of it");
  EXPECT_FALSE(closed.keep_alive());

  MessageParser head(MessageKind::response, {});
  head.expect_no_body();
  ASSERT_TRUE(head.put("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"));
  EXPECT_TRUE(head.done());

  MessageParser cut(MessageKind::response, {});
  ASSERT_TRUE(cut.put("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"));
  EXPECT_FALSE(cut.finish());
}

TEST(MessageParser, MalformedStatusLinesAreRefused) {
  for (const char* text :
       {"HTTP/1.1 20 OK\r\n", "HTTP/1.1 099 x\r\n", "HTTP/1.1 600 x\r\n", "HTTP/1.1 2000\r\n", "HTTP/1.1\r\n",
        "\r\n", "ICY 200 OK ....\r\n", "HTTP/2.0 200 OK\r\n"}) {
    MessageParser parser(MessageKind::response, {});
    EXPECT_FALSE(parser.put(text)) << text;
  }
}

TEST(MessageParser, ConnectionDecidesWhetherTheNextRequestMayCome) {
  const struct {
    const char* text;
    bool keep;
  } cases[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: te,  close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
  };
  for (const auto& c : cases) {
    auto parser = request_parser();
    ASSERT_TRUE(parser.put(c.text)) << c.text;
    EXPECT_EQ(parser.keep_alive(), c.keep) << c.text;
  }
}

TEST(SplitTarget, PathIsDecodedAndQueryKeptAsSent) {
  Request request;
  ASSERT_TRUE(split_target("/v1/a%20b?x=%20", request));
  EXPECT_EQ(request.path, "/v1/a b");
  EXPECT_EQ(request.query, "x=%20");
  ASSERT_TRUE(split_target("http://example.org:80?x", request));
  EXPECT_EQ(request.path, "/");
  EXPECT_EQ(request.query, "x");
  for (const char* bad : {"*", "example.org:443", "/%", "/%00", "ftp://h/"})
    EXPECT_FALSE(split_target(bad, request)) << bad;
}

}  // namespace
}  // namespace sentinella::net
