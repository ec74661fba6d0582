// Lines of every format, as their authors document them or as they were seen, and what must come out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "codec/log_parser.h"
#include "codec/log_uuid.h"

namespace sentinella::codec {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const Time kRead = *parse_rfc3339("2026-11-21T12:00:00Z");

struct Parsed {
  LogRecord record;
  LogFormat format;
};

Parsed parsed(std::string_view raw, LogParser::Options options = {}) {
  LogParser parser(std::move(options));
  LogColumns columns;
  LogParser::Given given;
  given.read = kRead;
  given.origin = columns.origin_index({});
  EXPECT_TRUE(parser.parse(raw, given, columns));
  EXPECT_EQ(columns.text(columns.raw[0]), raw);
  return {columns.record(0), columns.format[0]};
}

std::string text_of(const std::optional<HttpAccess>& http) {
  if (!http) return "";
  return fmt::format("{} {} {} {} {} {}", http->client, http->method, http->path, http->status, http->bytes,
                     http->duration ? to_text(*http->duration) : "-");
}

struct Expected {
  LogFormat format;
  std::string_view raw, time, component, message;
  Severity severity;
  std::uint32_t pid;
};

TEST(LogFormats, WhatOpenStackStandsOnIsUnderstood) {
  using enum Severity;
  const Expected cases[] = {
      {LogFormat::ceph,
       "2026-03-02T10:11:12.345+0000 7f2a4c7fe700 -1 osd.3 812 heartbeat_check: no reply from 10.0.0.7:6804 "
       "osd.5",
       "2026-03-02T10:11:12.345Z", "osd.3", "osd.3 812 heartbeat_check: no reply from 10.0.0.7:6804 osd.5",
       error, 0},
      {LogFormat::ceph,
       "2018-05-01 12:00:00.123456 7f2a4c7fe700  0 log_channel(cluster) log [WRN] : 3 slow requests",
       "2018-05-01T12:00:00.123456Z", "log_channel", "log_channel(cluster) log [WRN] : 3 slow requests",
       warning, 0},
      {LogFormat::ceph, "2026-03-02T10:11:12.345+0000 7f2a4c7fe700 10 mon.a@0(leader).osd e5 text",
       "2026-03-02T10:11:12.345Z", "mon.a", "mon.a@0(leader).osd e5 text", debug, 0},
      {LogFormat::ceph,
       "2026-03-02T10:11:12.345678+0000 mon.cmp1 (mon.0) 812 : cluster [ERR] Health check failed",
       "2026-03-02T10:11:12.345678Z", "mon.cmp1", "Health check failed", error, 0},
      {LogFormat::ovs,
       "2026-03-02T10:11:12.345Z|00042|ovn_controller(pinctrl0)|INFO|OVN internal version is : [22.03]",
       "2026-03-02T10:11:12.345Z", "ovn_controller", "OVN internal version is : [22.03]", info, 0},
      {LogFormat::ovs,
       "2026-03-02T10:11:12.345Z|00043|reconnect|ERR|ssl:10.0.0.5:6642: no response to inactivity probe",
       "2026-03-02T10:11:12.345Z", "reconnect", "ssl:10.0.0.5:6642: no response to inactivity probe", error,
       0},
      {LogFormat::ovs,
       "<29>Nov 21 10:12:00 cmp-17 ovs-vswitchd: ovs|00042|rconn|WARN|br-int: connection dropped",
       "2026-11-21T10:12:00.000Z", "rconn", "br-int: connection dropped", warning, 0},
      {LogFormat::rabbitmq, "2019-03-02 10:11:12.345 [warning] <0.1.0> closing AMQP connection",
       "2019-03-02T10:11:12.345Z", "", "closing AMQP connection", warning, 0},
      {LogFormat::mariadb, "2026-03-02T10:11:12.345678Z 0 [System] [MY-010116] [Server] mysqld starting",
       "2026-03-02T10:11:12.345678Z", "Server", "[MY-010116] [Server] mysqld starting", info, 0},
      {LogFormat::mariadb, "260302 10:11:12 mysqld_safe Starting mariadbd daemon", "2026-03-02T10:11:12.000Z",
       "mysqld_safe", "Starting mariadbd daemon", info, 0},
      {LogFormat::libvirt, "2026-03-02 10:11:12.345+0000: shutting down, reason=crashed",
       "2026-03-02T10:11:12.345Z", "", "shutting down, reason=crashed", info, 0},
      {LogFormat::cri, "2026-03-02T10:11:12.345678901Z stderr F plain text of a container",
       "2026-03-02T10:11:12.345678901Z", "", "plain text of a container", unspecified, 0},
      {LogFormat::oslo, "2026-03-02T10:11:12.9Z stdout F 2026-03-02 10:11:12.345 7 ERROR nova.x [-] inside",
       "2026-03-02T10:11:12.345Z", "nova.x", "inside", error, 7},
      {LogFormat::docker_json, R"({"log":"caf\u00e9\n","stream":"stdout","time":"2026-03-02T10:11:12.5Z"})",
       "2026-03-02T10:11:12.500Z", "", "café", unspecified, 0},
      {LogFormat::oslo,
       R"({"log":"2026-03-02 10:11:12.345 7 INFO nova.x [-] in a box\n","stream":"stderr","time":"2026-03-02T10:11:12.5Z"})",
       "2026-03-02T10:11:12.345Z", "nova.x", "in a box", info, 7},
      {LogFormat::syslog, "<27>1 2026-03-02T10:11:12Z h app 7 - [a b=\"c\"]", "2026-03-02T10:11:12.000Z",
       "app", "", error, 7},
      {LogFormat::syslog, "Nov 21 10:12:00 cmp-17 keepalived[77]:", "2026-11-21T10:12:00.000Z", "keepalived",
       "", unspecified, 77},
  };
  for (const Expected& expected : cases) {
    const auto [r, format] = parsed(expected.raw);
    EXPECT_EQ(to_string(format), to_string(expected.format)) << expected.raw;
    EXPECT_EQ(to_rfc3339(r.time), expected.time) << expected.raw;
    EXPECT_EQ(r.component, expected.component) << expected.raw;
    EXPECT_EQ(r.message, expected.message) << expected.raw;
    EXPECT_EQ(r.severity, expected.severity) << expected.raw;
    EXPECT_EQ(r.pid, expected.pid) << expected.raw;
  }
}

struct Request {
  LogFormat format;
  std::string_view raw, http;
};

TEST(LogFormats, RequestsAreTypedFieldsWhoeverLogsThem) {
  const std::string oslo =
      "2026-03-02 10:11:12.345 25746 INFO nova.osapi_compute.wsgi.server [req-1 u p - - -] ";
  const std::string a =
      oslo + R"(10.11.10.1 "GET /v2/54fa/servers/detail HTTP/1.1" status: 200 len: 1893 time: 0.2477829)";
  const std::string b =
      oslo + R"(10.0.0.9,10.0.0.1 "POST /v2.1/servers" status: 202 len: 18 microversion: 2.1 time: 0.010000)";
  const std::string c = oslo + R"(10.0.0.9 "GET /v2.0/ports.json HTTP/1.1" status: 404  len: 304 time: 1.5)";
  const std::string d = oslo + R"(127.0.0.1 - - [21/Nov/2026 10:04:19] "GET / HTTP/1.1" 300 1177 0.004081)";
  const std::string e = oslo + R"(fd00::9 "DELETE /v3/x HTTP/1.1" status: 204 len: 0 time: 0.1)";
  const std::string f = oslo + "http://127.0.0.1:8776/v3/ returned with HTTP 500";
  const std::string g = oslo + "GET http://127.0.0.1:8776/v3/?a=b";
  const std::string syslog = "<134>Nov 21 10:12:00 lb1 haproxy[1234]: ";
  const std::string h =
      syslog +
      R"(10.0.0.9:41022 [21/Nov/2026:10:12:00.345] api_front nova/cmp1 1/0/2/37/40 200 4312 - - ---- )"
      R"(12/5/3/1/0 0/0 {x|y} "GET /v2.1/servers?a=%20 HTTP/1.1")";
  const std::string i =
      syslog + R"(10.0.0.9:41022 [21/Nov/2026:10:12:00.345] api~ nova/<NOSRV> 0/-1/-1/-1/0 503 212 - - SC-- )"
               R"(12/5/3/1/0 0/0 "<BADREQ>")";
  const std::string j =
      "10.0.0.9:41022 [21/Nov/2026:10:12:00.345] galera galera/db1 1/0/5007 212 -- 1/1/1/1/0 0/0";
  const std::string k = "10.0.0.9:41022 [21/Nov/2026:10:12:00.345] api/1: SSL handshake failure";
  const Request cases[] = {
      {LogFormat::oslo, a, "10.11.10.1 GET /v2/54fa/servers/detail 200 1893 247ms782us900ns"},
      {LogFormat::oslo, b, "10.0.0.9,10.0.0.1 POST /v2.1/servers 202 18 10ms"},
      {LogFormat::oslo, c, "10.0.0.9 GET /v2.0/ports.json 404 304 1s500ms"},
      {LogFormat::oslo, d, "127.0.0.1 GET / 300 1177 4ms81us"},
      {LogFormat::oslo, e, "fd00::9 DELETE /v3/x 204 0 100ms"},
      {LogFormat::oslo, f, "  http://127.0.0.1:8776/v3/ 500 -1 -"},
      {LogFormat::oslo, g, " GET http://127.0.0.1:8776/v3/?a=b 0 -1 -"},
      {LogFormat::haproxy_http, h, "10.0.0.9 GET /v2.1/servers?a=%20 200 4312 40ms"},
      {LogFormat::haproxy_http, i, "10.0.0.9 -  503 212 0s"},
      {LogFormat::haproxy_tcp, j, "10.0.0.9   0 212 5s7ms"},
      {LogFormat::haproxy_tcp, k, "10.0.0.9   0 -1 -"},
      {LogFormat::uwsgi_access,
       "[pid: 41|app: 0|req: 17/203] 10.0.0.9 (a {b) {58 vars in 1012 bytes} [Mon Mar  2 10:11:12 2026] GET "
       "/v3/auth/tokens => generated 4312 bytes in 38 msecs (HTTP/1.1 200) 6 headers in 371 bytes",
       "10.0.0.9 GET /v3/auth/tokens 200 4312 38ms"},
      {LogFormat::apache_access,
       R"(10.0.0.9 - - [02/Mar/2026:10:11:12 +0100] "GET /v3 HTTP/1.1" 200 12 "-" "curl/7.88")",
       "10.0.0.9 GET /v3 200 12 -"},
      {LogFormat::apache_access,
       R"(10.0.0.9 - bob b [02/Mar/2026:10:11:12 +0100] "GET / HTTP/1.1" 304 - 1234 "-" "curl")",
       "10.0.0.9 GET / 304 -1 1ms234us"},
      {LogFormat::apache_access,
       R"(keystone.example:5000 10.0.0.9 - - [02/Mar/2026:10:11:12 +0100] "POST /v3 HTTP/1.1" 201 9 "-" "x" 77)",
       "10.0.0.9 POST /v3 201 9 77us"},
      {LogFormat::apache_access, R"(::1 - - [02/Mar/2026:10:11:12 +0100] "\x16\x03" 400 226)",
       "::1 -  400 226 -"},
  };
  for (const Request& expected : cases) {
    const auto [r, format] = parsed(expected.raw);
    EXPECT_EQ(to_string(format), to_string(expected.format)) << expected.raw;
    EXPECT_EQ(text_of(r.http), expected.http) << expected.raw;
  }
}

TEST(LogFormats, TextThatOnlyLooksLikeARequestIsText) {
  for (const std::string_view message :
       {"added 3 items", "10.0.0.9 is up", "10.0.0.9 \"quoted\" status: 200", "GET lost",
        "GET http://a/b and more", "http://a/ returned with HTTP", "fade \"GET /x\" status: abc",
        "deadbeef - - no bracket"})
    EXPECT_FALSE(parsed("2026-03-02 10:11:12.345 1 INFO a [-] " + std::string(message)).record.http)
        << message;
}

TEST(LogFormats, HaproxyNamesItsBackendAndKeepsSyslogsLevelAndHost) {
  const auto [r, format] = parsed(
      "<131>Nov 21 10:12:00 lb1 haproxy[1234]: 10.0.0.9:41022 [21/Nov/2026:10:12:00.345] api nova/cmp1 "
      "1/0/2/37/40 "
      "500 4312 - - ---- 12/5/3/1/0 0/0 \"GET / HTTP/1.1\"");
  EXPECT_EQ(r.component, "nova");
  EXPECT_EQ(r.severity, Severity::error);
  EXPECT_EQ(r.host, "lb1");
  EXPECT_EQ(r.pid, 1234u);
  EXPECT_EQ(to_rfc3339(r.time), "2026-11-21T10:12:00.345Z");
  const auto [down, plain] =
      parsed("<129>Nov 21 10:12:00 lb1 haproxy[1234]: Server nova/cmp1 is DOWN, reason: Layer4");
  EXPECT_EQ(plain, LogFormat::syslog);
  EXPECT_EQ(down.severity, Severity::critical);
  EXPECT_EQ(down.message, "Server nova/cmp1 is DOWN, reason: Layer4");
}

TEST(LogFormats, OsloJsonHasItsContextAndItsTraceback) {
  const auto [r, format] = parsed(
      R"({"message": "Failed: \"x\"", "asctime": "2026-03-02 10:11:12", "name": "nova.compute.manager", "levelname": )"
      R"("ERROR", "process": 2712, "created": 1772446272.345, "msecs": 345.0, "args": [{"a": [1, 2]}], "hostname": )"
      R"("cmp-17", "traceback": ["Traceback (most recent call last):\n", "  File \"a.py\"", "ValueError: x"], )"
      R"("context": {"request_id": "req-1", "global_request_id": null, "user_id": "u", "project_id": "p", )"
      R"("project_domain_id": "default"}, "extra": {"instance_uuid": "3f0c2a7e-1111-4222-8333-944455556666"}})");
  EXPECT_EQ(format, LogFormat::oslo_json);
  EXPECT_EQ(r.message, "Failed: \"x\"");
  EXPECT_EQ(r.component, "nova.compute.manager");
  EXPECT_EQ(r.severity, Severity::error);
  EXPECT_EQ(r.pid, 2712u);
  EXPECT_EQ(to_rfc3339(r.time), "2026-03-02T10:11:12.345Z");
  EXPECT_EQ(r.host, "cmp-17");
  EXPECT_EQ(r.request_id + r.user_id + r.project_id + r.domain_id, "req-1updefault");
  EXPECT_EQ(r.instance, "3f0c2a7e-1111-4222-8333-944455556666");
  EXPECT_EQ(r.traceback, "Traceback (most recent call last):\n  File \"a.py\"\nValueError: x");
  EXPECT_EQ(r.flags, 0u);
}

