#include "api/otlp/otlp_door.h"

#include "api/api_fixture.h"
#include "base/compress.h"
#include "catalog/inventory.h"

namespace sentinella::api {
namespace {

constexpr const char* kMetrics = R"({"resourceMetrics":[{"resource":{"attributes":[
  {"key":"host.name","value":{"stringValue":"compute1"}}]},"scopeMetrics":[{"metrics":[{"name":"host_load1",
  "gauge":{"dataPoints":[{"timeUnixNano":"1772446271000000000","asDouble":0.5}]}}]}]}]})";

class OtlpDoorTest : public ApiTest {
 protected:
  net::Response push(const std::string& credential, std::string body,
                     const std::string& type = "application/json", const std::string& coding = "",
                     const std::string& batch = "") {
    net::Request request;
    request.method = "POST";
    request.path = "/otlp/v1/metrics";
    request.headers.set("Authorization", "Bearer " + credential);
    if (!type.empty()) request.headers.set("Content-Type", type);
    if (!coding.empty()) request.headers.set("Content-Encoding", coding);
    if (!batch.empty()) request.headers.set("Sentinella-Batch", batch);
    request.body = std::move(body);
    return send(std::move(request));
  }
};

TEST_F(OtlpDoorTest, WhatWasTakenCanBeReadAndItsHostIsANode) {
  ASSERT_EQ(push(keys[Role::operator_], kMetrics).status, 200);
  settle();
  const auto answer = object(get("/api/v1/samples?metric=host_load1&host=compute1"));
  const auto& found = answer.at("series").as_array();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(boost::json::serialize(found[0].at("points")), "[[1772446271000,5E-1]]");
  EXPECT_EQ(get("/api/v1/nodes/compute1").status, 200);
}

TEST_F(OtlpDoorTest, TakesTheUsualCodings) {
  EXPECT_EQ(push(keys[Role::operator_], gzip_compress(kMetrics), "application/json", "gzip").status, 200);
  EXPECT_EQ(
      push(keys[Role::operator_], zstd_compress(kMetrics), "application/json; charset=utf-8", "zstd").status,
      200);
  EXPECT_EQ(push(keys[Role::operator_], "", "application/x-protobuf").status, 200);
}

TEST_F(OtlpDoorTest, RefusesWhatItDoesNotUnderstandWithTheRightStatus) {
  const struct {
    std::string body, type, coding;
    int status;
  } table[] = {{"{", "application/json", "", 400},
               {"\xff\xff\xff", "application/x-protobuf", "", 400},
               {kMetrics, "text/plain", "", 415},
               {kMetrics, "", "", 415},
               {kMetrics, "application/json", "br", 415},
               {"no gzip", "application/json", "gzip", 400},
               {gzip_compress(std::string(65u << 20, ' ')), "application/json", "gzip", 413}};
  for (const auto& row : table)
    EXPECT_EQ(push(keys[Role::operator_], row.body, row.type, row.coding).status, row.status)
        << row.type << " " << row.coding << " " << row.body.substr(0, 20);
  EXPECT_EQ(intake->statistics().batches, 0u);
}

TEST_F(OtlpDoorTest, AnAgentsBatchSentAgainIsTakenOnce) {
  const auto agent = agent_credential();
  EXPECT_EQ(push(agent, kMetrics, "application/json", "", "ff-1").status, 200);
  EXPECT_EQ(push(agent, kMetrics, "application/json", "", "ff-1").status, 200);
  settle();
  EXPECT_EQ(intake->statistics().duplicates, 1u);
  EXPECT_EQ(intake->statistics().samples, 1u);
  EXPECT_EQ(push(keys[Role::operator_], kMetrics, "application/json", "", "ff-1").status, 400);
  EXPECT_EQ(push(agent, kMetrics, "application/json", "", "ff").status, 400);
}

TEST_F(OtlpDoorTest, LogLinesAreParsed) {
  const auto line =
      "2026-03-02 10:11:10.123 2712 ERROR nova.compute.manager [None "
      "req-9d1c7a44-5a52-4f0f-9d8e-0f6a6c2b7a11 "
      "- - - - - -] Instance failed to spawn";
  ASSERT_EQ(send_log(keys[Role::operator_], line).status, 200);
  settle();
  const auto found = items(get("/api/v1/logs/search?q=spawn&severity=ERROR"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].at("component"), "nova.compute.manager");
  EXPECT_EQ(found[0].at("message"), "Instance failed to spawn");
  EXPECT_EQ(found[0].at("pid"), 2712);
  EXPECT_EQ(found[0].at("raw"), line);
  EXPECT_NE(found[0].at("template_id"), "0000000000000000");
}

TEST_F(OtlpDoorTest, ADeletedNodeComesBackWhenItSendsAgain) {
  ASSERT_EQ(push(keys[Role::operator_], kMetrics).status, 200);
  ASSERT_EQ(call("DELETE", "/api/v1/nodes/compute1", keys[Role::operator_]).status, 204);
  EXPECT_EQ(get("/api/v1/nodes/compute1").status, 404);
  ASSERT_EQ(push(keys[Role::operator_], kMetrics).status, 200);
  EXPECT_EQ(get("/api/v1/nodes/compute1").status, 200);
}

TEST(BatchHeader, IsEpochInHexAndSequenceFromOne) {
  const auto id = otlp::parse_batch_header("ffffffffffffffff-18446744073709551615").value();
  EXPECT_EQ(id.epoch, UINT64_MAX);
  EXPECT_EQ(id.sequence, UINT64_MAX);
  for (const auto* bad : {"", "-", "-1", "1-", "1-0", "g-1", "1--1", "0x1-1", "1-1 ", " 1-1",
                          "1ffffffffffffffff-1", "1-18446744073709551616"})
    EXPECT_FALSE(otlp::parse_batch_header(bad)) << bad;
}

}  // namespace
}  // namespace sentinella::api
