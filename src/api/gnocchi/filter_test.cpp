#include "api/gnocchi/filter.h"

#include <gmock/gmock.h>

#include "api/gnocchi/resource_id.h"
#include "base/json.h"

namespace sentinella::api::gnocchi {
namespace {

using testing::HasSubstr;

class GnocchiFilter : public testing::Test {
 protected:
  GnocchiFilter() {
    type.name = "instance";
    type.attributes["host"] = {catalog::AttributeKind::string, true, 0, 255};
    type.attributes["flavor"] = {catalog::AttributeKind::number, false, {}, {}};
    resource.id = resource_uuid("vm1", "foobar");
    resource.type = "instance";
    resource.original_id = "vm1";
    resource.creator = "u1:p1";
    resource.project_id = "p1";
    resource.started_at = Time{1'388'714'522'000'000'000};
    resource.attributes["host"] = std::string("cmp1");
    resource.attributes["flavor"] = 3.0;
  }
  FilterContext context() const { return {type, "foobar", Time{1'772'446'272'000'000'000}}; }
  bool matches(const std::string& json) const {
    const auto filter = read_filter(*parse_json(json), context());
    if (!filter) ADD_FAILURE() << json << ": " << boost::json::serialize(filter.error().description);
    return filter && filter->matches(resource);
  }
  bool text_matches(const std::string& text) const {
    const auto filter = parse_filter(text, context());
    if (!filter) ADD_FAILURE() << text << ": " << boost::json::serialize(filter.error().description);
    return filter && filter->matches(resource);
  }
  std::string problem(const std::string& json) const {
    const auto filter = read_filter(*parse_json(json), context());
    return filter ? "none" : boost::json::serialize(filter.error().description);
  }
  std::string text_problem(const std::string& text) const {
    const auto filter = parse_filter(text, context());
    return filter ? "none" : boost::json::serialize(filter.error().description);
  }

  catalog::ResourceType type;
  catalog::Resource resource;
};

TEST_F(GnocchiFilter, ComparesCommonAttributesAndThoseOfTheType) {
  EXPECT_TRUE(matches(R"({"=": {"project_id": "p1"}})"));
  EXPECT_FALSE(matches(R"({"=": {"project_id": "p2"}})"));
  EXPECT_TRUE(matches(R"({"≥": {"flavor": 3}})"));
  EXPECT_FALSE(matches(R"({"gt": {"flavor": 3}})"));
  EXPECT_TRUE(matches(R"({"like": {"host": "c_p%"}})"));
  EXPECT_TRUE(matches(R"({"in": {"host": ["a", "cmp1"]}})"));
  EXPECT_TRUE(matches(R"({">": {"started_at": "2014-01-01"}})"));
  EXPECT_TRUE(matches(R"({"=": {"created_by_project_id": "p1"}})"));
  EXPECT_TRUE(matches(R"({"and": [{"=": {"host": "cmp1"}}, {"not": {"=": {"flavor": 4}}}]})"));
  EXPECT_TRUE(matches(R"({"or": [{"=": {"host": "x"}}, {"=": {"flavor": 3}}]})"));
  EXPECT_TRUE(matches("{}"));
}

TEST_F(GnocchiFilter, AnIdMayBeTheNameThatItsMakerGave) {
  EXPECT_TRUE(matches(R"({"=": {"id": "vm1"}})"));
  EXPECT_TRUE(matches(R"({"=": {"id": ")" + to_text(resource.id) + R"("}})"));
}

TEST_F(GnocchiFilter, NothingDiffersFromEverythingAndIsNeitherLessNorMore) {
  EXPECT_TRUE(matches(R"({"ne": {"user_id": "foobar"}})"));
  EXPECT_TRUE(matches(R"({"=": {"user_id": null}})"));
  EXPECT_FALSE(matches(R"({"<": {"ended_at": "2030-01-01"}})"));
}

TEST_F(GnocchiFilter, TheTextMeansTheSame) {
  EXPECT_TRUE(text_matches("project_id = 'p1' and host like \"cmp%\""));
  EXPECT_TRUE(text_matches("project_id=p1 and not host in [a, b]"));
  EXPECT_TRUE(text_matches("(host = x or flavor >= 3) and flavor < 4.5"));
  EXPECT_FALSE(text_matches("host = x or host = y and flavor = 3"));
  EXPECT_TRUE(text_matches("user_id = None"));
  EXPECT_TRUE(text_matches("id in [" + to_text(resource.id) + "]"));
}

TEST_F(GnocchiFilter, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_THAT(problem(R"({"and": {"project_id": "x"}})"),
              HasSubstr("expected a list for dictionary value @ data"));
  EXPECT_THAT(problem(R"({"like": {"id": "fa%"}})"), HasSubstr(R"("detail":["like","id"])"));
  EXPECT_THAT(problem(R"({"ne": {"project_id": ["x"]}})"), HasSubstr("expected str for dictionary value"));
  EXPECT_THAT(problem(R"({"in": {"id": []}})"), HasSubstr("length of value must be at least 1"));
  EXPECT_THAT(problem(R"({"=": {"nonsense": 1}})"), HasSubstr("extra keys not allowed"));
  EXPECT_THAT(text_problem("id == foobar"), HasSubstr("Invalid filter: Expected"));
  EXPECT_THAT(text_problem("id in [a"), HasSubstr("Invalid filter: Expected"));
  EXPECT_THAT(text_problem("host = 'x"), HasSubstr("Invalid filter: Expected"));
  EXPECT_THAT(text_problem(""), HasSubstr("Invalid filter: Expected"));
}

TEST_F(GnocchiFilter, DepthHasAnEnd) {
  EXPECT_THAT(text_problem(std::string(5'000, '(')), HasSubstr("nested"));
  std::string nots;
  for (int i = 0; i < 5'000; ++i) nots += "not ";
  EXPECT_THAT(text_problem(nots + "host = x"), HasSubstr("nested"));
}

TEST(GnocchiLike, IsThatOfSql) {
  EXPECT_TRUE(like("%", ""));
  EXPECT_TRUE(like("a%b%c", "aXbYbc"));
  EXPECT_FALSE(like("a%b", "abX"));
  EXPECT_FALSE(like("_", ""));
}

TEST(GnocchiResourceId, IsTheSameAsGnocchis) {
  EXPECT_EQ(to_text(resource_uuid("foobar", "foobar")), "2fbfbb20-8d56-5e1e-afb9-b3007da11fdf");
  EXPECT_EQ(to_text(resource_uuid("1.2.3.4", "foobar")), "a9c729cc-d1b0-5e6b-b5ba-8b5a7f45f1fc");
  EXPECT_EQ(to_text(resource_uuid("75C44741CC604033804E2D3098C7D2E9", "x")),
            "75c44741-cc60-4033-804e-2d3098c7d2e9");
}

}  // namespace
}  // namespace sentinella::api::gnocchi
