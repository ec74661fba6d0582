#include "catalog/name_pattern.h"

#include <string>

#include <gtest/gtest.h>

namespace sentinella::catalog {
namespace {

TEST(NamePattern, StarsQuestionMarksAndSets) {
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_TRUE(matches_pattern("disk.*", "disk.io.rate"));
  EXPECT_FALSE(matches_pattern("disk.*", "disk"));
  EXPECT_TRUE(matches_pattern("*way", "noway"));
  EXPECT_TRUE(matches_pattern("c?u", "cpu"));
  EXPECT_TRUE(matches_pattern("vda[0-9]", "vda7"));
  EXPECT_FALSE(matches_pattern("vda[!0-9]", "vda7"));
  EXPECT_TRUE(matches_pattern("a[]x]", "a]"));
  EXPECT_TRUE(matches_pattern("a[b", "a[b"));
  EXPECT_TRUE(matches_pattern("*a*b*", "xaxbx"));
  EXPECT_FALSE(matches_pattern("", "a"));
}

TEST(NamePattern, ManyStarsTakeNoTime) {
  std::string pattern, name(5'000, 'a');
  for (int i = 0; i < 500; ++i) pattern += "*a";
  EXPECT_FALSE(matches_pattern(pattern + "*b", name));
}

}  // namespace
}  // namespace sentinella::catalog
