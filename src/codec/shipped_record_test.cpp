#include "codec/shipped_record.h"

#include <gtest/gtest.h>

#include "codec/log_parser.h"
#include "codec/msgpack.h"

namespace sentinella::codec {
namespace {

LogRecord record_of(std::string_view json,
                    ShippedOrigin origin = {.time = Time{1}, .host = "peer", .service = ""}) {
  ShippedDocument document;
  const auto read = document.read_json(json);
  EXPECT_TRUE(read) << read.error().message;
  return shipped_record(document, origin);
}

TEST(ShippedRecord, FilebeatsEventBecomesItsLine) {
  const auto record = record_of(R"({"@timestamp":"2026-03-02T10:11:12.345Z","@metadata":{"beat":"filebeat"},
      "message":"2026-03-02 10:11:12.345 7 ERROR nova.x [-] boom","log":{"offset":12,"file":{"path":"/var/log/nova/nova-api.log"}},
      "host":{"name":"compute1","ip":["10.0.0.1"]},"agent":{"type":"filebeat","version":"8.1"},"input":{"type":"filestream"},
      "ecs":{"version":"8.0"},"fields":{"service":"nova-api","env":"prod"}})");
  EXPECT_EQ(record.raw, "2026-03-02 10:11:12.345 7 ERROR nova.x [-] boom");
  EXPECT_EQ(record.host, "compute1");
  EXPECT_EQ(record.service, "nova-api");
  EXPECT_EQ(record.source, "/var/log/nova/nova-api.log");
  EXPECT_EQ(record.time, Time{1'772'446'272'345'000'000});
}

TEST(ShippedRecord, FluentBitsKubernetesAndJournalNamesAreUnderstood) {
  const auto pod = record_of(R"({"log":"text\n","stream":"stderr","time":"2026-03-02T10:11:12Z",
      "kubernetes":{"pod_name":"p","host":"node1","container_name":"keystone","labels":{"a":"b"}}})");
  EXPECT_EQ(pod.raw, "text");
  EXPECT_EQ(pod.host, "node1");
  EXPECT_EQ(pod.service, "keystone");
  const auto unit = record_of(
      R"({"MESSAGE":"stopped","_HOSTNAME":"c2","_SYSTEMD_UNIT":"nova-compute.service","PRIORITY":"3"})");
  EXPECT_EQ(unit.raw, "stopped");
  EXPECT_EQ(unit.service, "nova-compute");
  EXPECT_EQ(unit.severity, Severity::error);
}

TEST(ShippedRecord, WhatStandsBesideTheMessageIsKept) {
  EXPECT_EQ(record_of(R"({"message":"paid","order":7,"who":"ann","level":"warn"})").raw,
            R"(paid {"order":7,"who":"ann"})");
  EXPECT_EQ(record_of(R"({"order":7,"tags":["a"]})").raw, R"({"order":7,"tags":["a"]})");
  EXPECT_EQ(record_of(R"({"message":"paid","level":"warn"})").severity, Severity::warning);
  EXPECT_EQ(record_of(R"({"message":{"a":"b"}})").raw, R"({"message.a":"b"})");
  EXPECT_EQ(record_of("{}").raw, "");
}

TEST(ShippedRecord, TheWayItCameSpeaksForWhatIsNotSaid) {
  const auto record = record_of(R"({"message":"x"})", {.time = Time{7}, .host = "peer", .service = "tag"});
  EXPECT_EQ(record.host, "peer");
  EXPECT_EQ(record.service, "tag");
  EXPECT_EQ(record.time, Time{7});
  const auto labelled = record_of(R"({"job":"nova","colour":"red"})",
                                  {.time = Time{7}, .host = "", .service = "", .line = "text"});
  EXPECT_EQ(labelled.raw, "text");
  EXPECT_EQ(labelled.service, "nova");
}

TEST(ShippedRecord, OslosFluentFormatterIsReadAsOslo) {
  auto record = record_of(
      R"({"message":"boom","time":"2026-03-02T10:11:12.345000","name":"nova.compute.manager","level":"ERROR",
      "filename":"m.py","lineno":7,"module":"m","funcname":"f","process_name":"MainProcess","hostname":"compute1",
      "traceback":["Traceback (most recent call last):\n","ValueError: x\n"],"error_summary":"ValueError: x",
      "context":{"request_id":"req-aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa","project_id":"p1"},"extra":{}})");
  parse_log(record);
  EXPECT_EQ(record.severity, Severity::error);
  EXPECT_EQ(record.component, "nova.compute.manager");
  EXPECT_EQ(record.host, "compute1");
  EXPECT_EQ(record.request_id, "req-aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa");
  EXPECT_TRUE(record.traceback.contains("ValueError: x"));
  EXPECT_EQ(record.message, "boom");
}

TEST(ShippedRecord, TimesOfEveryUnitAreUnderstood) {
  constexpr Time kMoment{1'772'446'272'000'000'000};
  for (const char* text : {"2026-03-02T10:11:12Z", "2026-03-02T11:11:12+01:00", "1772446272", "1772446272.0",
                           "1772446272000", "1772446272000000", "1772446272000000000"})
    EXPECT_EQ(parse_shipped_time(text), kMoment) << text;
  for (const char* text : {"", "yesterday", "-1", "nan", "0"}) EXPECT_FALSE(parse_shipped_time(text)) << text;
}

TEST(ShippedRecord, BytesOfMessagepackStayAsTheyAre) {
  std::string map;
  MsgpackWriter(map).map(2).text("log").bytes("caf\xe9").text("deep").map(1).text("er").natural(7);
  ShippedDocument document;
  ASSERT_TRUE(document.read_msgpack(map));
  EXPECT_EQ(document.at(1).name, "deep.er");
  EXPECT_EQ(shipped_record(document, {.time = {}, .host = "", .service = ""}).raw, "caf\xe9 {\"deep.er\":7}");
  EXPECT_FALSE(document.read_msgpack("\x81\x01\x01"));
  EXPECT_FALSE(document.read_msgpack("\x92\x01\x01"));
  EXPECT_FALSE(
      document.read_msgpack("\x82\xa1"
                            "a\x01"));
}

TEST(ShippedRecord, ADocumentIsBounded) {
  ShippedDocument document;
  std::string wide = "{", deep;
  for (int i = 0; i < 2000; ++i) wide += "\"f" + std::to_string(i) + "\":1,";
  wide.back() = '}';
  EXPECT_EQ(document.read_json(wide).error().code, Errc::kTooLarge);
  document.clear();
  for (int i = 0; i < 30; ++i) deep += "{\"a\":";
  ASSERT_TRUE(document.read_json(deep + "1" + std::string(30, '}')));
  EXPECT_EQ(document.size(), 1u);
  EXPECT_FALSE(document.read_json(std::string(5000, '[')));
  EXPECT_FALSE(document.read_json("[]"));
}

}  // namespace
}  // namespace sentinella::codec
