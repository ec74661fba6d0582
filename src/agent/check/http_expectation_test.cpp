#include "agent/check/http_expectation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;

HttpExpectation expectation(std::string_view text) {
  const auto object = parse_json_object(text);
  EXPECT_TRUE(object) << text;
  const auto parsed = parse_expectation(*object);
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return parsed.value_or(HttpExpectation{});
}

std::string refused(std::string_view text) {
  const auto parsed = parse_expectation(*parse_json_object(text));
  return parsed ? "" : describe(parsed.error());
}

std::string judged(std::string_view expected, std::string_view answer) {
  return unmet(expectation(expected), read_http_answer(answer));
}

TEST(HttpExpectation, WithoutAnyAStatusBelow500IsEnough) {
  EXPECT_TRUE(expectation("{}").empty());
  EXPECT_EQ(judged("{}", "HTTP/1.1 401 Unauthorized\r\n\r\n"), "");
  EXPECT_EQ(judged("{}", "HTTP/1.1 503 Service Unavailable\r\n\r\n"), "it answers 503");
}

TEST(HttpExpectation, StatusesAreNumbersOrRanges) {
  constexpr std::string_view kBoth = R"({"status": [200, "300-302"]})";
  EXPECT_EQ(judged(kBoth, "HTTP/1.1 300 Multiple Choices\r\n\r\n"), "");
  EXPECT_EQ(judged(kBoth, "HTTP/1.1 404 Not Found\r\n\r\n"), "it answers 404, and 200, 300-302 is expected");
  EXPECT_EQ(judged(R"({"status": 503})", "HTTP/1.1 503 x\r\n\r\n"), "") << "what is expected is good";
  EXPECT_THAT(refused(R"({"status": 99})"), HasSubstr("status"));
  EXPECT_THAT(refused(R"({"status": "299-200"})"), HasSubstr("status"));
  EXPECT_THAT(refused(R"({"status": ["ok"]})"), HasSubstr("status"));
}

TEST(HttpExpectation, TheBodyIsSearchedForAText) {
  constexpr std::string_view kOk = R"({"body": "OK"})";
  EXPECT_EQ(judged(kOk, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nOK\n"), "")
      << "of the body, not the head";
  EXPECT_EQ(judged(kOk, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nDOWN"),
            R"(its answer does not contain "OK")");
  EXPECT_EQ(
      judged(kOk, "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nO\r\n1;x\r\nK\r\n0\r\n\r\n"), "")
      << "also over two pieces";
}

TEST(HttpExpectation, FieldsOfAJsonBodyAreCompared) {
  constexpr std::string_view kState = R"({"json": {"db.state": "up", "nodes.0.ready": true, "lag": 0}})";
  const auto answer = [](std::string_view body) { return fmt::format("HTTP/1.1 200 OK\r\n\r\n{}", body); };
  EXPECT_EQ(judged(kState, answer(R"({"db": {"state": "up"}, "nodes": [{"ready": true}], "lag": 0})")), "");
  EXPECT_EQ(judged(kState, answer(R"({"db": {"state": "down"}})")),
            R"(its answer's db.state is "down", and "up" is expected)");
  EXPECT_EQ(judged(kState, answer(R"({"db": {"state": "up"}, "nodes": []})")),
            "its answer has no field nodes.0.ready");
  EXPECT_EQ(judged(kState, answer("<html>")), "its answer is not JSON");
  EXPECT_THAT(refused(R"({"json": {"a": {}}})"), HasSubstr("json.a"));
  EXPECT_THAT(refused(R"({"json": "a"})"), HasSubstr("json"));
}

TEST(HttpExpectation, AnAnswerIsWholeWhenItsHeadSaysSo) {
  const std::string_view whole = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
  EXPECT_TRUE(read_http_answer(whole).complete);
  EXPECT_FALSE(read_http_answer(whole.substr(0, whole.size() - 1)).complete);
  EXPECT_FALSE(read_http_answer("HTTP/1.1 200 OK\r\n\r\nhello").complete) << "its end is the connection's";
  EXPECT_EQ(read_http_answer("HTTP/1.1 200 OK\r\n\r\nhello").body, "hello");
  EXPECT_FALSE(read_http_answer("HTT").broken);
  EXPECT_TRUE(read_http_answer("SSH-2.0").broken);
  EXPECT_TRUE(read_http_answer("HTTP/1.1 2x0 OK\r\n\r\n").broken);
  EXPECT_TRUE(read_http_answer("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").broken);
}

}  // namespace
}  // namespace sentinella::agent
