// From bytes to columns and back: nothing is lost, whatever the bytes are.
#include "codec/log_reader.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "codec/log_corpus.h"

namespace sentinella::codec {
namespace {

struct Placed {
  std::uint64_t begin;
  std::string text;
};

/// The file again, from its records: each line of a record goes to the next place in the file that it fits.
/// Records interleave only by whole lines, and both a record's lines and the records keep their order.
std::string file_of(const std::string& text, const std::vector<Placed>& records) {
  std::multiset<std::string> lines;
  for (const Placed& record : records) {
    std::string_view rest = record.text;
    lines.insert(std::string(take_line(rest)));
    // What follows the last newline is a line too, even when it is empty.
    for (bool more = record.text.find('\n') != std::string::npos; more;) {
      more = rest.find('\n') != std::string_view::npos;
      lines.insert(std::string(take_line(rest)));
    }
  }
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string line(take_line(rest));
    const auto found = lines.find(line);
    if (found == lines.end()) return out + "[a line was lost]";
    lines.erase(found);
    out += line + "\n";
  }
  return lines.empty() ? out : out + "[a line was added]";
}

std::vector<Placed> joined(std::string_view text) {
  std::vector<Placed> records;
  RecordJoiner joiner(64u << 20);
  const auto keep = [&](const JoinedRecord& record) {
    EXPECT_FALSE(record.truncated);
    records.push_back({record.begin_offset, std::string(record.text)});
  };
  std::uint64_t offset = 0;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    joiner.line(line, offset, offset + line.size() + 1, Time{0}, keep);
    offset += line.size() + 1;
  }
  joiner.flush(Time{1}, keep);
  return records;
}

/// Lines of many kinds, real and broken, in any order.
std::string any_text(std::mt19937_64& random) {
  const std::string head = "2026-11-21 10:05:36.187 ";
  const std::string pieces[] = {head + "1 ERROR a.b [req-1 u p] x",
                                head + "2 ERROR a.b [-] x",
                                head + "1 ERROR a.b Traceback (most recent call last):",
                                head + "1 ERROR a.b   File x",
                                head + "2 ERROR a.b ValueError: y",
                                head + "1 ERROR a.b ",
                                "Traceback (most recent call last):",
                                "  File x",
                                "ValueError: y",
                                "",
                                "\r",
                                std::string("\0\0\0", 3),
                                "\xff\xfe not UTF-8 \x80",
                                "__CURSOR=1",
                                "MESSAGE=x",
                                R"({"a": 1})",
                                "2026-03-02 10:11:12.345678+00:00 [error] <0.1.0> crash",
                                "[pid: 41|app: 0|req: 17/203] 10.0.0.9 () {",
                                "<13>Nov 21 10:12:00 h t: x",
                                "E1121 10:11:12.345678    4711 kubelet.go:2347] x",
                                "time=\"2026-11-21T10:05:36Z\" level=error msg=x",
                                "ERROR:a.b:x",
                                "text"};
  std::string text;
  for (std::size_t i = random() % 40; i > 0; --i) {
    text += pieces[random() % std::size(pieces)];
    if (random() % 8 == 0) text += static_cast<char>(random());
    text += random() % 8 == 0 ? "\r\n" : "\n";
  }
  return text;
}

TEST(LogReader, TheRecordsAreTheFileForAnyBytes) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 1'000; ++round) {
    const std::string text = any_text(random);
    const auto records = joined(text);
    ASSERT_EQ(file_of(text, records), text);
    for (std::size_t i = 1; i < records.size(); ++i) ASSERT_LT(records[i - 1].begin, records[i].begin);
  }
}

