#include "codec/log_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "codec/log_template.h"
#include "codec/seed_view.h"

namespace sentinella::codec {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const Time kRead = *parse_rfc3339("2026-11-21T12:00:00Z");

LogRecord parsed(std::string_view raw, Duration zone = Duration(0)) {
  LogRecord record;
  record.time = kRead;
  record.raw = raw;
  parse_log(record, zone);
  EXPECT_EQ(record.raw, raw);
  EXPECT_EQ(record.template_id, log_template_id(record.message));
  return record;
}

// ---- oslo.log ----

TEST(LogParser, AModernOsloLineIsTakenApart) {
  const LogRecord r = parsed(
      "2026-03-02 10:11:12.345 2712 INFO nova.compute.claims [None req-0b6c7d1e-55a1-4d0e-9c0f-2f60b3a4c1d2 "
      "9f1c0e "
      "5b7d4a - - default default] [instance: 3f0c2a7e-1111-4222-8333-944455556666] Claim successful on node "
      "cmp-17");
  EXPECT_EQ(to_rfc3339(r.time), "2026-03-02T10:11:12.345Z");
  EXPECT_EQ(r.pid, 2712u);
  EXPECT_EQ(r.severity, Severity::info);
  EXPECT_EQ(r.component, "nova.compute.claims");
  EXPECT_EQ(r.request_id, "req-0b6c7d1e-55a1-4d0e-9c0f-2f60b3a4c1d2");
  EXPECT_THAT(r.global_request_id, IsEmpty());
  EXPECT_EQ(r.user_id, "9f1c0e");
  EXPECT_EQ(r.project_id, "5b7d4a");
  EXPECT_EQ(r.instance, "3f0c2a7e-1111-4222-8333-944455556666");
  EXPECT_EQ(r.message, "Claim successful on node cmp-17");
  EXPECT_EQ(r.flags, LogRecord::kTimeAssumed);
}

TEST(LogParser, EveryContextBracketOfTheYearsIsUnderstood) {
  const auto ids = [](std::string_view bracket) {
    const LogRecord r = parsed("2026-03-02 10:11:12 1 INFO a " + std::string(bracket) + " text");
    EXPECT_EQ(r.message, "text") << bracket;
    return r.global_request_id + "|" + r.request_id + "|" + r.user_id + "|" + r.project_id;
  };
  EXPECT_EQ(ids("[-]"), "|||");
  EXPECT_EQ(ids("[req-1 None None]"), "|req-1||");
  EXPECT_EQ(ids("[req-1 u p - - -]"), "|req-1|u|p");
  EXPECT_EQ(ids("[req-1 - - - - -]"), "|req-1||");
  EXPECT_EQ(ids("[None req-1 u p - - default default]"), "|req-1|u|p");
  EXPECT_EQ(ids("[req-g req-l u p - - default default]"), "req-g|req-l|u|p");
}

TEST(LogParser, ABracketThatIsNoContextStaysInTheMessage) {
  EXPECT_EQ(parsed("2026-03-02 10:11:12.000 1 INFO a [x] text").message, "[x] text");
  EXPECT_EQ(parsed("2026-03-02 10:11:12.000 1 INFO a [-] [7e36] AMQP server").message, "[7e36] AMQP server");
}

TEST(LogParser, LocalTimesMoveByTheZoneAndWrittenZonesWin) {
  EXPECT_EQ(to_rfc3339(parsed("2026-03-02 10:11:12.000 1 INFO a [-] x", 2h).time),
            "2026-03-02T08:11:12.000Z");
  const LogRecord r = parsed("2026-03-02 10:11:12.345678+01:00 [info] <0.1.0> x", 5h);
  EXPECT_EQ(to_rfc3339(r.time), "2026-03-02T09:11:12.345678Z");
  EXPECT_EQ(r.flags, 0u);
}

TEST(LogParser, ThePrefixIsStrippedFromEachLineOfATraceback) {
  const std::string head = "2026-03-02 10:12:00.120 2712 ERROR nova.compute.manager ";
  const LogRecord r =
      parsed(head + "[None req-77 u p - - default default] [instance: 3f0c] Failed: E: why\n" + head +
             "[instance: 3f0c] Traceback (most recent call last):\n" + head +
             "[instance: 3f0c]   File \"driver.py\", line 7718, in f\n" + head +
             "[instance: 3f0c] nova.exception.E: why\n" + head + "[instance: 3f0c] ");
  EXPECT_EQ(r.message, "Failed: E: why");
  EXPECT_EQ(
      r.traceback,
      "Traceback (most recent call last):\n  File \"driver.py\", line 7718, in f\nnova.exception.E: why\n");
  EXPECT_EQ(r.request_id, "req-77");
  EXPECT_EQ(r.instance, "3f0c");
  EXPECT_TRUE(r.flags & LogRecord::kJoined);
}

TEST(LogParser, ATracebackWithoutItsErrorIsNamedByItsException) {
  const std::string head = "2026-03-02 10:12:00.120 2712 ERROR a.b ";
  const LogRecord r =
      parsed(head + "Traceback (most recent call last):\n" + head + "  File x\n" + head + "x.Y: why");
  EXPECT_EQ(r.message, "x.Y: why");
  EXPECT_EQ(r.traceback, "Traceback (most recent call last):\n  File x\nx.Y: why");

  const LogRecord bare = parsed("Traceback (most recent call last):\n  File x\nValueError: y");
  EXPECT_EQ(bare.message, "ValueError: y");
  EXPECT_EQ(bare.severity, Severity::error);
  EXPECT_EQ(bare.time, kRead);
  EXPECT_FALSE(bare.flags & LogRecord::kUnparsed);
}

TEST(LogParser, AMessageMayHaveLinesAndThenATraceback) {
  const LogRecord r =
      parsed("2026-03-02 10:11:12.000 1 ERROR a [-] one\ntwo\nTraceback (most recent call last):\n  f\nE: x");
  EXPECT_EQ(r.message, "one\ntwo");
  EXPECT_EQ(r.traceback, "Traceback (most recent call last):\n  f\nE: x");
}

TEST(LogParser, AnEmptyMessageStaysEmpty) {
  EXPECT_THAT(parsed("2026-03-02 10:11:12.000 1 ERROR a [-] ").message, IsEmpty());
  EXPECT_THAT(parsed("").message, IsEmpty());
}

TEST(LogParser, ParsingAgainChangesNothing) {
  LogRecord r = parsed(
      "2026-03-02 10:11:12.000 1 ERROR a [req-1 u p] [instance: i] x\nTraceback (most recent call last):\nE: "
      "x");
  r.flags |= LogRecord::kUnparsed;
  parse_log(r);
  EXPECT_EQ(r.message, "x");
  EXPECT_EQ(r.traceback, "Traceback (most recent call last):\nE: x");
  EXPECT_EQ(r.flags, static_cast<std::uint32_t>(LogRecord::kTimeAssumed | LogRecord::kJoined));
}

// ---- the seed's own examples ----

const std::string kSeedDebug =
    "[req-af32b586-0aab-4846-b097-12604699d5ec None None] MySQL server mode set to "
    "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "TRADITIONAL,NO_AUTO_"
    "CREATE_USER,NO_ENGINE_SUBSTITUTION _check_effective_sql_mode "
    "/usr/local/lib/python2.7/dist-packages/oslo_db/sqlalchemy/engines.py:256";

TEST(SeedView, ALineWithoutPidHasANullLogId) {
  const SeedView view =
      seed_view(parsed("2016-01-04 22:41:36.297 DEBUG oslo_db.sqlalchemy.engines " + kSeedDebug));
  EXPECT_EQ(view.time, "2016-01-04 22:41:36.297");
  EXPECT_EQ(view.description, kSeedDebug);
  EXPECT_EQ(view.level, "DEBUG");
  EXPECT_EQ(view.log_id, std::nullopt);
  EXPECT_EQ(view.component, "oslo_db.sqlalchemy.engines");
}

TEST(SeedView, TheFiveKeysAreValidJsonWithTheQuotesInside) {
  const std::string description =
      R"([-] Option "username" from group "keystone_authtoken" is deprecated. Use option "user-name" from group "keystone_authtoken".)";
  const std::string json =
      to_json(seed_view(parsed("2016-01-04 22:41:35.221 19090 WARNING oslo_config.cfg " + description)));
  const auto object = parse_json_object(json);
  ASSERT_TRUE(object) << json;
  EXPECT_EQ(object->size(), 5u);
  EXPECT_EQ(object->at("time").as_string(), "2016-01-04 22:41:35.221");
  EXPECT_EQ(object->at("description").as_string(), description);
  EXPECT_EQ(object->at("level").as_string(), "WARNING");
  EXPECT_EQ(object->at("log_id").as_int64(), 19090);
  EXPECT_EQ(object->at("component").as_string(), "oslo_config.cfg");
}

TEST(SeedView, NothingIsCutAtACharacterThatTheOldExpressionDidNotKnow) {
  EXPECT_EQ(seed_view(parsed("2026-03-02 10:11:12.000 1 INFO a [-] 100% of; disk|used @host é")).description,
            "[-] 100% of; disk|used @host é");
  EXPECT_EQ(seed_view(parsed("2026-03-02 10:11:12.000 1 INFO a [-] one\ntwo")).description, "[-] one\ntwo");
}

// ---- the others ----

struct Expected {
  std::string_view raw, time, component, message;
  Severity severity;
  std::uint32_t pid;
};

TEST(LogParser, TheNeighboursOfOpenStackAreUnderstood) {
  using enum Severity;
  const Expected cases[] = {
      {"2026-11-21 10:04:48,124 [15877] INFO     gnocchi.service: Gnocchi version 4.4.2",
       "2026-11-21T10:04:48.124Z", "gnocchi.service", "Gnocchi version 4.4.2", info, 15877},
      {"2026-03-02 10:11:12.345678+00:00 [error] <0.1234.0> closing AMQP connection",
       "2026-03-02T10:11:12.345678Z", "", "closing AMQP connection", error, 0},
      {"2026-03-02  9:11:12 0 [Warning] WSREP: connection to peer timed out", "2026-03-02T09:11:12.000Z",
       "WSREP", "WSREP: connection to peer timed out", warning, 0},
      {"2026-03-02 10:11:12.345+0000: 1911: error : virNetSocketReadWire:1791 : End of file while reading "
       "data",
       "2026-03-02T10:11:12.345Z", "virNetSocketReadWire", "End of file while reading data", error, 1911},
      {"2026-03-02T10:11:12.345Z|00042|rconn(handler1)|WARN|br-int<->tcp:127.0.0.1:6633: connection dropped",
       "2026-03-02T10:11:12.345Z", "rconn", "br-int<->tcp:127.0.0.1:6633: connection dropped", warning, 0},
      {"[pid: 41|app: 0|req: 17/203] 10.0.0.9 () {58 vars in 1012 bytes} [Mon Mar  2 10:11:12 2026] GET /v3 "
       "=> "
       "generated 4312 bytes in 38 msecs (HTTP/1.1 200)",
       "2026-03-02T10:11:12.000Z", "uwsgi",
       "10.0.0.9 () GET /v3 => generated 4312 bytes in 38 msecs (HTTP/1.1 200)", info, 41},
      {R"(10.0.0.9 - bob b [02/Mar/2026:10:11:12 +0100] "GET / HTTP/1.1" 200 12 "-" "curl")",
       "2026-03-02T09:11:12.000Z", "access",
       R"(10.0.0.9 - bob b [02/Mar/2026:10:11:12 +0100] "GET / HTTP/1.1" 200 12 "-" "curl")", info, 0},
      {"[Mon Mar 02 10:11:12.123456 2026] [wsgi:error] [pid 41:tid 140] [client 10.0.0.9:41022] mod_wsgi: "
       "failed",
       "2026-03-02T10:11:12.123456Z", "wsgi", "[client 10.0.0.9:41022] mod_wsgi: failed", error, 41},
      {"<27>Nov 21 10:12:00 cmp-17 dnsmasq[812]: no address range available", "2026-11-21T10:12:00.000Z",
       "dnsmasq", "no address range available", error, 812},
      {"Nov 21 10:12:00 cmp-17 kernel: Out of memory: Killed process", "2026-11-21T10:12:00.000Z", "kernel",
       "Out of memory: Killed process", unspecified, 0},
      {"2026-11-21T10:12:00.5+01:00 cmp-17 sshd[7]: bye", "2026-11-21T09:12:00.500Z", "sshd", "bye",
       unspecified, 7},
      {R"(<163>1 2026-03-02T10:11:12.345678+00:00 cmp-17 nova-compute 2712 - [a b="x]\" y"][c] text)",
       "2026-03-02T10:11:12.345678Z", "nova-compute", "text", error, 2712},
      {"<11>Mar  2 10:12:00 cmp-17 nova-compute: 2026-03-02 10:12:00.120 2713 WARNING nova.x [-] both times",
       "2026-03-02T10:12:00.120Z", "nova.x", "both times", warning, 2713},
  };
  for (const Expected& expected : cases) {
    const LogRecord r = parsed(expected.raw);
    EXPECT_EQ(to_rfc3339(r.time), expected.time) << expected.raw;
    EXPECT_EQ(r.component, expected.component) << expected.raw;
    EXPECT_EQ(r.message, expected.message) << expected.raw;
    EXPECT_EQ(r.severity, expected.severity) << expected.raw;
    EXPECT_EQ(r.pid, expected.pid) << expected.raw;
    EXPECT_FALSE(r.flags & LogRecord::kUnparsed) << expected.raw;
  }
}

