// Logs of other clouds: releases from Folsom on, devstack, Kolla, Windows, files that were merged. The lines
// are made up in the shapes that these write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "codec/log_reader.h"

namespace sentinella::codec {
namespace {

const Time kRead = *parse_rfc3339("2026-11-21T12:00:00Z");

/// The records of a file's text; nothing may be lost.
std::vector<LogRecord> records_in(std::string_view text, LogFormat format) {
  LogReader reader;
  LogColumns columns;
  LogParser::Given given;
  given.read = kRead;
  given.origin = columns.origin_index({});
  const std::size_t taken = reader.read(text, given, columns);
  EXPECT_TRUE(reader.finish(text.substr(taken), given, columns));
  std::vector<LogRecord> records;
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < columns.size(); ++row) {
    EXPECT_EQ(to_string(columns.format[row]), to_string(format)) << columns.text(columns.raw[row]);
    records.push_back(columns.record(row));
    bytes += records.back().raw.size() + (text.ends_with('\n') ? 1 : 0);
  }
  if (text.ends_with('\n')) {
    EXPECT_EQ(bytes, text.size());
  }
  return records;
}

LogRecord only(std::string_view line, LogFormat format = LogFormat::oslo) {
  const auto records = records_in(line, format);
  EXPECT_EQ(records.size(), 1u) << line;
  return records.empty() ? LogRecord{} : records[0];
}

TEST(LogsOfClouds, ATracebackOfOldReleasesHasALevelOfItsOwnAndIsJoined) {
  const std::string at = "2014-05-06 07:08:09.123 4711 ", where = " nova.compute.manager ";
  const std::string inst = "[instance: 3f0c2a7e-1111-4222-8333-944455556666] ";
  const auto records = records_in(
      at + "ERROR" + where + "[req-0b6c7d1e-55a1-4d0e-9c0f-2f60b3a4c1d2 None None] " + inst + "Error: x\n" +
          at + "TRACE" + where + inst + "Traceback (most recent call last):\n" +                          //
          at + "TRACE" + where + inst + "  File \"/usr/lib/python2.7/manager.py\", line 7, in spawn\n" +  //
          at + "TRACE" + where + inst + "NoSpace: none left\n" +                                          //
          at + "TRACE" + where + inst + "\n" +                                                            //
          "2014-05-06 07:08:10.001 4711 AUDIT" + where + "[-] Auditing\n",
      LogFormat::oslo);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].message, "Error: x");
  EXPECT_EQ(records[0].severity, Severity::error);
  EXPECT_THAT(records[0].traceback, testing::StartsWith("Traceback (most recent call last):\n  File"));
  EXPECT_THAT(records[0].traceback, testing::HasSubstr("\nNoSpace: none left\n"));
  EXPECT_EQ(records[1].severity, Severity::audit);
}

TEST(LogsOfClouds, ANameOfAFileInFrontOfALineHidesNothing) {
  const std::string rest =
      "2017-05-16 00:00:00.008 25746 INFO nova.osapi_compute.wsgi.server "
      "[req-38101a0b-2096-447d-96ea-a692162415ae u p "
      "- - -] 10.11.10.1 \"GET /v2/p/servers HTTP/1.1\" status: 200 len: 1893 time: 0.25";
  for (const std::string name : {"nova-api.log.1.2017-05-16_13:53:08 ", "/var/log/nova/nova-api.log:",
                                 "nova-api.log:812:", "nova-api.log-20170516.gz:", "./nova/nova-api.log\t"}) {
    const LogRecord r = only(name + rest);
    EXPECT_EQ(to_rfc3339(r.time), "2017-05-16T00:00:00.008Z") << name;
    EXPECT_EQ(r.pid, 25746u);
    EXPECT_EQ(r.request_id, "req-38101a0b-2096-447d-96ea-a692162415ae");
    ASSERT_TRUE(r.http);
    EXPECT_EQ(r.http->status, 200u);
  }
  const std::string head =
      "nova-compute.log.1 2017-05-16 03:19:45.356 2931 ERROR oslo_service.periodic_task ";
  const auto records =
      records_in(head + "[req-1 - - - - -] Error\n" + head + "Traceback (most recent call last):\n" + head +
                     "  File \"a.py\", line 1, in b\n" + head + "E: why\n",
                 LogFormat::oslo);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].message, "Error");
  EXPECT_EQ(records[0].traceback,
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in b\nE: why");
}

