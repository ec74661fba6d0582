#include "net/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Headers, NamesIgnoreCaseAndSetReplacesEveryOne) {
  Headers headers;
  headers.add("X-Auth-Token", "a");
  headers.add("x-auth-token", "b");
  EXPECT_EQ(headers.get("X-AUTH-TOKEN"), "a");
  EXPECT_FALSE(headers.has("X-Auth"));
  headers.set("X-Auth-token", "c");
  EXPECT_EQ(headers.get("x-auth-token"), "c");
  EXPECT_EQ(headers.end() - headers.begin(), 1);
}

TEST(Query, ParametersAreDecodedInOrder) {
  EXPECT_THAT(parse_query("q=a+b%26c&start=&flag&q=2"),
              ElementsAre(Pair("q", "a b&c"), Pair("start", ""), Pair("flag", ""), Pair("q", "2")));
  EXPECT_THAT(parse_query("&&"), IsEmpty());
  EXPECT_THAT(parse_query("a=%zz&b=%4"), ElementsAre(Pair("a", "%zz"), Pair("b", "%4")));
}

TEST(Query, TheFirstValueOfAParameterCounts) {
  Request request;
  request.query = "limit=5&limit=6&empty=";
  EXPECT_EQ(query_parameter(request, "limit"), "5");
  EXPECT_EQ(query_parameter(request, "empty"), "");
  EXPECT_EQ(query_parameter(request, "lim"), std::nullopt);
}

TEST(Percent, EveryByteSurvivesTheRoundTrip) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("nova-api_1.~/"), "nova-api_1.~%2F");
  for (const char* bad : {"%", "%4", "%4g", "a%"}) EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace sentinella::net
