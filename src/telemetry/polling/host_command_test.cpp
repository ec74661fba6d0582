#include "telemetry/polling/host_command.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> words(const boost::json::value& spec, std::string_view scope = "{}") {
  const auto command = HostCommand::compile(spec);
  EXPECT_TRUE(command) << describe(command.error());
  if (!command) return {};
  const auto made = command->words_for(*parse_json(scope));
  EXPECT_TRUE(made) << describe(made.error());
  return made.value_or(std::vector<std::string>());
}

std::string refused(const boost::json::value& spec) {
  const auto command = HostCommand::compile(spec);
  return command ? "nothing" : describe(command.error());
}

TEST(HostCommand, IsSplitIntoWordsAsPeopleWriteThem) {
  EXPECT_THAT(words("  get-vm  --name 'a b' --x=\"c | d\"e "),
              ElementsAre("get-vm", "--name", "a b", "--x=c | de"));
  EXPECT_THAT(words(boost::json::array{"get-vm", "a | b", ""}), ElementsAre("get-vm", "a | b", ""));
}

TEST(HostCommand, AValueIsOneArgumentWhateverItHolds) {
  constexpr std::string_view kScope =
      R"({"sample": {"name": "x; rm -rf / $(id) 'y\" | z", "n": 4, "opt": "--all"}})";
  EXPECT_THAT(words("get-vm ${sample.name} n=${sample.n} '${sample.n} of'", kScope),
              ElementsAre("get-vm", "x; rm -rf / $(id) 'y\" | z", "n=4", "4 of"));
  const auto scope = *parse_json(kScope);
  const auto fault = [&](const char* text) {
    const auto made = HostCommand::compile(text)->words_for(scope);
    return made ? Errc::kCorrupt : made.error().code;
  };
  EXPECT_EQ(fault("get-vm ${sample.opt}"), Errc::kInvalid);
  EXPECT_EQ(fault("get-vm ${sample.none}"), Errc::kNotFound);
}

TEST(HostCommand, WhatOnlyAShellUnderstandsIsRefused) {
  for (const char* text : {"a | b", "a; b", "a && b", "a > /b", "a $HOME", "a `b`", "a *", "a $(b)", "a\nb"})
    EXPECT_THAT(refused(text), HasSubstr("no shell")) << text;
  EXPECT_THAT(refused("a 'b"), HasSubstr("quote"));
  EXPECT_THAT(refused(" "), HasSubstr("program"));
  EXPECT_THAT(refused("${sample.name} a"), HasSubstr("program"));
  EXPECT_THAT(refused(boost::json::array{"a", 1}), HasSubstr("list"));
  EXPECT_THAT(refused(7), HasSubstr("list"));
}

TEST(HostCommand, IsBoundedAndSaysWhyItFailed) {
  EXPECT_EQ(*run_host_command({"printf", "1\n2\n"}, 10s), "1\n2");
  const auto failed = run_host_command({"sh", "-c", "echo no such machine >&2; exit 3"}, 10s);
  EXPECT_EQ(failed.error().message, "sh ended with 3: no such machine");
  EXPECT_EQ(run_host_command({"sleep", "60"}, 100ms).error().code, Errc::kUnavailable);
  EXPECT_EQ(run_host_command({"yes"}, 60s).error().code, Errc::kTooLarge);
  EXPECT_EQ(run_host_command({"no-such-program-at-all"}, 1s).error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace sentinella::telemetry
