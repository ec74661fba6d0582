#include "rules/mann_whitney.h"

#include <gtest/gtest.h>

namespace sentinella::rules {
namespace {

TEST(MannWhitney, GivesWhatTablesGive) {
  EXPECT_NEAR(mann_whitney_p({1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}), 0.0122, 0.0001);
  EXPECT_NEAR(mann_whitney_p({6, 7, 8, 9, 10}, {1, 2, 3, 4, 5}), 0.0122, 0.0001);
  EXPECT_NEAR(mann_whitney_p({1, 3, 5, 7, 9}, {2, 4, 6, 8, 10}), 0.6761, 0.0001);
}

TEST(MannWhitney, WhatIsAllTheSameTellsNothing) {
  EXPECT_EQ(mann_whitney_p({5, 5, 5}, {5, 5, 5, 5}), 1);
  EXPECT_EQ(mann_whitney_p({}, {1, 2, 3}), 1);
}

}  // namespace
}  // namespace sentinella::rules