TEST(LogParser, TheYearOfASyslogLineIsTheNearestOne) {
  LogRecord r;
  r.time = *parse_rfc3339("2027-01-01T00:00:05Z");
  r.raw = "Dec 31 23:59:59 host tag: text";
  parse_log(r);
  EXPECT_EQ(to_rfc3339(r.time), "2026-12-31T23:59:59.000Z");
  r.time = *parse_rfc3339("2028-03-01T00:00:05Z");
  r.raw = "Feb 29 12:00:00 host tag: text";
  parse_log(r);
  EXPECT_EQ(to_rfc3339(r.time), "2028-02-29T12:00:00.000Z");
}

TEST(LogParser, RepeatedHeadsOfRabbitMqAreStripped) {
  const std::string head = "2026-03-02 10:11:12.345678+00:00 [error] <0.1.0> ";
  EXPECT_EQ(parsed(head + "crash\n" + head + "  reason: x").message, "crash\n  reason: x");
}

TEST(LogParser, WhatNoFormatTakesIsKeptWholeAndMarked) {
  const LogRecord plain = parsed("epmd: got partial packet only\n  more");
  EXPECT_TRUE(plain.flags & LogRecord::kUnparsed);
  EXPECT_EQ(plain.message, plain.raw);
  EXPECT_EQ(plain.time, kRead);
  const LogRecord timed = parsed("2026-11-21T10:05:40Z [WARN] some format of its own");
  EXPECT_TRUE(timed.flags & LogRecord::kUnparsed);
  EXPECT_EQ(timed.message, timed.raw);
  EXPECT_EQ(to_rfc3339(timed.time), "2026-11-21T10:05:40.000Z");
  EXPECT_EQ(timed.severity, Severity::warning);
}