TEST(LogsOfClouds, AFileNameInASentenceStaysThere) {
  for (const std::string_view line : {"nova-api.log", "see nova.log 2017-05-16 00:00:00.008 1 INFO a [-] x",
                                      "nova.log: 2017", "a.log.", "/var/log/x.log:7:"})
    EXPECT_EQ(only(line, LogFormat::plain).message, line);
}

TEST(LogsOfClouds, DevstacksJournalHasNoTimeInItsLinesAndColours) {
  const LogRecord r = only(
      "Sep 05 09:02:16 stack1 devstack@n-api.service[15067]: DEBUG nova.policy [None "
      "req-0f714fc6-96a6-4f57-8a61-68533381646d admin demo] Policy check failed {{(pid=15082) authorize "
      "/opt/x.py:168}}");
  EXPECT_EQ(r.severity, Severity::debug);
  EXPECT_EQ(r.component, "nova.policy");
  EXPECT_EQ(r.request_id, "req-0f714fc6-96a6-4f57-8a61-68533381646d");
  EXPECT_EQ(r.pid, 15067u);
  EXPECT_EQ(r.host, "stack1");
  EXPECT_THAT(r.message, testing::StartsWith("Policy check failed {{"));
  const LogRecord coloured = only(
      "Sep 05 09:02:16 stack1 nova-compute[7]: \x1b[00;32mINFO nova.compute.claims [\x1b[01;36mNone req-1 "
      "\x1b[00;36madmin "
      "demo\x1b[00;32m] \x1b[01;35m[instance: 3f0c2a7e-1111-4222-8333-944455556666] \x1b[00;32mClaim "
      "done\x1b[00m");
  EXPECT_EQ(coloured.request_id, "req-1");
  EXPECT_EQ(coloured.instance, "3f0c2a7e-1111-4222-8333-944455556666");
  EXPECT_EQ(coloured.message, "Claim done");
  EXPECT_EQ(only("ERROR nova.compute.manager AttributeError: no such thing").component,
            "nova.compute.manager");
  EXPECT_EQ(only("WARNING this is only a sentence", LogFormat::plain).component, "");
}

TEST(LogsOfClouds, AThreadMayStandBetweenTheProcessAndTheLevel) {
  const LogRecord r = only(
      "2018-06-06 12:01:31.250 3388 39912512 MainThread INFO neutron.common.config [-] Logging enabled!");
  EXPECT_EQ(r.pid, 3388u);
  EXPECT_EQ(r.severity, Severity::info);
  EXPECT_EQ(r.component, "neutron.common.config");
  EXPECT_EQ(r.message, "Logging enabled!");
}

TEST(LogsOfClouds, LevelsAndLoggersOfOtherProgramsAreRead) {
  struct Case {
    std::string_view line, component, message;
    Severity severity;
  };
  for (const Case& expected : {
           Case{"2013-03-11 17:48:01     INFO [quantum.common.config] Logging enabled!",
                "quantum.common.config", "Logging enabled!", Severity::info},
           Case{"2026-03-02 10:11:12,394 - WARN  [QuorumPeer[myid=1]/0.0.0.0:2181:Learner@87] - Exception x",
                "QuorumPeer[myid=1]/0.0.0.0:2181:Learner@87", "Exception x", Severity::warning},
           Case{"2026-03-02 10:11:12,978 ERROR [main] org.example.server.Master: cannot bind",
                "org.example.server.Master", "cannot bind", Severity::error},
           Case{"INFO  [alembic.runtime.migration] Running upgrade -> 1b2c", "alembic.runtime.migration",
                "Running upgrade -> 1b2c", Severity::info},
           Case{"2026-03-02 10:11:12,123 - octavia.amphorae - WARNING  - it - failed", "octavia.amphorae",
                "it - failed", Severity::warning},
           Case{"INFO:__main__:Loading config file at /var/lib/kolla/config_files/config.json", "__main__",
                "Loading config file at /var/lib/kolla/config_files/config.json", Severity::info},
       }) {
    const LogRecord r = only(expected.line, LogFormat::logger);
    EXPECT_EQ(r.component, expected.component);
    EXPECT_EQ(r.message, expected.message);
    EXPECT_EQ(r.severity, expected.severity);
  }
}