TEST(LogFormats, AnEntryOfTheJournalReadsTheSameInBothOfItsForms) {
  const std::string size("\x06\0\0\0\0\0\0\0", 8);
  const std::string entry =
      "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1772446272345678\nPRIORITY=3\n_HOSTNAME=cmp-17\n"
      "SYSLOG_IDENTIFIER=dnsmasq\n_PID=812\nMESSAGE\n" +
      size + "two\nli\n";
  const std::string json =
      R"({"__REALTIME_TIMESTAMP":"1772446272345678","PRIORITY":"3","_HOSTNAME":"cmp-17","SYSLOG_IDENTIFIER":"dnsmasq",)"
      R"("_PID":"812","MESSAGE":[116,119,111,10,108,105]})";
  for (const std::string& raw : {entry, json}) {
    const auto [r, format] = parsed(raw);
    EXPECT_EQ(format, raw.front() == '{' ? LogFormat::journal_json : LogFormat::journal_export);
    EXPECT_EQ(r.message, "two\nli");
    EXPECT_EQ(to_rfc3339(r.time), "2026-03-02T10:11:12.345678Z");
    EXPECT_EQ(r.severity, Severity::error);
    EXPECT_EQ(r.host, "cmp-17");
    EXPECT_EQ(r.component, "dnsmasq");
    EXPECT_EQ(r.pid, 812u);
  }
  const auto [oslo, format] = parsed(
      R"({"__REALTIME_TIMESTAMP":"1772446272345678","PRIORITY":"6","MESSAGE":"2026-03-02 10:11:12.345 7 WARNING a.b [-] x"})");
  EXPECT_EQ(format, LogFormat::oslo);
  EXPECT_EQ(oslo.severity, Severity::warning);
  EXPECT_EQ(oslo.message, "x");
}

