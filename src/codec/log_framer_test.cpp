#include "codec/log_framer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::codec {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

/// A framer with the offsets of a file and a clock that advances 1 ns per line.
struct Reader {
  LogFramer framer;
  std::vector<FramedRecord> records;
  std::uint64_t offset = 0;
  Time now{1'000};
  LogFramer::Sink sink = [this](FramedRecord record) { records.push_back(std::move(record)); };

  explicit Reader(std::size_t limit = 1u << 20) : framer(limit) {}
  Reader& line(std::string_view text) {
    const std::uint64_t begin = offset;
    offset += text.size() + 1;
    framer.line(text, begin, offset, now, sink);
    now = now + Duration(1);
    return *this;
  }
  std::vector<std::string> all() {
    framer.flush(now, sink);
    std::vector<std::string> texts;
    for (const FramedRecord& record : records) texts.push_back(record.text);
    return texts;
  }
};

const std::string kTime = "2026-11-21 10:05:36.187";
const std::string kHead = kTime + " 14321 ERROR nova.conductor.manager ";
const std::string kOther = kTime + " 99 ERROR nova.conductor.manager ";
const std::string kContext = "[None req-b9a522e4-f8b1-4257-a3f8-1c9bb12324ee u p - - default default] ";

TEST(LogFramer, AMessageWithNewlinesIsOneRecord) {
  const std::string first = kTime + " 1 WARNING oslo_config.cfg [-] Deprecated: Option \"x\" (";
  const std::string next = kTime + " 1 INFO nova.service [-] up";
  EXPECT_THAT(Reader().line(first).line("The only choice").line(").  Ignored.").line(next).all(),
              ElementsAre(first + "\nThe only choice\n).  Ignored.", next));
}

TEST(LogFramer, APrefixedTracebackBelongsToTheErrorBeforeIt) {
  Reader reader;
  reader.line(kHead + kContext + "Failed to schedule: X: why");
  reader.line(kHead + "Traceback (most recent call last):");
  reader.line(kHead + "  File \"a.py\", line 1, in f");
  reader.line(kHead + "any text of the exception");
  reader.line(kHead);
  reader.line(kHead + kContext + "The next error");
  const auto all = reader.all();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_THAT(all[0], EndsWith("any text of the exception\n" + kHead));
  EXPECT_EQ(all[1], kHead + kContext + "The next error");
}

TEST(LogFramer, InterleavedWorkersKeepTheirOwnTracebacks) {
  Reader reader;
  reader.line(kHead + kContext + "first fails");
  reader.line(kOther + kContext + "second fails");
  reader.line(kHead + "Traceback (most recent call last):");
  reader.line(kOther + "Traceback (most recent call last):");
  reader.line(kOther + "ValueError: second");
  reader.line(kHead + "ValueError: first");
  const auto all = reader.all();
  EXPECT_THAT(all, ElementsAre(kHead + kContext + "first fails\n" + kHead +
                                   "Traceback (most recent call last):\n" + kHead + "ValueError: first",
                               kOther + kContext + "second fails\n" + kOther +
                                   "Traceback (most recent call last):\n" + kOther + "ValueError: second"));
}

TEST(LogFramer, TwoErrorsOfOneMillisecondStayTwo) {
  EXPECT_THAT(Reader().line(kHead + kContext + "one").line(kHead + kContext + "two").all(), SizeIs(2));
  EXPECT_THAT(Reader().line(kHead + "[-] one").line(kHead + "no bracket, no traceback").all(), SizeIs(2));
}

TEST(LogFramer, ALaterLineOfTheSameProcessEndsItsRecordsAndNobodyElses) {
  Reader reader;
  reader.line(kHead + kContext + "first");
  reader.line(kOther + kContext + "other");
  reader.line("2026-11-21 10:05:36.188 14321 INFO another.logger [-] later");
  ASSERT_THAT(reader.records, SizeIs(1));
  EXPECT_THAT(reader.records[0].text, EndsWith("first"));
}

TEST(LogFramer, SafeToResumeIsWhereTheOldestOpenRecordBegan) {
  Reader reader;
  EXPECT_EQ(reader.framer.safe_offset(), 0u);
  reader.line(kHead + kContext + "first");
  EXPECT_EQ(reader.framer.safe_offset(), 0u);
  const std::uint64_t second = reader.offset;
  reader.line(kOther + kContext + "other");
  EXPECT_EQ(reader.framer.safe_offset(), 0u);
  reader.line("2026-11-21 10:05:36.188 14321 INFO another.logger [-] later");
  EXPECT_EQ(reader.framer.safe_offset(), second);
  EXPECT_TRUE(reader.framer.has_open());
  reader.all();
  EXPECT_FALSE(reader.framer.has_open());
  EXPECT_EQ(reader.framer.safe_offset(), reader.offset);
  EXPECT_EQ(reader.records[0].begin_offset, 0u);
  EXPECT_EQ(reader.records[0].end_offset, second);
}

TEST(LogFramer, SafeToResumeWhileARecordIsHandedOverIsWhereTheNextLineBegins) {
  LogFramer framer;
  std::vector<std::uint64_t> safe;
  const LogFramer::Sink sink = [&](FramedRecord) { safe.push_back(framer.safe_offset()); };
  const std::string first = kTime + " 1 INFO a [-] first";
  framer.line(first, 0, first.size() + 1, Time{1}, sink);
  framer.line("2026-11-21 10:05:36.188 1 INFO a [-] second", first.size() + 1, 200, Time{2}, sink);
  EXPECT_THAT(safe, ElementsAre(first.size() + 1));
  framer.flush(Time{3}, sink);
  EXPECT_THAT(safe, ElementsAre(first.size() + 1, 200u));
}

TEST(LogFramer, OnlyWhatHasBeenQuietIsFlushed) {
  Reader reader;
  reader.line(kHead + kContext + "first");
  reader.line(kOther + kContext + "other");
  reader.framer.flush(Time{1'001}, reader.sink);
  ASSERT_THAT(reader.records, SizeIs(1));
  EXPECT_THAT(reader.records[0].text, EndsWith("first"));
}

TEST(LogFramer, AContinuationAfterAFlushIsARecordOfItsOwn) {
  Reader reader;
  reader.line(kHead + kContext + "first");
  reader.all();
  reader.line("  late frame");
  EXPECT_THAT(reader.all(), ElementsAre(kHead + kContext + "first", "  late frame"));
}

TEST(LogFramer, ALineOfRabbitMqRepeatedWithTheSameHeadIsOneMessage) {
  const std::string head = "2026-03-02 10:11:12.345678+00:00 [error] <0.1.0> ";
  const std::string other = "2026-03-02 10:11:12.345679+00:00 [error] <0.1.0> ";
  EXPECT_THAT(Reader().line(head + "crash").line(head + "  reason: x").line(other + "more").all(),
              ElementsAre(head + "crash\n" + head + "  reason: x", other + "more"));
}

TEST(LogFramer, AccessLinesNeverTakeAContinuation) {
  const std::string access =
      "[pid: 41|app: 0|req: 17/203] 10.0.0.9 () {58 vars in 1012 bytes} [Mon Mar  2 10:11:12 2026] GET /v3 "
      "=> "
      "generated 4312 bytes in 38 msecs (HTTP/1.1 200) 6 headers in 371 bytes (1 switches on core 0)";
  const std::string apache = R"(10.0.0.9 - - [02/Mar/2026:10:11:12 +0000] "GET / HTTP/1.1" 200 12)";
  EXPECT_THAT(Reader()
                  .line(access)
                  .line("DAMN ! worker 1 died")
                  .line(access)
                  .line("Traceback (most recent call last):")
                  .line("  File x")
                  .line("ValueError: y")
                  .line("not of it")
                  .line(apache)
                  .line(apache)
                  .all(),
              ElementsAre(access, "DAMN ! worker 1 died", access,
                          "Traceback (most recent call last):\n  File x\nValueError: y", "not of it", apache,
                          apache));
}

TEST(LogFramer, TracebacksOfOneAfterAnotherOnAConsoleStayApart) {
  const std::string trace = "Traceback (most recent call last):\n  File x\nValueError: y";
  Reader reader;
  for (int i = 0; i < 2; ++i)
    reader.line("Traceback (most recent call last):").line("  File x").line("ValueError: y");
  reader.line("").line("During handling of the above exception, another exception occurred:").line("");
  reader.line("Traceback (most recent call last):").line("  File z").line("KeyError: 1");
  EXPECT_THAT(reader.all(),
              ElementsAre(trace, trace + "\n\nDuring handling of the above exception, another exception "
                                         "occurred:\n\nTraceback (most recent call last):\n  File z\n"
                                         "KeyError: 1"));
}

TEST(LogFramer, ADigitAtTheStartOfALineIsNotARecord) {
  const std::string first = kTime + " 1 INFO a [-] list:";
  EXPECT_THAT(Reader().line(first).line("2026 was a year").line("2026-13-01 10:00:00 1 INFO a [-] b").all(),
              SizeIs(1));
}

TEST(LogFramer, AnEndlessRecordKeepsItsHeadAndItsTail) {
  Reader reader(1'000);
  reader.line(kTime + " 1 INFO a [-] begin");
  for (int i = 0; i < 1'000; ++i) reader.line("<line>" + std::to_string(i) + "</line>");
  reader.all();
  ASSERT_THAT(reader.records, SizeIs(1));
  const FramedRecord& record = reader.records[0];
  EXPECT_TRUE(record.truncated);
  EXPECT_THAT(record.text, StartsWith(kTime + " 1 INFO a [-] begin\n<line>0</line>"));
  EXPECT_THAT(record.text, HasSubstr("bytes left out"));
  EXPECT_THAT(record.text, EndsWith("<line>999</line>"));
  EXPECT_LT(record.text.size(), 1'100u);
  EXPECT_EQ(record.end_offset, reader.offset);
}

TEST(LogFramer, MoreWritersThanAreKeptOpenLoseNoLine) {
  Reader reader;
  for (int pid = 1; pid <= 300; ++pid) reader.line(kTime + " " + std::to_string(pid) + " INFO a [-] x");
  EXPECT_GE(reader.records.size(), 100u);
  EXPECT_THAT(reader.all(), SizeIs(300));
}

TEST(LogFramer, CarriageReturnsAndEmptyLinesAreKept) {
  const std::string first = kTime + " 1 INFO a [-] x\r";
  EXPECT_THAT(Reader().line(first).line("").line("\r").all(), ElementsAre(first + "\n\n\r"));
  EXPECT_THAT(Reader().line("").line("\r").line("text").all(), ElementsAre("\n\r", "text"));
}

TEST(LogFramer, AnEmptyLineInAMessageDoesNotEndIt) {
  const std::string first = kTime + " 14313 WARNING oslo_config.cfg [-] Deprecated: Option \"stores\" (";
  const std::string next = "2026-11-21 10:05:36.188 14313 INFO glance.common.wsgi [-] Starting 1 workers";
  const std::string rest = ").  Its value may be silently ignored in the future.";
  EXPECT_THAT(Reader().line(first).line("one").line("").line("two").line(rest).line(next).all(),
              ElementsAre(first + "\none\n\ntwo\n" + rest, next));
}

TEST(LogFramer, RecordsComeInTheOrderInWhichTheyBegan) {
  Reader reader;
  reader.line(kHead + kContext + "first");
  reader.line(kOther + kContext + "second");
  reader.line("2026-11-21 10:05:36.188 99 INFO b [-] third");
  EXPECT_THAT(reader.records, IsEmpty());
  EXPECT_THAT(reader.all(), ElementsAre(EndsWith("first"), EndsWith("second"), EndsWith("third")));
}

TEST(LogFramer, ASilentWorkerHoldsNothingUpForMoreThanASecondOfItsFile) {
  Reader reader;
  reader.line(kHead + kContext + "silent");
  reader.line("2026-11-21 10:05:37.186 99 INFO b [-] within the second");
  EXPECT_THAT(reader.records, IsEmpty());
  reader.line("2026-11-21 10:05:37.187 99 INFO b [-] after it");
  EXPECT_THAT(reader.records, SizeIs(2));
}

TEST(LogFramer, ObjectsAreRecordsOnTheirOwnAndTextWithinAMessage) {
  const std::string object = R"({"message": "a", "levelname": "INFO"})";
  EXPECT_THAT(Reader().line(object).line(object).all(), ElementsAre(object, object));
  const std::string first = kTime + " 1 DEBUG a [-] the answer was";
  EXPECT_THAT(Reader().line(first).line(object).all(), ElementsAre(first + "\n" + object));
}

TEST(LogFramer, AnEntryOfTheJournalIsOneRecordWhateverItsMessageHolds) {
  const std::string lines[] = {"__CURSOR=s=1",
                               "MESSAGE=" + kHead + kContext + "x",
                               "EXCEPTION_TEXT",
                               "12345678" + kHead,
                               kHead + "Traceback",
                               "_PID=1",
                               ""};
  std::string entry;
  for (const std::string& line : lines) entry += (entry.empty() ? "" : "\n") + line;
  Reader reader;
  for (int i = 0; i < 2; ++i)
    for (const std::string& line : lines) reader.line(line);
  EXPECT_THAT(reader.all(), ElementsAre(entry, entry));
}

const std::string kKlog = "E1121 10:05:36.187500    4711 kubelet.go:2347] \"Node not ready\" node=\"c1\"";
const std::string kLogfmt = "time=\"2026-11-21T10:05:36.187Z\" level=error msg=\"died: \\\"x\\\"\" id=7f";
const std::string kBasic = "WARNING:keystonemiddleware.auth_token:Using the in-process token cache";

TEST(LogFramer, LinesOfOtherProgramsBeginRecordsBehindThoseOfOslo) {
  const std::string oslo = kTime + " 1 INFO a [-] first";
  const std::string error = kHead + kContext + "fails";
  for (const std::string& line :
       {kKlog, kLogfmt, kBasic,
        std::string("ts=2026-11-21T10:05:36.187Z caller=main.go:12 level=info msg=up"),
        std::string("level=warn ts=2026-11-21T10:05:36.187Z component=dedupe x=1"),
        std::string("CRITICAL:root:cannot go on"), std::string("INFO:__main__:"), kKlog + "\r"}) {
    EXPECT_THAT(Reader().line(oslo).line(line).line(oslo).all(), ElementsAre(oslo, line, oslo));
    EXPECT_THAT(Reader().line(error).line("a second line").line(line).line(line).all(),
                ElementsAre(error + "\na second line", line, line));
  }
}

TEST(LogFramer, LinesOfOtherProgramsBetweenThoseOfATracebackTakeNothingOfIt) {
  Reader reader;
  reader.line(kHead + kContext + "fails").line(kHead + "Traceback (most recent call last):");
  reader.line(kKlog).line(kHead + "  File x").line(kLogfmt).line(kBasic).line(kHead + "E: why");
  EXPECT_THAT(reader.all(),
              ElementsAre(kHead + kContext + "fails\n" + kHead + "Traceback (most recent call last):\n" +
                              kHead + "  File x\n" + kHead + "E: why",
                          kKlog, kLogfmt, kBasic));
}

TEST(LogFramer, WhatOnlyLooksLikeAnotherProgramsLineStaysInItsRecord) {
  const std::string first = kTime + " 1 ERROR a [-] it failed:";
  for (const std::string line : {
           // Pairs of an exception, a statement, a command's output: no time, no level, or no value that is
           // one.
           "key=value",
           "level=info",
           "level=error msg=x",
           "time=10 level=error msg=x",
           "time=\"2026-11-21T10:05:36Z\" msg=x",
           "time=\"2026-11-21T10:05:36Z\" level=high msg=x",
           "time=\"2026-11-21T10:05:36Z\" level=error",
           "msg=x time=\"2026-11-21T10:05:36Z\" level=error",
           "  time=\"2026-11-21T10:05:36Z\" level=error msg=x",
           "timeout=30 level=error ts=2026-11-21T10:05:36Z x=1",
           "SET time='2026-11-21' WHERE level=3",
           // Databases and people write levels and colons too.
           "ERROR:  duplicate key value violates unique constraint \"x\"",
           "ERROR: cannot bind: in use",
           "ERROR:1062:Duplicate entry",
           "DETAIL:key:exists",
           "FATAL:two words:text",
           "INFO::x",
           "error:root:x",
           "  ERROR:root:x",
           // A word and numbers.
           "E1321 10:05:36.187500 1 a.go:1] x",
           "E1121 10:05:36.187500 a.go:1] x",
           "E1121 10:05:36.187500 1 a.go:1 x",
           "X1121 10:05:36.187500 1 a.go:1] x",
           "EE1121 10:05:36.187500 1 a.go:1] x",
           "E1121",
           "I am here",
       })
    EXPECT_THAT(Reader().line(first).line(line).all(), ElementsAre(first + "\n" + line)) << line;
}

TEST(LogFramer, WhatFollowsALineOfAnotherProgramIsAsMuchOfItAsThatProgramWrites) {
  // klog's messages may have lines, pairs are one line, logging adds a traceback and no more.
  EXPECT_THAT(Reader().line(kKlog).line("goroutine 1 [running]:").line("main.main()").line(kKlog).all(),
              ElementsAre(kKlog + "\ngoroutine 1 [running]:\nmain.main()", kKlog));
  // A controller's own lines are objects, those of the libraries in it klog's.
  const std::string object = R"({"level":"info","ts":"2026-11-21T10:05:36.187Z","msg":"Reconciled"})";
  EXPECT_THAT(Reader().line(kKlog).line(object).line(kKlog).all(), ElementsAre(kKlog, object, kKlog));
  EXPECT_THAT(Reader().line(kLogfmt).line("panic: x").line("level=info msg=y").all(),
              ElementsAre(kLogfmt, "panic: x", "level=info msg=y"));
  const std::string trace = "Traceback (most recent call last):\n  File x\nValueError: y";
  EXPECT_THAT(Reader()
                  .line("ERROR:root:x")
                  .line("Traceback (most recent call last):")
                  .line("  File x")
                  .line("ValueError: y")
                  .line(kBasic)
                  .line("text")
                  .all(),
              ElementsAre("ERROR:root:x\n" + trace, kBasic, "text"));
}

}  // namespace
}  // namespace sentinella::codec
