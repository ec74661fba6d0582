#include "server/cli/gnocchi_import.h"

#include <map>

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/temporary_directory.h"

namespace sentinella::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string measures(std::string_view rows) {
  std::size_t count = 0;
  const auto made = measures_of_rows(rows, count);
  return made ? fmt::format("{} {}", count, *made) : describe(made.error());
}

TEST(GnocchiImport, OfEverySpanOfTimeTheFinestGranularityIsTaken) {
  EXPECT_EQ(
      measures(R"([["2026-01-01T00:00:00+00:00", 3600.0, 1.0], ["2026-01-01T01:00:00+00:00", 3600.0, 2.0],
                         ["2026-01-01T01:30:00+00:00", 60.0, 3.0], ["2026-01-01T01:31:00+00:00", 60.0, 4.5]])"),
      R"(3 [{"timestamp":"2026-01-01T00:00:00.000Z","value":1},)"
      R"({"timestamp":"2026-01-01T01:30:00.000Z","value":3},)"
      R"({"timestamp":"2026-01-01T01:31:00.000Z","value":4.5}])");
  EXPECT_EQ(measures("[]"), "0 []");
}

TEST(GnocchiImport, WhatIsNoNumberIsLeftOut) {
  EXPECT_EQ(
      measures(
          R"([["2026-01-01T00:00:00+00:00", 60.0, NaN], ["2026-01-01T00:01:00+00:00", 60.0, -Infinity]])"),
      "0 []");
  EXPECT_THAT(measures(R"([["yesterday", 60.0, 1]])"), HasSubstr("yesterday"));
  EXPECT_THAT(measures(R"([[1, 2]])"), HasSubstr("[timestamp, granularity, value]"));
}

/// A Gnocchi with two metrics on two pages and a resource, which can be made to fail.
struct Fake {
  std::vector<std::string> asked;
  std::string fails_at = "-";

  Result<GnocchiAnswer> operator()(const std::string& method, const std::string& path) {
    asked.push_back(method + " " + path);
    if (path.contains(fails_at)) return fail(Errc::kUnavailable, "the other side is away");
    if (path == "/v1/archive_policy")
      return GnocchiAnswer{R"([{"name":"low","back_window":0,"aggregation_methods":["mean"],"definition":
          [{"granularity":"0:05:00","points":10,"timespan":"0:50:00"}]}])",
                           ""};
    if (path == "/v1/resource_type")
      return GnocchiAnswer{
          R"([{"name":"vm","state":"active","attributes":{"host":{"type":"string","max_length":256}}}])", ""};
    if (path == "/v1/archive_policy_rule") return GnocchiAnswer{"[]", ""};
    if (path.contains("/history")) return GnocchiAnswer{R"([{"id":"r1","type":"vm"}])", ""};
    if (path.starts_with("/v1/resource/generic")) return GnocchiAnswer{R"([{"id":"r1","type":"vm"}])", ""};
    if (path.contains("/measures")) return GnocchiAnswer{R"([["2026-01-01T00:00:00+00:00", 60.0, 1.0]])", ""};
    const bool second = path.contains("marker=m1");
    return GnocchiAnswer{second ? R"([{"id":"m2"}])" : R"([{"id":"m1"}])", second ? "" : "marker=m1"};
  }
};

TEST(GnocchiImport, GoesOnWhereItEnded) {
  const TemporaryDirectory directory;
  Fake source;
  std::vector<std::string> sent;
  GnocchiImport import{
      [&](const std::string& method, const std::string& path, const std::string&) {
        return source(method, path);
      },
      [&](const std::string&, const std::string& path, const std::string& body) -> Result<GnocchiAnswer> {
        sent.push_back(path + " " + body);
        return GnocchiAnswer{};
      },
      "http://old:8041", directory.path() / "state", [](const std::string&) {}};
  source.fails_at = "/v1/metric/m2/measures";
  EXPECT_EQ(import_gnocchi(import).error().code, Errc::kUnavailable);
  ASSERT_GE(sent.size(), 4u);
  EXPECT_THAT(sent[0], HasSubstr(R"("definition":[{"granularity":"0:05:00","points":10}])"));
  EXPECT_THAT(sent[1], HasSubstr(R"("max_length":255)"));
  EXPECT_EQ(sent[2], R"(/v1/import {"resources":[[{"id":"r1","type":"vm"}]]})");
  source = {};
  sent.clear();
  const auto done = import_gnocchi(import);
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_THAT(source.asked, ElementsAre("GET /v1/metric?marker=m1",
                                        "GET /v1/metric/m2/measures?refresh=true&aggregation=mean"));
  EXPECT_THAT(
      sent, ElementsAre(
                R"(/v1/import {"metrics":[{"id":"m2"}]})",
                R"(/v1/batch/metrics/measures {"m2":[{"timestamp":"2026-01-01T00:00:00.000Z","value":1}]})"));
  EXPECT_FALSE(std::filesystem::exists(import.state_file));
}

TEST(GnocchiImport, AStateFileOfAnotherSourceIsNotTaken) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "state";
  ASSERT_TRUE(write_file_atomic(file, R"({"source":"http://b","phase":"metrics","query":""})"));
  const GnocchiCall none = [](const auto&, const auto&, const auto&) -> Result<GnocchiAnswer> {
    return GnocchiAnswer{};
  };
  const auto taken = import_gnocchi({none, none, "http://a", file, [](const std::string&) {}});
  EXPECT_EQ(taken.error().code, Errc::kConflict);
  EXPECT_THAT(taken.error().message, HasSubstr("http://b"));
}

}  // namespace
}  // namespace sentinella::server