TEST(LogReader, ALineOfTwentyMegabytesIsOneRecord) {
  const std::string head = "2026-11-21 10:05:36.187 1 DEBUG a.b [-] ";
  const std::string text = head + std::string(20u << 20, 'x') + "\n";
  LogColumns columns;
  LogReader reader;
  EXPECT_EQ(reader.read(text, {}, columns), text.size());
  ASSERT_TRUE(reader.finish("", {}, columns));
  ASSERT_EQ(columns.size(), 1u);
  EXPECT_EQ(columns.raw[0].length, text.size() - 1);
  EXPECT_EQ(columns.message[0].length, 20u << 20);
  EXPECT_EQ(columns.flags[0] & LogRecord::kTruncated, 0u);
}

TEST(LogReader, PiecesOfAFileGiveWhatTheWholeGives) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 300; ++round) {
    const std::string text = any_text(random) + "last line without newline";
    LogColumns whole, pieces;
    LogReader one, many;
    one.finish(std::string_view(text).substr(one.read(text, {}, whole)), {}, whole);
    std::string pending;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 50, text.size() - at);
      pending += text.substr(at, size);
      pending.erase(0, many.read(pending, {}, pieces));
      at += size;
    }
    many.finish(pending, {}, pieces);
    ASSERT_EQ(pieces.size(), whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i)
      ASSERT_EQ(pieces.text(pieces.raw[i]), whole.text(whole.raw[i])) << text;
  }
}

TEST(LogReader, ManyWorkersInOneFileKeepEveryTracebackAndEveryError) {
  // 40 workers; each writes its error and its traceback line by line while all others do the same.
  constexpr int kWorkers = 40, kRounds = 25;
  std::mt19937_64 random(9);
  std::string text;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<int> next(kWorkers, 0);
    for (int left = kWorkers * 4; left > 0;) {
      const auto worker = random() % kWorkers;
      if (next[worker] == 4) continue;
      const std::string head =
          fmt::format("2026-11-21 10:05:{:02}.187 {} ERROR nova.manager ", round, 100 + worker);
      const std::string lines[] = {"[None req-1 u p - - d d] Failed: E: w" + std::to_string(worker),
                                   "Traceback (most recent call last):", "  File \"a.py\", line 1, in f",
                                   "E: w" + std::to_string(worker)};
      text += head + lines[next[worker]++] + "\n";
      --left;
    }
  }
  LogColumns columns;
  LogReader reader;
  reader.finish(std::string_view(text).substr(reader.read(text, {}, columns)), {}, columns);
  ASSERT_EQ(columns.size(), std::size_t{kWorkers * kRounds});
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string name = fmt::format("E: w{}", columns.pid[i] - 100);
    EXPECT_EQ(columns.text(columns.message[i]), "Failed: " + name);
    EXPECT_EQ(columns.text(columns.traceback[i]),
              "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n" + name);
  }
}

TEST(LogReader, AnExpandedCorpusHasTheRecordsItWasMadeOf) {
  const std::vector<std::string> models = {
      "2026-11-21 10:05:36.187 14321 INFO a [req-b9a522e4-f8b1-4257-a3f8-1c9bb12324ee u p] [instance: "
      "3f0c2a7e-1111-4222-8333-944455556666] took 1.25 s",
      "2026-11-21 10:05:36.187 14321 ERROR a [-] x: E\n2026-11-21 10:05:36.187 14321 ERROR a Traceback (most "
      "recent "
      "call last):\n2026-11-21 10:05:36.187 14321 ERROR a E: y"};
  CorpusOptions options;
  options.bytes = 1u << 20;
  options.workers = 16;
  const std::string text = CorpusMaker(models, options).make();
  LogColumns columns;
  LogReader reader;
  reader.finish(std::string_view(text).substr(reader.read(text, {}, columns)), {}, columns);
  std::size_t errors = 0, lines = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    errors += columns.severity[i] == Severity::error;
    lines += columns.severity[i] == Severity::error ? 3 : 1;
    EXPECT_EQ(columns.text(columns.traceback[i]).empty(), columns.severity[i] != Severity::error);
  }
  EXPECT_EQ(lines, static_cast<std::size_t>(std::ranges::count(text, '\n')));
  EXPECT_EQ(errors, columns.size() / 2);
}

}  // namespace
}  // namespace sentinella::codec
