// The framer and the parser over logs of a real OpenStack (Zed on Debian 12; services were killed and healed
// while it was taken). What comes out, file by file, is pinned in testdata/capture.golden.
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "codec/log_capture.h"
#include "codec/log_framer.h"
#include "codec/log_parser.h"
#include "codec/log_reader.h"

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

const std::string& log_text(std::string_view path) {
  static const auto logs = read_capture(kData);
  return logs.find(path)->second;
}

Parsed read_log(std::string_view path) {
  Parsed out;
  LogFramer framer;
  const auto sink = [&](const FramedRecord& framed) {
    out.framed_lines += static_cast<std::size_t>(std::ranges::count(framed.text, '\n')) + 1;
    LogRecord& record = out.records.emplace_back();
    record.raw = framed.text;
    parse_log(record);
  };
  std::uint64_t offset = 0;
  for (std::string_view rest = log_text(path); !rest.empty(); ++out.lines) {
    const std::string_view line = take_line(rest);
    const std::uint64_t begin = offset;
    offset += line.size() + 1;
    framer.line(line, begin, offset, Time{0}, sink);
  }
  framer.flush(Time{1}, sink);
  EXPECT_EQ(framer.safe_offset(), offset);
  return out;
}

LogColumns read_columns(std::string_view path, LogFormatCounts& counts) {
  LogColumns columns;
  LogReader reader;
  const std::string_view text = log_text(path);
  EXPECT_TRUE(reader.finish(text.substr(reader.read(text, {}, columns)), {}, columns));
  counts = reader.counts();
  return columns;
}

std::string summary(const std::string& name, const Parsed& parsed, const LogFormatCounts& formats) {
  std::size_t joined = 0, tracebacks = 0, requests = 0;
  std::map<Severity, std::size_t> levels;
  for (const LogRecord& record : parsed.records) {
    joined += (record.flags & LogRecord::kJoined) != 0;
    tracebacks += !record.traceback.empty();
    requests += record.http.has_value();
    ++levels[record.severity];
  }
  std::string out = fmt::format("{} lines={} records={} joined={} tracebacks={} requests={}", name,
                                parsed.lines, parsed.records.size(), joined, tracebacks, requests);
  for (std::size_t i = 0; i < kLogFormats; ++i)
    if (formats.records[i] != 0) out += fmt::format(" {}={}", log_format_names()[i], formats.records[i]);
  for (const auto& [level, count] : levels) out += fmt::format(" {}={}", to_string(level), count);
  return out + "\n";
}

TEST(LogCapture, EveryFileGivesTheSameRecordsAsEver) {
  std::string all;
  for (const auto& [name, text] : read_capture(kData)) {
    const Parsed parsed = read_log(name);
    LogFormatCounts formats;
    read_columns(name, formats);
    EXPECT_EQ(parsed.framed_lines, parsed.lines) << name << ": a line was lost";
    all += summary(name, parsed, formats);
  }
  EXPECT_EQ(all, read_file(kData / "capture.golden").value());
}

TEST(LogCapture, ColumnsSayWhatRecordsSay) {
  for (const auto& [name, text] : read_capture(kData)) {
    const Parsed parsed = read_log(name);
    LogFormatCounts formats;
    const LogColumns columns = read_columns(name, formats);
    ASSERT_EQ(columns.size(), parsed.records.size()) << name;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const LogRecord got = columns.record(i);
      const LogRecord& want = parsed.records[i];
      ASSERT_EQ(got.raw, want.raw) << name;
      ASSERT_EQ(std::tie(got.time, got.severity, got.pid, got.flags, got.template_id),
                std::tie(want.time, want.severity, want.pid, want.flags, want.template_id))
          << want.raw;
      ASSERT_EQ(
          std::tie(got.component, got.request_id, got.global_request_id, got.user_id, got.project_id),
          std::tie(want.component, want.request_id, want.global_request_id, want.user_id, want.project_id))
          << want.raw;
      ASSERT_EQ(std::tie(got.domain_id, got.instance, got.message, got.traceback, got.http),
                std::tie(want.domain_id, want.instance, want.message, want.traceback, want.http))
          << want.raw;
    }
  }
}

TEST(LogCapture, AMessageIsItsTemplateWithItsVariablesFilledIn) {
  LogFormatCounts formats;
  const LogColumns columns = read_columns("nova/nova-api.log", formats);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::string constant;
    std::uint32_t at = columns.message[i].offset;
    for (const LogColumns::Span hole : columns.variables_of(i)) {
      ASSERT_GE(hole.offset, at);
      constant += columns.text({at, hole.offset - at});
      constant += "<*>";
      at = hole.offset + hole.length;
    }
    const std::uint32_t end = columns.message[i].offset + columns.message[i].length;
    ASSERT_LE(at, end);
    constant += columns.text({at, end - at});
    EXPECT_EQ(log_template_id(constant), columns.template_id[i]) << constant;
  }
}

TEST(LogCapture, NoLineWithATimeIsLeftUnparsedInLogsOfServices) {
  for (const auto& [name, text] : read_capture(kData)) {
    if (name == "faults.log") continue;
    for (const LogRecord& record : read_log(name).records)
      EXPECT_FALSE((record.flags & LogRecord::kUnparsed) && scan_iso_time(record.raw)) << record.raw;
  }
}

TEST(LogCapture, NoValidHostHasItsRequestAndItsWholeTraceback) {
  const Parsed conductor = read_log("nova/nova-conductor.log");
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
  const Parsed compute = read_log("compute1/nova/nova-compute.log");
  EXPECT_THAT(compute.records,
              Contains(AllOf(Field(&LogRecord::global_request_id, "req-b123227f-8b8a-4e41-ada7-48f7a0b32bd1"),
                             Field(&LogRecord::request_id, "req-7d312eed-30c6-4802-bedb-f8c9a6b7a1b6"))));
}

}  // namespace
}  // namespace sentinella::codec
