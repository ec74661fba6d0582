// What Prometheus and amtool say to Alertmanager.
#include <gmock/gmock.h>

#include "api/alertmanager/posted_alert.h"
#include "api/api_fixture.h"
#include "rules/severity_label.h"

namespace sentinella::api {
namespace {

using testing::SizeIs;

constexpr const char* kFiring =
    R"([{"labels":{"alertname":"DiskFull","instance":"db1:9100","job":"node","severity":"critical","device":"sda"},
         "annotations":{"summary":"no space"},"startsAt":"2026-03-02T10:11:00Z","endsAt":"2026-03-02T10:15:12Z",
         "generatorURL":"http://prometheus/graph"}])";

class AlertmanagerDoor : public ApiTest {
 protected:
  boost::json::array list(const std::string& query = "") {
    return parse_json(get("/alertmanager/api/v2/alerts" + query).body).value().as_array();
  }
  std::string silence(const std::string& value, const std::string& id = "",
                      const std::string& comment = "known") {
    const auto reply = post("/alertmanager/api/v2/silences",
                            R"({"matchers":[{"name":"alertname","value":")" + value +
                                R"(","isRegex":false,"isEqual":true}],"startsAt":"2026-03-02T10:11:12Z",)"
                                R"("endsAt":"2026-03-02T12:11:12Z","createdBy":"root","comment":")" +
                                comment + "\"" + (id.empty() ? "" : ",\"id\":\"" + id + "\"") + "}");
    EXPECT_EQ(reply.status, 200) << reply.body;
    return text(reply, "silenceID");
  }
};

TEST_F(AlertmanagerDoor, APostedAlertIsListedWithItsLabels) {
  EXPECT_EQ(post("/alertmanager/api/v2/alerts", kFiring).status, 200);
  const auto listed = list();
  ASSERT_THAT(listed, SizeIs(1));
  const auto& alert = listed[0].as_object();
  EXPECT_EQ(alert.at("labels").as_object().at("device"), "sda");
  EXPECT_EQ(alert.at("status").as_object().at("state"), "active");
  EXPECT_EQ(alert.at("generatorURL"), "http://prometheus/graph");
  EXPECT_EQ(alert.at("startsAt"), "2026-03-02T10:11:00.000Z");
  const auto native = items(get("/api/v1/alerts"))[0].as_object();
  EXPECT_EQ(native.at("event"), "DiskFull");
  EXPECT_EQ(native.at("resource"), "db1:9100");
  EXPECT_EQ(native.at("severity"), "critical");
}

TEST_F(AlertmanagerDoor, TheSameLabelsAreOneAlertAndOtherLabelsAnother) {
  post("/alertmanager/api/v2/alerts", kFiring);
  post("/alertmanager/api/v2/alerts", kFiring);
  EXPECT_THAT(list(), SizeIs(1));
  std::string other = kFiring;
  other.replace(other.find("sda"), 3, "sdb");
  post("/alertmanager/api/v2/alerts", other);
  EXPECT_THAT(list(), SizeIs(2));
  EXPECT_THAT(list("?filter=device%3D%22sdb%22"), SizeIs(1));
  EXPECT_THAT(list("?filter=device%3D~%22sd.%22"), SizeIs(2));
  EXPECT_THAT(list("?active=false"), SizeIs(0));
}

TEST_F(AlertmanagerDoor, AnAlertOfOurRuleKeepsItsNameBesideItsTeam) {
  for (const char* host : {"compute1", "compute2"}) {
    Signal signal;
    signal.account = ours;
    signal.rule_id = "service-down";
    signal.event = "ServiceDown";
    signal.resource = signal.host = host;
    signal.at = clock.now();
    signal.text = "it died";
    signal.extras.labels.set("team", "storage");
    need(report({signal}));
  }
  const auto listed = list();
  ASSERT_THAT(listed, SizeIs(2));
  const auto& alert = listed[0].as_object();
  EXPECT_EQ(alert.at("labels").as_object().at("alertname"), "ServiceDown");
  EXPECT_EQ(alert.at("labels").as_object().at("team"), "storage");
  EXPECT_EQ(alert.at("annotations").as_object().at("summary"), "it died");
  EXPECT_NE(alert.at("fingerprint"), listed[1].as_object().at("fingerprint"));
}