TEST(LogParser, TheSendersLevelHoldsWhereTheTextHasNone) {
  LogRecord r;
  r.time = kRead;
  r.severity = Severity::error;
  r.raw = "free text";
  parse_log(r);
  EXPECT_EQ(r.severity, Severity::error);
}

TEST(LogParser, NulsAndColoursBeforeALineDoNotHideItsHead) {
  EXPECT_EQ(parsed(std::string(5, '\0') + "2026-03-02 10:11:12.000 1 INFO a [-] x").message, "x");
  EXPECT_EQ(parsed("\x1b[00;32m2026-03-02 10:11:12.000 1 INFO a [-] x").pid, 1u);
}

TEST(LogParser, TimesOutOfRangeAreNoTimes) {
  for (const std::string_view raw :
       {"2026-13-01 10:00:00 1 INFO a [-] x", "2026-02-30 10:00:00 1 INFO a [-] x",
        "2026-02-03 24:00:00 1 INFO a [-] x", "9999-02-03 10:00:00 1 INFO a [-] x",
        "2026-02-03 10:00:00x 1 INFO a [-] x"})
    EXPECT_EQ(parsed(raw).time, kRead) << raw;
}

TEST(LogParser, HostileBracketsAndQuotesAreJustText) {
  for (const std::string_view raw :
       {"[", "<", "<>", "<999>x", "[pid: ", "[pid: 1|app] ", "<13>1 ", "<13>1 - - - - - [a b=\"",
        "2026-03-02 10:11:12.000 1 ERROR a [req-", "2026-03-02 10:11:12.000 1 INFO a [instance: "}) {
    const LogRecord r = parsed(raw);
    EXPECT_THAT(std::string(raw), testing::EndsWith(r.message)) << raw;
  }
}

}  // namespace
}  // namespace sentinella::codec