TEST(LogsOfClouds, ASentenceWithColonsOrDashesIsNoLogger) {
  for (const std::string_view line : {"ERROR: cannot bind: in use", "NOTE:x:y", "ERROR:two words:text",
                                      "2026-03-02 10:11:12 - two words - ERROR - text"})
    only(line, LogFormat::plain);
}

TEST(LogsOfClouds, PairsHaveTimeLevelAndCallerInFront) {
  const LogRecord alone = only(
      "ts=2026-03-02T10:11:12.345Z caller=main.go:123 level=warn msg=\"cannot reach it\"", LogFormat::logfmt);
  EXPECT_EQ(to_rfc3339(alone.time), "2026-03-02T10:11:12.345Z");
  EXPECT_EQ(alone.severity, Severity::warning);
  EXPECT_EQ(alone.component, "main.go:123");
  EXPECT_EQ(alone.message, "cannot reach it");
  const LogRecord more =
      only("time=\"2026-03-02T10:11:12+01:00\" level=error msg=\"died: \\\"x\\\"\" id=7f", LogFormat::logfmt);
  EXPECT_EQ(to_rfc3339(more.time), "2026-03-02T09:11:12.000Z");
  EXPECT_EQ(more.message, "msg=\"died: \\\"x\\\"\" id=7f");
  for (const std::string_view line : {"level=high msg=x", "msg=x level=info", "level=info",
                                      "level=info msg=\"x", "time=yesterday level=info msg=x"})
    only(line, LogFormat::plain);
}

TEST(LogsOfClouds, KubernetesLinesGetTheirYear) {
  const LogRecord r =
      only("E1121 10:11:12.345678    4711 kubelet.go:2347] \"Node not ready\" node=\"c1\"", LogFormat::klog);
  EXPECT_EQ(to_rfc3339(r.time), "2026-11-21T10:11:12.345678Z");
  EXPECT_EQ(r.severity, Severity::error);
  EXPECT_EQ(r.pid, 4711u);
  EXPECT_EQ(r.component, "kubelet.go");
  EXPECT_EQ(r.message, "\"Node not ready\" node=\"c1\"");
  EXPECT_EQ(to_rfc3339(only("I1231 23:59:59.000000       1 a.go:1] x", LogFormat::klog).time),
            "2026-12-31T23:59:59.000Z");
  for (const std::string_view line :
       {"E1321 10:11:12.345678 1 a.go:1] x", "X1121 10:11:12.345678 1 a.go:1] x",
        "E1121 10:11:12.345678 1 a.go:1 x", "I am here"})
    only(line, LogFormat::plain);
}

TEST(LogsOfClouds, ObjectsOfOtherProgramsAreReadInContainersToo) {
  const LogRecord zap = only(
      R"({"level":"warn","ts":"2026-03-02T10:11:12.345Z","caller":"etcdserver/util.go:170","msg":"too \"long\"","took":"1s"})",
      LogFormat::json);
  EXPECT_EQ(to_rfc3339(zap.time), "2026-03-02T10:11:12.345Z");
  EXPECT_EQ(zap.severity, Severity::warning);
  EXPECT_EQ(zap.component, "etcdserver/util.go:170");
  EXPECT_EQ(zap.message, "too \"long\"");
  EXPECT_EQ(to_rfc3339(
                only(R"({"severity":"ERROR","message":"x","timestamp":1772446272.5})", LogFormat::json).time),
            "2026-03-02T10:11:12.500Z");
  EXPECT_EQ(
      to_rfc3339(only(R"({"message":"x","levelname":"INFO","asctime":"2026-03-02 10:11:12,345","name":"a"})",
                      LogFormat::oslo_json)
                     .time),
      "2026-03-02T10:11:12.345Z");
  const LogRecord inner =
      only(R"(2026-03-02T10:11:13.000000001Z stderr F {"level":"error","ts":1772446272.25,"msg":"raft"})",
           LogFormat::json);
  EXPECT_EQ(inner.message, "raft");
  EXPECT_EQ(to_rfc3339(inner.time), "2026-03-02T10:11:12.250Z");
  only(R"({"level":"info","took":1})", LogFormat::plain);
}