TEST(LogFormats, TheDomainIsThatOfTheScopeElseOfTheProjectElseOfTheUser) {
  const auto domain = [](std::string_view bracket) {
    return parsed("2026-03-02 10:11:12 1 INFO a " + std::string(bracket) + " text").record.domain_id;
  };
  EXPECT_EQ(domain("[-]"), "");
  EXPECT_EQ(domain("[req-1 None None]"), "");
  EXPECT_EQ(domain("[req-1 u p - - -]"), "");
  EXPECT_EQ(domain("[None req-1 u - scope - ud pd]"), "scope");
  EXPECT_EQ(domain("[None req-1 u p - - ud pd]"), "pd");
  EXPECT_EQ(domain("[None req-1 u p - - ud -]"), "ud");
}

TEST(LogFormats, LogsOfABlogOfTheProjectAreUnderstood) {
  const auto [r, format] = parsed(
      "2017-05-17 05:28:50.917 3895 INFO gnocchi.cli [-] Upgrading indexer "
      "<gnocchi.indexer.sqlalchemy.SQLAlchemyIndexer object at 0x7ff76cff6190>");
  EXPECT_EQ(format, LogFormat::oslo);
  EXPECT_EQ(r.component, "gnocchi.cli");
  EXPECT_EQ(r.pid, 3895u);
  EXPECT_THAT(r.message, StartsWith("Upgrading indexer <gnocchi.indexer"));
  const auto [event, second] = parsed(
      "2017-01-23 14:22:02.593 25667 INFO ceilometer_zenoss.dispatcher.zenoss [-] record_events called "
      "(events=[<Event: 3538a01c-ab8d-4e64-b0ff-6e8fe270e06a, "
      "compute.instance.live_migration.post.dest.start, "
      "2017-01-23 06:22:02.584049, <Trait: instance_id 1 87be4b45-e214-4ca3-8f5c-1bd31159f9e4> <Trait: "
      "request_id 1 "
      "req-d4c27d06-6329-4ce0-adb5-370b8ca83a22>>])");
  EXPECT_EQ(to_rfc3339(event.time), "2017-01-23T14:22:02.593Z");
  std::vector<Uuid> ids;
  scan_uuids(event.raw, ids);
  EXPECT_THAT(ids, testing::ElementsAre(*parse_uuid("3538a01c-ab8d-4e64-b0ff-6e8fe270e06a"),
                                        *parse_uuid("87be4b45-e214-4ca3-8f5c-1bd31159f9e4"),
                                        *parse_uuid("d4c27d06-6329-4ce0-adb5-370b8ca83a22")));
}

