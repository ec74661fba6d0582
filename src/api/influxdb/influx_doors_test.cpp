#include "api/influxdb/influx_doors.h"

#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "base/compress.h"

namespace sentinella::api {
namespace {

using testing::HasSubstr;

class InfluxDoorsTest : public ApiTest {
 protected:
  net::Response write(const std::string& body, const std::string& query = "", const std::string& coding = "",
                      Role role = Role::operator_) {
    net::Request request;
    request.method = "POST";
    request.path = "/influxdb/write";
    request.query = query;
    request.headers.set("Authorization", "Bearer " + keys[role]);
    if (!coding.empty()) request.headers.set("Content-Encoding", coding);
    request.body = body;
    return send(std::move(request));
  }
  /// The points of the only series of a metric, as text.
  std::string points(const std::string& metric, const std::string& labels = "") {
    settle();
    const auto answer = object(get("/api/v1/samples?metric=" + metric + labels));
    const auto& found = answer.at("series").as_array();
    return found.size() == 1 ? boost::json::serialize(found[0].at("points"))
                             : std::to_string(found.size()) + " series";
  }
};

TEST_F(InfluxDoorsTest, WhatWasWrittenCanBeReadAndItsHostIsANode) {
  const auto answer =
      write("cpu,host=compute1,core=0 user=1.5,busy=true 1772446271000000000\n", "db=telegraf&rp=x");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(points("cpu_user", "&host=compute1&core=0"), "[[1772446271000,1.5E0]]");
  EXPECT_EQ(points("cpu_busy", "&host=compute1&core=0"), "[[1772446271000,1]]");
  EXPECT_EQ(get("/api/v1/nodes/compute1").status, 200);
}

TEST_F(InfluxDoorsTest, GoodLinesAreKeptWhenOthersAreBad) {
  const auto answer = write("a f=1 1772446271000000000\nnonsense\na f=2 1772446272000000000\nb f=x\n");
  EXPECT_EQ(answer.status, 400);
  const auto told = object(answer);
  EXPECT_THAT(std::string(told.at("error").as_string()), HasSubstr("partial write: 2 of 4 lines"));
  EXPECT_THAT(std::string(told.at("error").as_string()), HasSubstr("line 2: the line has no fields"));
  EXPECT_EQ(told.at("lines").as_array().at(1).at("line"), 4);
  EXPECT_EQ(told.at("refused"), 2);
  EXPECT_EQ(points("a_f"), "[[1772446271000,1],[1772446272000,2]]");
}

TEST_F(InfluxDoorsTest, NothingButBadLinesIsRefusedAndNothingIsJournalled) {
  EXPECT_EQ(write("nonsense\n").status, 400);
  EXPECT_EQ(write("").status, 204);
  EXPECT_EQ(write("# only a comment\n").status, 204);
  EXPECT_EQ(intake->statistics().batches, 0u);
}

TEST_F(InfluxDoorsTest, PrecisionIsTheUnitOfTimestamps) {
  EXPECT_EQ(write("s f=1 1772446271\n", "precision=s").status, 204);
  EXPECT_EQ(points("s_f"), "[[1772446271000,1]]");
  EXPECT_EQ(write("ms f=1 1772446271000\n", "db=x&precision=ms").status, 204);
  EXPECT_EQ(points("ms_f"), "[[1772446271000,1]]");
  EXPECT_EQ(write("none f=1\n", "precision=s").status, 204);
  EXPECT_EQ(points("none_f"), fmt::format("[[{},1]]", clock.now().ns / 1'000'000));
  EXPECT_EQ(write("m f=1 1\n", "precision=fortnight").status, 400);
}

TEST_F(InfluxDoorsTest, TakesGzipAndRefusesBombs) {
  EXPECT_EQ(write(gzip_compress("z f=1 1772446271000000000\n"), "", "gzip").status, 204);
  EXPECT_EQ(points("z_f"), "[[1772446271000,1]]");
  EXPECT_EQ(write("no gzip", "", "gzip").status, 400);
  EXPECT_EQ(write(gzip_compress(std::string(65u << 20, '\n')), "", "gzip").status, 413);
  EXPECT_EQ(write("z f=1", "", "br").status, 415);
}

TEST_F(InfluxDoorsTest, OnlySendersMayWrite) {
  EXPECT_EQ(write("m f=1\n", "", "", Role::viewer).status, 403);
  EXPECT_EQ(call("POST", "/influxdb/write", "", "m f=1\n").status, 401);
  EXPECT_EQ(call("POST", "/influxdb/write", agent_credential(), "m f=1\n").status, 204);
}

TEST_F(InfluxDoorsTest, AnAccountSeesOnlyItsOwnEvenWithTheSameLines) {
  const std::string line = "m,host=h f=";
  ASSERT_EQ(call("POST", "/influxdb/write", their_admin, line + "1 1772446271000000000\n").status, 204);
  ASSERT_EQ(call("POST", "/influxdb/write", keys[Role::admin], line + "2 1772446271000000000\n").status, 204);
  ASSERT_EQ(call("POST", "/influxdb/write", their_admin, line + "3 1772446272000000000\n").status, 204);
  EXPECT_EQ(points("m_f"), "[[1772446271000,2]]");
}

TEST_F(InfluxDoorsTest, ManyWritesOfTheSameSeriesAreAllThere) {
  for (int i = 0; i < 50; ++i)
    ASSERT_EQ(write(fmt::format("m,host=h f={},g={} {}\n", i, i, 1772446200 + i), "precision=s").status, 204);
  settle();
  const auto answer =
      object(get("/api/v1/samples?metric=m_g&from=2026-03-02T10:00:00Z&to=2026-03-02T10:30:00Z"));
  EXPECT_EQ(answer.at("series").as_array().at(0).at("points").as_array().size(), 50u);
}

TEST_F(InfluxDoorsTest, ADeletedNodeComesBackWhenItWritesAgain) {
  ASSERT_EQ(write("m,host=compute1 f=1\n").status, 204);
  settle();
  ASSERT_EQ(write("m,host=compute1 f=1\n").status, 204);
  ASSERT_EQ(call("DELETE", "/api/v1/nodes/compute1", keys[Role::operator_]).status, 204);
  ASSERT_EQ(write("m,host=compute1 f=1\n").status, 204);
  EXPECT_EQ(get("/api/v1/nodes/compute1").status, 200);
}

TEST_F(InfluxDoorsTest, ClientsFindWhatTheyLookFor) {
  const auto pong = call("GET", "/influxdb/ping", "");
  EXPECT_EQ(pong.status, 204);
  EXPECT_THAT(std::string(pong.headers.get("X-Influxdb-Version")), HasSubstr("1.8"));
  const auto& key = keys[Role::operator_];
  EXPECT_EQ(call("GET", "/influxdb/query?q=CREATE%20DATABASE%20x", key).status, 200);
  EXPECT_EQ(call("POST", "/influxdb/query", key, "q=CREATE+DATABASE+%22telegraf%22",
                 "application/x-www-form-urlencoded")
                .status,
            200);
  EXPECT_EQ(call("GET", "/influxdb/query?q=DROP%20DATABASE%20x", key).status, 400);
  EXPECT_EQ(
      call("POST", "/influxdb/api/v2/write?bucket=b&org=o&precision=s", key, "v2 f=1 1772446271\n").status,
      204);
  EXPECT_EQ(points("v2_f"), "[[1772446271000,1]]");
}

}  // namespace
}  // namespace sentinella::api
