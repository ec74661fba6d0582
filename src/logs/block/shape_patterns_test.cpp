// A line recognised by its shape is coded as it would have been taken apart.
#include "logs/block/shape_patterns.h"

#include <random>

#include <gtest/gtest.h>

#include "logs/block/testing.h"

namespace sentinella::logs {
namespace {

using namespace testing_blocks;

struct Known {
  explicit Known(std::string_view line, std::span<const Pin> pins = {}, bool first_line = true) {
    LineCoder coder;
    coded = coder.code(line, pins, first_line, 2026);
    shape = coder.shape();
    patterns.add(shape, first_line);
  }
  bool matches(std::string_view line, std::span<const Pin> pins = {}) {
    return patterns.match(0, shape, line, pins, 2026, found);
  }
  bool coded = false;
  std::string shape;
  ShapePatterns patterns;
  CodedLine found;
};

TEST(ShapePatterns, LinesThatDifferInTheirValuesAreRecognised) {
  Known api(
      "2026-11-21 10:05:24.624 14632 INFO nova.wsgi [req-90c7328c-919e-45a7-88e8-12a1d03cd3b8 "
      "bdde48823f8a475c9b862b15355a8652 - default] 10.0.0.9 \"GET /v2.1/servers/w0rd HTTP/1.1\" time: "
      "0.0110042");
  const std::string other =
      "2026-11-22 23:59:59.999 7 INFO nova.wsgi [req-00000000-919e-45a7-88e8-12a1d03cd3b8 "
      "00000000000000000000000000000000 - default] 127.1.2.3 \"GET /v2.1/servers/9b HTTP/1.1\" time: "
      "2.2222222";
  ASSERT_TRUE(api.matches(other));
  EXPECT_EQ(api.found.head_end, 25u);
  EXPECT_EQ(api.found.values[0].kind, SlotKind::time);
  EXPECT_EQ(api.found.values[1].number, 7u);
  EXPECT_EQ(api.found.values.back().number, 2222222u);
  Known frame("  File \"/a/b.py\", line 77, in f, took 12345678", {}, false);
  EXPECT_TRUE(frame.matches("  File \"/a/b.py\", line 77, in f, took 999999999"));
  EXPECT_FALSE(frame.matches("  File \"/a/b.py\", line 78, in f, took 12345678"));
  Known empty("", {}, false);
  EXPECT_TRUE(empty.matches(""));
  EXPECT_FALSE(empty.matches(" "));
}

TEST(ShapePatterns, APartAtAnotherPlaceIsAnotherShape) {
  const Pin here[] = {{6, Mark::kBegin, 7}}, there[] = {{2, Mark::kBegin, 7}}, other[] = {{6, Mark::kEnd, 7}};
  Known line("took 1 s", here);
  EXPECT_TRUE(line.matches("took 2 s", here));
  EXPECT_FALSE(line.matches("took 2 s", there));
  EXPECT_FALSE(line.matches("took 2 s", other));
  EXPECT_FALSE(line.matches("took 2 s"));
  EXPECT_FALSE(line.matches("took 22 s", here));
}

TEST(ShapePatterns, WhatIsMatchedIsWhatTheCoderMakes) {
  std::mt19937_64 random(41);
  // Changes that may or may not leave the shape as it is.
  const auto changed = [&](std::string text) {
    for (auto changes = 1 + random() % 4; changes > 0 && !text.empty(); --changes) {
      const std::size_t at = random() % text.size();
      const char c = text[at];
      if (c >= '0' && c <= '9')
        text[at] = random() % 8 == 0 ? "afxZ-/. "[random() % 8] : static_cast<char>('0' + random() % 10);
      else if (random() % 6 == 0)
        text[at] = "0a-/ .:f"[random() % 8];
      if (random() % 8 == 0) text.insert(at, 1, static_cast<char>('0' + random() % 10));
      if (random() % 8 == 0 && text[at] >= '0' && text[at] <= '9') text.erase(at, 1);
    }
    return text;
  };
  std::size_t matched = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::string line = random() % 2 == 0 ? random_line(random) : random_text(random);
    const bool first_line = random() % 3 != 0;
    const Pin pins[] = {{line.empty() ? 0 : random() % line.size(), Mark::kBegin, 7}};
    const auto used = std::span(pins).first(random() % 2);
    Known known(line, used, first_line);
    if (!known.coded) continue;
    for (int i = 0; i < 4; ++i) {
      const std::string other = changed(line);
      if (!known.matches(other, used)) continue;
      ++matched;
      LineCoder coder;
      ASSERT_TRUE(coder.code(other, used, first_line, 2026)) << other;
      ASSERT_EQ(coder.shape(), known.shape) << line << "\n" << other;
      ASSERT_EQ(coder.line().head_end, known.found.head_end) << other;
      ASSERT_FALSE(coder.line().hides_ids) << other;
      ASSERT_TRUE(coder.line().values == known.found.values) << other;
    }
  }
  EXPECT_GT(matched, 10'000u);
}

}  // namespace
}  // namespace sentinella::logs
