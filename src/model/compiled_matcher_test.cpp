#include "model/compiled_matcher.h"

#include <gmock/gmock.h>

namespace sentinella {
namespace {

using testing::HasSubstr;
using enum LabelMatcher::Op;

CompiledMatcher matcher(LabelMatcher::Op op, std::string value) {
  return CompiledMatcher::make({op, "host", std::move(value)}).value();
}

TEST(CompiledMatcher, MatchesTheWholeValue) {
  EXPECT_TRUE(matcher(equal, "c1").matches("c1"));
  EXPECT_FALSE(matcher(equal, "c1").matches("c10"));
  EXPECT_TRUE(matcher(not_equal, "c1").matches("c10"));
  EXPECT_TRUE(matcher(regex, "c[0-9]+").matches("c10"));
  EXPECT_FALSE(matcher(regex, "c[0-9]").matches("c10"));
  EXPECT_FALSE(matcher(not_regex, "c.*").matches("c10"));
  EXPECT_TRUE(matcher(regex, "a.b").matches("a\nb")) << "as in Prometheus";
}

TEST(CompiledMatcher, KnowsWhetherWhatLacksTheLabelCanMatch) {
  EXPECT_TRUE(matcher(equal, "c1").narrows());
  EXPECT_FALSE(matcher(equal, "").narrows());
  EXPECT_FALSE(matcher(not_equal, "c1").narrows());
  EXPECT_FALSE(matcher(regex, ".*").narrows());
  EXPECT_TRUE(matcher(regex, ".+").narrows());
  EXPECT_EQ(*matcher(equal, "c1").only_value(), "c1");
  EXPECT_EQ(matcher(regex, "c1").only_value(), nullptr);
}

TEST(CompiledMatcher, RefusesWhatIsNoExpressionAndWhatIsTooLarge) {
  const auto why = [](std::string value, std::int64_t memory = 8 << 20) {
    const auto made = CompiledMatcher::make({regex, "host", std::move(value)}, memory);
    return made ? "nothing" : describe(made.error());
  };
  EXPECT_THAT(why("c["), HasSubstr("host: \"c[\" is not a regular expression"));
  EXPECT_THAT(why(std::string(17'000, 'x')), HasSubstr("at most 16384"));
  EXPECT_THAT(why("((a{100}){100}){10}", 1 << 20), HasSubstr("is not a regular expression"));
}

}  // namespace
}  // namespace sentinella