TEST(LogFormats, AFormatThatIsOrderedIsTheOnlyOneTaken) {
  LogParser::Options options;
  options.only = LogFormat::ceph;
  const std::string_view oslo = "2026-03-02 10:11:12.345 7 INFO a [-] x";
  EXPECT_EQ(parsed(oslo, options).format, LogFormat::plain);
  EXPECT_EQ(parsed(oslo, options).record.message, oslo);
  options.only = LogFormat::haproxy_http;
  const auto [tcp, format] = parsed(
      "10.0.0.9:41022 [21/Nov/2026:10:12:00.345] galera galera/db1 1/0/5007 212 -- 1/1/1/1/0 0/0", options);
  EXPECT_EQ(format, LogFormat::plain);
  EXPECT_FALSE(tcp.http);
}

TEST(LogFormats, CarriageReturnsStayInTheTextAndOutOfTheFields) {
  const auto [r, format] = parsed(
      "2026-03-02 10:11:12.345 7 ERROR a [req-1 u p] x: E\r\nTraceback (most recent call last):\r\n  f\r\nE: "
      "y\r");
  EXPECT_EQ(r.message, "x: E");
  EXPECT_THAT(r.traceback, testing::EndsWith("E: y"));
  EXPECT_EQ(r.request_id, "req-1");
}

TEST(LogUuids, AreFoundWhereverTheyStandAndNowhereElse) {
  const std::string id = "3f0c2a7e-1111-4222-8333-944455556666";
  const auto count = [](const std::string& text) {
    std::vector<Uuid> found;
    scan_uuids(text, found);
    return found.size();
  };
  for (std::size_t before = 0; before < 70; ++before)
    for (std::size_t after = 0; after < 40; ++after)
      ASSERT_EQ(count(std::string(before, '-') + id + std::string(after, ' ')), 1u) << before << " " << after;
  EXPECT_EQ(count(id + id), 0u);
  EXPECT_EQ(count("x" + id), 0u);
  EXPECT_EQ(count(id + "9"), 0u);
  EXPECT_EQ(count("3f0c2a7e-1111-4222-8333-94445555666g"), 0u);
  EXPECT_EQ(count("3f0c2a7e-11x1-4222-8333-944455556666"), 0u);
  EXPECT_EQ(
      count("/v2/" + id + "/action?server=" + to_lower("3F0C2A7E-1111-4222-8333-944455556666") + "_del"), 2u);
}

}  // namespace
}  // namespace sentinella::codec
