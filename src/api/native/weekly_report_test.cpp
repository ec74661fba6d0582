// The weekly report: sent once a week at its hour, each team's to the team; every answer is also held against
// openapi.json.
#include "api/native/weekly_report.h"

#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "catalog/alerting.h"

namespace sentinella::api {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string rule_of(const std::string& owner) {
  return "id: of-" + owner + "\nkind: tailable\nevent: Of" + owner + "\nsummary: s\nowner: " + owner +
         "\nimpact: i\nplaybook: look\nmatch: {level: '>=ERROR'}\n";
}

class WeeklyReportTest : public ApiTest {
 protected:
  WeeklyReportTest() {
    for (const char* owner : {"storage", "compute", "network"})
      EXPECT_EQ(
          call("POST", "/api/v1/rules", keys[Role::operator_], rule_of(owner), "application/yaml").status,
          201);
    everybody = add_channel("everybody");
    storage = add_channel("storage chat");
    EXPECT_EQ(post("/api/v1/teams", R"({"name":"storage","channels":[")" + storage + R"("]})").status, 201);
  }
  std::string add_channel(const std::string& name) {
    return text(
        post("/api/v1/channels",
             R"({"name":")" + name + R"(","kind":"webhook","settings":{"url":"http://127.0.0.1:9/"}})"),
        "id");
  }
  void schedule(const std::string& report) {
    const auto set = call("PUT", "/api/v1/alerting", keys[Role::admin], R"({"report":)" + report + "}");
    ASSERT_EQ(set.status, 200) << set.body;
  }
  std::vector<std::string> texts(const std::string& channel) {
    std::vector<std::string> out;
    need(database->read([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(const auto entries, catalog::deliveries_of_channel(tx, ours, channel, 100));
      for (const auto& entry : entries) out.push_back(entry.payload);
      return {};
    }));
    return out;
  }

  std::string everybody, storage;
};

TEST_F(WeeklyReportTest, EachTeamGetsItsOwnAndTheOthersAreOneMessage) {
  const auto sent = post("/api/v1/rules/report/send", "{}");
  ASSERT_EQ(sent.status, 200) << sent.body;
  ASSERT_THAT(texts(storage), SizeIs(1));
  EXPECT_THAT(texts(storage)[0], HasSubstr("storage: 0 episodes"));
  EXPECT_THAT(texts(storage)[0], testing::Not(HasSubstr("compute")));
  ASSERT_THAT(texts(everybody), SizeIs(1));
  EXPECT_THAT(texts(everybody)[0], testing::AllOf(HasSubstr("compute: "), HasSubstr("network: ")));
  const auto list = object(sent).at("sent").as_array();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].as_object().at("channels").as_array().at(0), "storage chat");
  EXPECT_EQ(post("/api/v1/rules/report/send", R"({"team":"nobody"})").status, 404);
  EXPECT_EQ(call("POST", "/api/v1/rules/report/send", keys[Role::viewer], "{}").status, 403);
}

TEST_F(WeeklyReportTest, ItIsSentOnceAtItsHourOfTheWeek) {
  schedule(R"({"weekday":"tue","at":"08:00","utc_offset":"1h"})");
  native::send_due_reports(*context);
  EXPECT_THAT(texts(storage), IsEmpty()) << "the first one comes with the next Tuesday";
  clock.advance(20h);  // Tuesday, 06:11 UTC
  native::send_due_reports(*context);
  EXPECT_THAT(texts(storage), IsEmpty());
  clock.advance(50min);  // 07:01 UTC
  native::send_due_reports(*context);
  native::send_due_reports(*context);
  EXPECT_THAT(texts(storage), SizeIs(1));
  clock.advance(std::chrono::hours(24 * 7));
  native::send_due_reports(*context);
  EXPECT_THAT(texts(storage), SizeIs(2));
  schedule("null");
  clock.advance(std::chrono::hours(24 * 7));
  native::send_due_reports(*context);
  EXPECT_THAT(texts(storage), SizeIs(2));
}

TEST_F(WeeklyReportTest, AnotherScheduleAndOneThatIsBackBeginAnew) {
  const auto send_after = [&](Duration span) {
    clock.advance(span);
    native::send_due_reports(*context);
    return texts(storage).size();
  };
  schedule(R"({"weekday":"tue","at":"08:00"})");
  EXPECT_EQ(send_after({}), 0u);
  EXPECT_EQ(send_after(22h), 1u);  // Tuesday, 08:11
  schedule(R"({"weekday":"tue","at":"08:05"})");
  EXPECT_EQ(send_after(1min), 1u) << "its time has passed before it was made";
  EXPECT_EQ(send_after(24h * 7), 2u);
  schedule("null");
  EXPECT_EQ(send_after(24h * 21), 2u);
  schedule(R"({"weekday":"tue","at":"08:05"})");
  EXPECT_EQ(send_after(1min), 2u) << "the weeks without a schedule are no debt";
  EXPECT_EQ(send_after(24h * 7), 3u);
}

TEST_F(WeeklyReportTest, AScheduleThatMakesNoSenseIsRefusedByField) {
  const auto field = [&](const std::string& report) {
    const auto reply = call("PUT", "/api/v1/alerting", keys[Role::admin], R"({"report":)" + report + "}");
    EXPECT_EQ(reply.status, 400);
    return std::string(object(reply).at("error").as_object().at("field").as_string());
  };
  EXPECT_EQ(field(R"({"weekday":"someday","at":"08:00"})"), "weekday");
  EXPECT_EQ(field(R"({"weekday":"mon","at":"25:00"})"), "at");
  EXPECT_EQ(field("7"), "report");
}

}  // namespace
}  // namespace sentinella::api
