// The framer and the parser over logs of a real OpenStack (Zed on Debian 12; services were killed and healed
// while it was taken). What comes out, file by file, is pinned in testdata/capture.golden.
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "codec/log_framer.h"
#include "codec/log_line.h"
#include "codec/log_parser.h"

namespace sentinella::codec {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::StartsWith;

const std::filesystem::path kData = SENTINELLA_TESTDATA;

struct Parsed {
  std::size_t lines = 0;
  std::size_t framed_lines = 0;
  std::vector<LogRecord> records;
};

Parsed read_log(const std::filesystem::path& path) {
  Parsed out;
  const std::string text = read_file(path).value();
  LogFramer framer;
  const auto sink = [&](const FramedRecord& framed) {
    out.framed_lines += static_cast<std::size_t>(std::ranges::count(framed.text, '\n')) + 1;
    LogRecord& record = out.records.emplace_back();
    record.raw = framed.text;
    parse_log(record);
  };
  std::uint64_t offset = 0;
  for (const std::string_view line :
       split(text.ends_with('\n') ? std::string_view(text).substr(0, text.size() - 1) : text, '\n')) {
    const std::uint64_t begin = offset;
    offset += line.size() + 1;
    framer.line(line, begin, offset, Time{0}, sink);
    ++out.lines;
  }
  framer.flush(Time{1}, sink);
  EXPECT_EQ(framer.safe_offset(), offset);
  return out;
}

std::string summary(const std::string& name, const Parsed& parsed) {
  std::size_t joined = 0, tracebacks = 0, unparsed = 0;
  std::map<Severity, std::size_t> levels;
  for (const LogRecord& record : parsed.records) {
    joined += (record.flags & LogRecord::kJoined) != 0;
    unparsed += (record.flags & LogRecord::kUnparsed) != 0;
    tracebacks += !record.traceback.empty();
    ++levels[record.severity];
  }
  std::string out = fmt::format("{} lines={} records={} joined={} tracebacks={} unparsed={}", name,
                                parsed.lines, parsed.records.size(), joined, tracebacks, unparsed);
  for (const auto& [level, count] : levels) out += fmt::format(" {}={}", to_string(level), count);
  return out + "\n";
}

TEST(LogCapture, EveryFileGivesTheSameRecordsAsEver) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kData / "capture"))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  std::string all;
  for (const std::string& name : names) {
    const Parsed parsed = read_log(kData / "capture" / name);
    EXPECT_EQ(parsed.framed_lines, parsed.lines) << name << ": a line was lost";
    all += summary(name, parsed);
  }
  EXPECT_EQ(all, read_file(kData / "capture.golden").value());
}

TEST(LogCapture, NoLineWithATimeIsLeftUnparsedInLogsOfServices) {
  for (const auto& entry : std::filesystem::directory_iterator(kData / "capture")) {
    if (entry.path().filename() == "faults.log") continue;
    for (const LogRecord& record : read_log(entry.path()).records)
      EXPECT_FALSE((record.flags & LogRecord::kUnparsed) && scan_iso_time(record.raw)) << record.raw;
  }
}

TEST(LogCapture, NoValidHostHasItsRequestAndItsWholeTraceback) {
  const Parsed conductor = read_log(kData / "capture" / "nova-conductor.log");
  const auto found = std::ranges::find_if(conductor.records, [](const LogRecord& record) {
    return record.message.starts_with(
        "Failed to schedule instances: nova.exception_Remote.NoValidHost_Remote");
  });
  ASSERT_NE(found, conductor.records.end());
  EXPECT_EQ(found->severity, Severity::error);
  EXPECT_EQ(found->pid, 14321u);
  EXPECT_EQ(found->component, "nova.conductor.manager");
  EXPECT_EQ(found->request_id, "req-b9a522e4-f8b1-4257-a3f8-1c9bb12324ee");
  EXPECT_EQ(found->project_id, "4493d9e0bdb34da6ae05c69cd5d97889");
  EXPECT_EQ(to_rfc3339(found->time), "2026-11-21T10:05:36.187Z");
  EXPECT_EQ(
      found->message,
      "Failed to schedule instances: nova.exception_Remote.NoValidHost_Remote: No valid host was found. ");
  // Both the text of the remote error and the prefixed lines of the local one.
  EXPECT_THAT(found->traceback, StartsWith("Traceback (most recent call last):\n"));
  EXPECT_THAT(found->traceback, HasSubstr("\n    raise exception.NoValidHost(reason=\"\")\n"));
  EXPECT_THAT(found->traceback,
              HasSubstr("\n  File \"/usr/lib/python3/dist-packages/nova/conductor/manager.py\", line 1587"));
  EXPECT_THAT(found->traceback, testing::Not(HasSubstr("14321 ERROR")));
  EXPECT_EQ(std::ranges::count(found->raw, '\n'), 74 - 27);
}

TEST(LogCapture, ARequestIsFollowedThroughBothOfItsIds) {
  const Parsed compute = read_log(kData / "capture" / "nova-compute.log");
  EXPECT_THAT(compute.records,
              Contains(AllOf(Field(&LogRecord::global_request_id, "req-b123227f-8b8a-4e41-ada7-48f7a0b32bd1"),
                             Field(&LogRecord::request_id, "req-7d312eed-30c6-4802-bedb-f8c9a6b7a1b6"))));
}

}  // namespace
}  // namespace sentinella::codec
