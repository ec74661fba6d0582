#include "agent/cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string error_of(const std::vector<std::string>& arguments) {
  const auto parsed = parse_arguments(arguments);
  return parsed ? "" : parsed.error().message;
}

TEST(Arguments, OptionsStandBeforeOrAfterTheCommand) {
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"-c", "f", "run", "--once"}, {"run", "--once", "--config=f"}}) {
    const auto parsed = parse_arguments(line);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->command, "run");
    EXPECT_EQ(parsed->get("config"), "f");
    EXPECT_TRUE(parsed->has("once"));
  }
}

TEST(Arguments, WordsAfterTheCommandAreKept) {
  EXPECT_THAT(parse_arguments({"enable", "m=f", "--", "-x"})->words, ElementsAre("m=f", "-x"));
}

TEST(Arguments, MistakesAreExplained) {
  EXPECT_THAT(error_of({"run", "--onze"}), HasSubstr("--once"));
  EXPECT_THAT(error_of({"satus"}), HasSubstr("status"));
  EXPECT_THAT(error_of({"-c"}), HasSubstr("needs a value"));
  EXPECT_THAT(error_of({"run", "--once=1"}), HasSubstr("takes no value"));
  EXPECT_THAT(error_of({"status", "--once"}), HasSubstr("not an option of status"));
  EXPECT_THAT(error_of({"-x"}), HasSubstr("no such option"));
}

}  // namespace
}  // namespace sentinella::agent