TEST(LogsOfClouds, AServiceUnderApacheIsReadInItsErrorLog) {
  const LogRecord r = only(
      "[Mon Mar 02 10:11:12.500000 2026] [wsgi:error] [pid 41:tid 140] [remote 10.0.0.9:41022] 2026-03-02 "
      "10:11:12.345 43 "
      "WARNING keystone.server.flask.application [req-1 u p - - -] Authorization failed");
  EXPECT_EQ(r.pid, 43u);
  EXPECT_EQ(r.severity, Severity::warning);
  EXPECT_EQ(r.request_id, "req-1");
  EXPECT_EQ(r.message, "Authorization failed");
  EXPECT_EQ(to_rfc3339(r.time), "2026-03-02T10:11:12.345Z");
}

TEST(LogsOfClouds, ARequestOfSwiftIsTypedAndNamedByItsTransaction) {
  const LogRecord r = only(
      "Nov 21 10:12:00 sw1 proxy-server: 10.0.0.9 10.0.0.2 21/Nov/2026/10/11/59 PUT "
      "/v1/AUTH_p/c/o%3Flimit%3D1 HTTP/1.0 201 "
      "- python-swiftclient-4.1 gAAAAA... 7 312 - tx21d1b2c3-0069a1 - 0.0250 - - 1772446272.1 1772446272.2 0",
      LogFormat::swift_access);
  EXPECT_EQ(to_rfc3339(r.time), "2026-11-21T10:11:59.000Z");
  EXPECT_EQ(r.request_id, "tx21d1b2c3-0069a1");
  EXPECT_EQ(r.component, "proxy-server");
  EXPECT_EQ(r.host, "sw1");
  ASSERT_TRUE(r.http);
  EXPECT_EQ(r.http->client + " " + r.http->method + " " + r.http->path,
            "10.0.0.9 PUT /v1/AUTH_p/c/o%3Flimit%3D1");
  EXPECT_EQ(r.http->status, 201u);
  EXPECT_EQ(r.http->bytes, 312);
  EXPECT_EQ(r.http->duration, std::optional<Duration>(25ms));
}

TEST(LogsOfClouds, FilesOfDnsmasqAndTheClusterManagersAreSyslog) {
  const LogRecord lease =
      only("Nov 21 10:12:00 dnsmasq-dhcp[812]: DHCPACK(tap1) 10.0.0.5 fa:16:3e:00:00:01", LogFormat::syslog);
  EXPECT_EQ(lease.component, "dnsmasq-dhcp");
  EXPECT_EQ(lease.pid, 812u);
  EXPECT_EQ(lease.host, "");
  EXPECT_EQ(lease.message, "DHCPACK(tap1) 10.0.0.5 fa:16:3e:00:00:01");
  for (const std::string_view line :
       {"Nov 21 10:12:00.250 db1 pacemaker-controld  [4711] (transition) notice: now idle",
        "Nov 21 10:12:00 [4711] db1 pacemaker-controld: (transition) notice: now idle"}) {
    const LogRecord r = only(line, LogFormat::syslog);
    EXPECT_EQ(r.host, "db1");
    EXPECT_EQ(r.component, "pacemaker-controld");
    EXPECT_EQ(r.pid, 4711u);
    EXPECT_EQ(r.message, "(transition) notice: now idle");
  }
}

}  // namespace
}  // namespace sentinella::codec