TEST_F(AlertmanagerDoor, AnEndInThePastResolvesAndSoDoesSilence) {
  post("/alertmanager/api/v2/alerts", kFiring);
  std::string ended = kFiring;
  ended.replace(ended.find("10:15:12"), 8, "10:11:05");
  post("/alertmanager/api/v2/alerts", ended);
  EXPECT_THAT(list(), SizeIs(0));
  post("/alertmanager/api/v2/alerts", kFiring);
  EXPECT_THAT(list(), SizeIs(1));
  clock.advance(5min);
  need(report({}));
  EXPECT_THAT(list(), SizeIs(0)) << "nobody posted it again before its endsAt";
}

TEST_F(AlertmanagerDoor, ABadAlertIsNamedAndTheGoodOnesOfTheBatchCount) {
  const auto reply = post("/alertmanager/api/v2/alerts", R"([{"labels":{}},{"labels":{"alertname":"X"}}])");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(list(), SizeIs(1));
  for (const char* bad :
       {"{}", "[1]", R"([{"labels":{"a":1}}])", R"([{"labels":{"a":"b"},"startsAt":"yesterday"}])",
        R"([{"labels":{"a":"b"},"startsAt":"2026-03-02T10:11:00Z","endsAt":"2026-03-02T10:10:00Z"}])"})
    EXPECT_EQ(post("/alertmanager/api/v2/alerts", bad).status, 400) << bad;
}

TEST_F(AlertmanagerDoor, AViewerMayNotPost) {
  EXPECT_EQ(call("POST", "/alertmanager/api/v2/alerts", keys[Role::viewer], kFiring).status, 403);
  EXPECT_EQ(call("POST", "/alertmanager/api/v2/alerts", "", kFiring).status, 401);
}

TEST_F(AlertmanagerDoor, SilencesAreMadeListedReplacedAndExpired) {
  post("/alertmanager/api/v2/alerts", kFiring);
  const std::string id = silence("DiskFull");
  auto alert = list()[0].as_object();
  EXPECT_EQ(alert.at("status").as_object().at("state"), "suppressed");
  EXPECT_EQ(alert.at("status").as_object().at("silencedBy").as_array()[0], id.c_str());
  EXPECT_THAT(list("?silenced=false"), SizeIs(0));
  EXPECT_EQ(silence("DiskFull", id), id) << "the same matchers: the same silence";
  EXPECT_EQ(silence("DiskFull", id, "known, and being mended"), id) << "another comment";
  const std::string other = silence("Other", id);
  EXPECT_NE(other, id);
  const auto get_state = [&](const std::string& which) {
    return std::string(object(get("/alertmanager/api/v2/silence/" + which))
                           .at("status")
                           .as_object()
                           .at("state")
                           .as_string());
  };
  EXPECT_EQ(get_state(id), "expired");
  EXPECT_EQ(get_state(other), "active");
  EXPECT_EQ(call("DELETE", "/alertmanager/api/v2/silence/" + other, keys[Role::responder]).status, 200);
  EXPECT_EQ(get_state(other), "expired");
  EXPECT_EQ(parse_json(get("/alertmanager/api/v2/silences").body).value().as_array().size(), 2u);
  EXPECT_EQ(get("/alertmanager/api/v2/silence/none").status, 404);
  EXPECT_EQ(list()[0].as_object().at("status").as_object().at("state"), "active");
}

TEST_F(AlertmanagerDoor, AmtoolFindsStatusAndReceivers) {
  EXPECT_EQ(object(get("/alertmanager/api/v2/status")).at("cluster").as_object().at("status"), "ready");
  EXPECT_EQ(get("/alertmanager/api/v2/receivers").status, 200);
  EXPECT_EQ(get("/alertmanager/api/v2/alerts/groups").status, 200);
  EXPECT_EQ(call("GET", "/alertmanager/-/ready", "").status, 200);
}

TEST(PostedAlert, SeveritiesOfOtherVocabulariesAreUnderstood) {
  EXPECT_EQ(rules::severity_of_label("critical"), AlertSeverity::critical);
  EXPECT_EQ(rules::severity_of_label("page"), AlertSeverity::critical);
  EXPECT_EQ(rules::severity_of_label("error"), AlertSeverity::major);
  EXPECT_EQ(rules::severity_of_label("info"), AlertSeverity::informational);
  EXPECT_EQ(rules::severity_of_label(""), AlertSeverity::warning);
  EXPECT_EQ(rules::severity_of_label("ok"), AlertSeverity::warning) << "a firing alert is never normal";
}

}  // namespace
}  // namespace sentinella::api
