#include "api/self/self_doors.h"

#include <gtest/gtest.h>

namespace sentinella::api::self {
namespace {

TEST(ProcessFigures, AreReadFromProc) {
  const auto figures = parse_process_figures("9000 250 100 1 0 50 0\n",
                                             "42 (a (b) c) S 1 42 42 0 -1 4194560 900 0 0 0 300 100 0 0 20 0 "
                                             "9 0 7 1 250 1 1 1 0 0 0 0 0 0 0 0 0 17 0 0 0\n",
                                             4096, 100);
  EXPECT_EQ(figures.resident_bytes, 250 * 4096);
  EXPECT_EQ(figures.cpu_seconds, 4);
}

TEST(ProcessFigures, AreZeroForTextOfAnotherForm) {
  for (const auto* text : {"", "x", ") ", "1 (x", "1 2 3"}) {
    const auto figures = parse_process_figures(text[0] == '1' ? "" : text, text, 4096, 100);
    EXPECT_EQ(figures.resident_bytes, 0) << text;
    EXPECT_EQ(figures.cpu_seconds, 0) << text;
  }
}

}  // namespace
}  // namespace sentinella::api::self
