#include "telemetry/polling/extra_metadata.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace json = boost::json;

class SteppedClock final : public Clock {
 public:
  Time now() const override { return at; }
  Time at{1'700'000'000'000'000'000};
};

/// Answers from a table, and keeps what was asked.
class ExtraMetadataTest : public testing::Test {
 protected:
  void define(const std::string& yaml) {
    auto parsed = Pollster::parse_all(
        "- {name: vm, sample_type: gauge, unit: vm, endpoint_type: compute, url_path: servers, "
        "value_attribute: n, "
        "metadata_fields: [status], " +
            yaml + "}",
        Result<void>());
    ASSERT_TRUE(parsed) << describe(parsed.error());
    pollster.emplace(std::move(parsed->front()));
  }
  /// The metadata of the first sample of this answer.
  std::string metadata(std::string_view answer) {
    const auto samples = pollster->samples(*parse_json(answer), clock.at, "", [&](const json::value& entry) {
      return extra.about(pollster->extra_fields(), entry);
    });
    return samples.empty() ? "no sample" : json::serialize(samples.front().resource_metadata());
  }

  SteppedClock clock;
  std::map<std::string, std::string> answers;
  std::vector<std::string> asked;
  std::optional<Pollster> pollster;
  ExtraMetadata extra{[this](const Pollster& what, const PollTarget& target) -> Result<json::value> {
                        const std::string where = target.words.empty()
                                                      ? target.url
                                                      : fmt::format("{}", fmt::join(target.words, "|"));
                        asked.push_back(where);
                        const auto known = answers.find(where);
                        if (known == answers.end())
                          return fail(Errc::kUnavailable, "no answer from {}", where);
                        return what.read(known->second);
                      },
                      clock};
};

constexpr std::string_view kServers = R"([{"id": "i", "n": 1, "project_id": "p", "status": "ACTIVE"}])";

/// The example of Ceilometer's manual.
TEST_F(ExtraMetadataTest, CeilometersOwnNotationIsRead) {
  define(R"yaml(extra_metadata_fields: [
    {name: project_name, endpoint_type: identity, url_path: "'/v3/projects/' + str(sample['project_id'])",
     headers: {Openstack-API-Version: identity latest}, value: name, metadata_fields: [id]},
    {name: domain_id, endpoint_type: identity, url_path: "'/v3/projects/' + str(sample['project_id'])",
     value: domain_id},
    {name: domain_name, endpoint_type: identity,
     url_path: "'/v3/domains/' + str(extra_metadata_captured['domain_id'])", value: name},
    {name: operating-system, value: os,
     host_command: "get-vm --vm-name ${extra_metadata_by_name.project_name.metadata.id}"}])yaml");
  answers = {{"/v3/projects/p", R"({"project": {"id": "p", "name": "shop", "domain_id": "d"}})"},
             {"/v3/domains/d", R"({"domain": {"id": "d", "name": "Default"}})"},
             {"get-vm|--vm-name|p", R"([{"os": "Debian"}])"}};
  EXPECT_EQ(metadata(kServers), R"({"status":"ACTIVE","project_name":"shop","id":"p","domain_id":"d",)"
                                R"("domain_name":"Default","operating-system":"Debian"})");
  EXPECT_THAT(asked, ElementsAre("/v3/projects/p", "/v3/projects/p", "/v3/domains/d", "get-vm|--vm-name|p"))
      << "with other headers the answer may be another";
  EXPECT_EQ(extra.take_error(), "");
}

TEST_F(ExtraMetadataTest, AnAnswerServesUntilItIsOld) {
  define(
      R"(extra_metadata_fields_cache_seconds: 100, extra_metadata_fields: {name: project, endpoint_type: identity,
    url_path: "v3/projects/${sample.project_id}", value: project.name, response_entries_key: "$"})");
  answers = {{"v3/projects/p", R"({"project": {"name": "old"}})"}};
  EXPECT_THAT(metadata(kServers), HasSubstr(R"("project":"old")"));
  answers = {{"v3/projects/p", R"({"project": {"name": "new"}})"}};
  clock.at = clock.at + 99s;
  EXPECT_THAT(metadata(kServers), HasSubstr(R"("project":"old")"));
  clock.at = clock.at + 2s;
  EXPECT_THAT(metadata(kServers), HasSubstr(R"("project":"new")"));
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(ExtraMetadataTest, AnAnswerServesWhoAsksTheSameInTheSameWay) {
  const auto asked_by = [&](const std::string& other) {
    asked.clear();
    define(fmt::format(R"(extra_metadata_fields: [{{name: a, url_path: "http://cmdb/vm", value: a}},
        {{name: b, url_path: "http://cmdb/vm", value: b{}}}])",
                       other));
    metadata(kServers);
    return asked.size();
  };
  answers = {{"http://cmdb/vm", R"([{"a": 1, "b": 2}])"}};
  EXPECT_EQ(asked_by(""), 1u) << "one answer serves two fields";
  EXPECT_EQ(asked_by(", headers: {Accept-Language: es}"), 1u);
  EXPECT_EQ(asked_by(", username: billing, password_file: /etc/p"), 1u)
      << "what others see is not for a's eyes";
  EXPECT_EQ(asked_by(", username: audit, password_file: /etc/p"), 1u);
  EXPECT_EQ(asked_by(", response_handlers: [text]"), 1u);
  EXPECT_EQ(asked_by(", response_handlers: [text]"), 0u);
}

