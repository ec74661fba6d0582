#include "api/prometheus/write_door.h"

#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "codec/remote_write_sample.h"
#include "codec/snappy_block.h"

namespace sentinella::api {
namespace {

using codec::remote_labels;
using codec::remote_samples;
using codec::remote_series;
using testing::HasSubstr;

class WriteDoorTest : public ApiTest {
 protected:
  net::Response write(const std::string& message, const std::string& key = "",
                      const std::string& coding = "snappy",
                      const std::string& type = "application/x-protobuf") {
    net::Request request;
    request.method = "POST";
    request.path = "/prometheus/api/v1/write";
    request.headers.set("Authorization", "Bearer " + (key.empty() ? keys[Role::operator_] : key));
    request.headers.set("Content-Encoding", coding);
    request.headers.set("Content-Type", type);
    request.body = coding == "snappy" ? codec::snappy_compress(message) : message;
    return send(std::move(request));
  }
  std::string points(const std::string& query) {
    settle();
    const auto answer = object(get("/api/v1/samples?" + query));
    const auto& found = answer.at("series").as_array();
    return found.size() == 1 ? boost::json::serialize(found[0].at("points"))
                             : std::to_string(found.size()) + " series";
  }
  const std::string up = remote_labels({{"__name__", "up"}, {"host", "compute1"}, {"job", "node"}});
};

TEST_F(WriteDoorTest, WhatWasWrittenCanBeReadAndItsHostIsANode) {
  const auto message = remote_series(up + remote_samples({{1, 1'772'446'271'000}, {0, 1'772'446'272'000}}));
  EXPECT_EQ(write(message).status, 204);
  EXPECT_EQ(points("metric=up&job=node"), "[[1772446271000,1],[1772446272000,0]]");
  EXPECT_EQ(get("/api/v1/nodes/compute1").status, 200);
}

TEST_F(WriteDoorTest, GoodSeriesAreKeptWhenOthersAreBad) {
  const auto message =
      remote_series(remote_labels({{"job", "x"}}) + remote_samples({{1, 1'772'446'271'000}})) +
      remote_series(up + remote_samples({{1, 1'772'446'271'000}}));
  const auto answer = write(message);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("1 series were refused and the others kept"));
  EXPECT_THAT(answer.body, HasSubstr("has no metric name"));
  EXPECT_EQ(points("metric=up"), "[[1772446271000,1]]");
}

TEST_F(WriteDoorTest, RefusesWhatItDoesNotUnderstandWithTheRightStatus) {
  const auto good = remote_series(up + remote_samples({{1, 1'772'446'271'000}}));
  EXPECT_EQ(write(good.substr(0, good.size() - 1)).status, 400);
  EXPECT_EQ(write("not snappy", "", "identity").status, 415);
  EXPECT_EQ(write(good, "", "gzip").status, 415);
  EXPECT_EQ(write(good, "", "snappy", "application/json").status, 415);
  EXPECT_EQ(write(good, "", "snappy", "application/x-protobuf;proto=io.prometheus.write.v2.Request").status,
            415);
  EXPECT_EQ(write(std::string(65u << 20, '\0')).status, 413);
  EXPECT_EQ(write(good, keys[Role::viewer]).status, 403);
  EXPECT_EQ(write(good, "wrong").status, 401);
  EXPECT_EQ(intake->statistics().batches, 0u);
  EXPECT_EQ(write("").status, 204);
}

TEST_F(WriteDoorTest, TheSameLabelsOfTwoAccountsAreTwoSeries) {
  ASSERT_EQ(write(remote_series(up + remote_samples({{1, 1'772'446'271'000}})), their_admin).status, 204);
  ASSERT_EQ(write(remote_series(up + remote_samples({{2, 1'772'446'271'000}}))).status, 204);
  ASSERT_EQ(write(remote_series(up + remote_samples({{3, 1'772'446'272'000}})), their_admin).status, 204);
  EXPECT_EQ(points("metric=up"), "[[1772446271000,2]]");
}

TEST_F(WriteDoorTest, ARequestIsQuickOnceItsCredentialsWereGood) {
  net::Request request;
  request.method = "POST";
  request.path = "/prometheus/api/v1/write";
  request.headers.set("Authorization", "Bearer " + keys[Role::operator_]);
  EXPECT_FALSE(router->quick(request));
  ASSERT_EQ(write("").status, 204);
  EXPECT_TRUE(router->quick(request));
  request.body = std::string(300 << 10, 'x');
  EXPECT_FALSE(router->quick(request)) << "a large body takes long";
  request.body.resize(20 << 10);
  request.headers.set("Content-Encoding", "gzip");
  EXPECT_FALSE(router->quick(request)) << "may be a thousand times as much";
  request.headers.set("Content-Encoding", "snappy");
  EXPECT_TRUE(router->quick(request));
  request.path = "/api/v1/nodes";
  request.method = "GET";
  EXPECT_FALSE(router->quick(request)) << "asks the catalogue";
  request.path = "/prometheus/api/v1/write";
  EXPECT_FALSE(router->quick(request)) << "no such route";
  request.method = "POST";
  clock.advance(1s);
  EXPECT_FALSE(router->quick(request)) << "the credentials may have been revoked meanwhile";
}

}  // namespace
}  // namespace sentinella::api
