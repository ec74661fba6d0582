#include "telemetry/filled_text.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace sentinella::telemetry {
namespace {

using testing::HasSubstr;

const boost::json::value& scope() {
  static const boost::json::value value =
      *parse_json(R"({"sample": {"id": "a b", "n": 4, "x.y": "z"}, "by": {"p": {"value": "plus + sign"}}})");
  return value;
}

std::string filled(const Result<FilledText>& text) {
  EXPECT_TRUE(text) << describe(text.error());
  return text ? text->text_in(scope()) : "";
}

TEST(FilledText, PlacesAreFilled) {
  EXPECT_EQ(filled(FilledText::compile("v3/${sample.id}/${sample.n}?$${x}")), "v3/a b/4?${x}");
  const auto one = FilledText::compile("${sample.n}");
  EXPECT_TRUE(one->is_one_value());
  EXPECT_EQ(one->value_in(scope()), 4);
  EXPECT_EQ(filled(FilledText::compile("${sample.none}")), "");
  EXPECT_FALSE(FilledText::compile("${sample"));
  EXPECT_FALSE(FilledText::compile("${sample[}"));
}

TEST(FilledText, CeilometersSumsAreRead) {
  EXPECT_EQ(filled(FilledText::compile_sum("'/v3/projects/' + str(sample['id'])")), "/v3/projects/a b");
  EXPECT_EQ(filled(FilledText::compile_sum(R"("a + b" + str(by['p']['value']) + '"')")),
            "a + bplus + sign\"");
  EXPECT_EQ(filled(FilledText::compile_sum("sample['x.y']")), "z");
  for (const char* wrong :
       {"", "'a' +", "'a' 'b'", "os.system('id')", "sample['id", "'a' + __import__('os')"})
    EXPECT_FALSE(FilledText::compile_sum(wrong)) << wrong;
}

TEST(FilledText, WhatIsMissingIsNamedWhereItMatters) {
  const auto text = FilledText::compile("${sample.id}-${sample.none}");
  const auto shaped =
      text->filled_from(scope(), [](const std::string& value) -> Result<std::string> { return value; });
  EXPECT_EQ(shaped.error().code, Errc::kNotFound);
  EXPECT_THAT(shaped.error().message, HasSubstr("sample.none"));
}

}  // namespace
}  // namespace sentinella::telemetry
