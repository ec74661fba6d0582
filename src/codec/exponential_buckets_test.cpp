#include "codec/exponential_buckets.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gmock/gmock.h>

namespace sentinella::codec {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "bound:count" of every bucket.
std::vector<std::string> shown(const ExponentialHistogram& histogram) {
  std::vector<std::string> out;
  for (const auto& bucket : to_classic_buckets(histogram))
    out.push_back(std::to_string(bucket.upper).substr(0, 6) + ":" +
                  std::to_string(static_cast<int>(bucket.count)));
  return out;
}

TEST(ExponentialBuckets, CountsAreCumulativeAndBoundsArePowers) {
  ExponentialHistogram histogram;
  histogram.positive = {{0, 3}, {1, 1}, {3, 2}};
  EXPECT_THAT(shown(histogram), ElementsAre("1.0000:0", "2.0000:3", "4.0000:4", "8.0000:4", "16.000:6"));
}

TEST(ExponentialBuckets, NegativeValuesAndZeroComeFirst) {
  ExponentialHistogram histogram;
  histogram.negative = {{0, 1}, {1, 2}};
  histogram.zero_count = 4;
  histogram.positive = {{-1, 5}};
  EXPECT_THAT(shown(histogram),
              ElementsAre("-4.000:0", "-2.000:2", "-1.000:3", "0.0000:7", "0.5000:7", "1.0000:12"));
}

TEST(ExponentialBuckets, NothingSeenIsNoBuckets) {
  EXPECT_THAT(to_classic_buckets({}), IsEmpty());
  ExponentialHistogram histogram;
  histogram.positive = {{5, 0}, {6, 0}};
  EXPECT_THAT(to_classic_buckets(histogram), IsEmpty());
}

TEST(ExponentialBuckets, AFinerScaleGivesTheBoundsOfACoarserOneAndItsCounts) {
  ExponentialHistogram fine, coarse;
  fine.scale = 6;
  coarse.scale = 1;
  std::mt19937 random(3);
  for (std::int64_t index = -640; index < 640; ++index) {
    const auto count = static_cast<double>(random() % 10);
    fine.positive.push_back({index, count});
    if (coarse.positive.empty() || coarse.positive.back().index != index >> 5)
      coarse.positive.push_back({index >> 5, 0});
    coarse.positive.back().count += count;
  }
  const auto many = to_classic_buckets(fine);
  EXPECT_LE(many.size(), kMostClassicBuckets + 1);
  for (const auto& bucket : to_classic_buckets(coarse)) {
    const auto same = std::ranges::find(many, bucket.upper, &ClassicBucket::upper);
    ASSERT_NE(same, many.end()) << bucket.upper;
    EXPECT_EQ(same->count, bucket.count);
  }
}

TEST(ExponentialBuckets, AnyWidthEndsWithFewFiniteBuckets) {
  for (const int scale : {-16, -4, 0, 8, 20, 24}) {
    ExponentialHistogram histogram;
    histogram.scale = scale;
    histogram.negative = {{INT32_MIN, 1}, {0, 1}, {INT32_MAX, 1}};
    histogram.positive = {{INT32_MIN, 1}, {-1, 1}, {0, 1}, {INT32_MAX, 1}};
    const auto buckets = to_classic_buckets(histogram);
    EXPECT_LE(buckets.size(), kMostClassicBuckets + 4);
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      EXPECT_TRUE(std::isfinite(buckets[i].upper));
      if (i == 0) continue;
      EXPECT_LT(buckets[i - 1].upper, buckets[i].upper);
      EXPECT_LE(buckets[i - 1].count, buckets[i].count);
    }
  }
}

}  // namespace
}  // namespace sentinella::codec