TEST_F(ExtraMetadataTest, WhatDoesNotAnswerIsLeftOutSaidAndAskedAgainLater) {
  define(R"(extra_metadata_fields: {name: project, endpoint_type: identity,
    url_path: "v3/projects/${sample.project_id}", value: name})");
  EXPECT_EQ(metadata(kServers), R"({"status":"ACTIVE"})");
  EXPECT_EQ(extra.take_error(), "project: no answer from v3/projects/p");
  EXPECT_EQ(metadata(kServers), R"({"status":"ACTIVE"})");
  EXPECT_EQ(extra.take_error(), "project: no answer from v3/projects/p");
  EXPECT_EQ(asked.size(), 1u) << "not for each of a thousand entries";
  answers = {{"v3/projects/p", R"({"project": {"name": "shop"}})"}};
  clock.at = clock.at + 61s;
  EXPECT_THAT(metadata(kServers), HasSubstr("shop"));
  EXPECT_EQ(extra.take_error(), "");
}

TEST_F(ExtraMetadataTest, EntriesThatAreSkippedOrHaveNoAddressAreNotAskedAbout) {
  define(
      R"(extra_metadata_fields_skip: [{value: "4", metadata: {status: DELETED}}, {}], extra_metadata_fields:
    {name: project, endpoint_type: identity, url_path: "v3/projects/${sample.project_id}", value: name})");
  metadata(R"([{"id": "i", "n": 4, "project_id": "p", "status": "DELETED"}])");
  EXPECT_THAT(asked, IsEmpty());
  metadata(R"([{"id": "i", "n": 4, "status": "ACTIVE"}])");
  EXPECT_THAT(asked, IsEmpty()) << "it has no project";
  metadata(R"([{"id": "i", "n": 4, "status": "ACTIVE", "project_id": "../../v3/users"}])");
  EXPECT_THAT(asked, ElementsAre("v3/projects/..%2F..%2Fv3%2Fusers")) << "a value leads nowhere else";
  asked.clear();
  metadata(R"([{"id": "i", "n": 4, "status": "ACTIVE", "project_id": ".."}])");
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(ExtraMetadataTest, WhatTheSampleSaysItselfStays) {
  define(R"(extra_metadata_fields: {name: status, endpoint_type: identity, url_path: s, value: name,
    metadata_fields: [more]})");
  answers = {{"s", R"({"x": {"name": "other", "more": 1}})"}};
  EXPECT_EQ(metadata(kServers), R"({"status":"ACTIVE","more":1})");
}

TEST(ExtraMetadataFields, AWrongOneIsNamed) {
  const auto error_of = [](const std::string& fields, const CommandsAllowed& commands = Result<void>()) {
    const auto parsed = Pollster::parse_all(
        "- {name: m, sample_type: gauge, unit: u, endpoint_type: e, url_path: p, value_attribute: v, " +
            fields + "}",
        commands);
    return parsed ? "nothing" : describe(parsed.error());
  };
  EXPECT_THAT(error_of("extra_metadata_fields: [{name: a}]"), HasSubstr("extra_metadata_fields[0]"));
  EXPECT_THAT(error_of("extra_metadata_fields: [7]"), HasSubstr("mapping"));
  const std::string head = "extra_metadata_fields: [{name: a, endpoint_type: e, ";
  EXPECT_THAT(error_of(head + "url_path: \"'a' + os.getcwd()\"}]"), HasSubstr("url_path"));
  EXPECT_THAT(error_of(head + "url_path: '${sample'}]"), HasSubstr("url_path"));
  EXPECT_THAT(error_of(head + "url_path: a, extra_metadata_fields: []}]"), HasSubstr("pollster itself"));
  EXPECT_THAT(error_of(head + "url_path: a, extra_metadata_fields_skip: [1]}]"), HasSubstr("mappings"));
  EXPECT_THAT(error_of("fold: count, fold_by: x, extra_metadata_fields: []"), HasSubstr("fold"));
  EXPECT_THAT(
      error_of("extra_metadata_fields: [{name: a, host_command: b}]", fail(Errc::kForbidden, "not root's")),
      HasSubstr("not root's"));
}

}  // namespace
}  // namespace sentinella::telemetry
