// Alerta's door where the server is configured for the alarm model of ISA 18.2.
#include "api/alerta/alarm_terms.h"

#include <gmock/gmock.h>

#include "api/api_fixture.h"

namespace sentinella::api::alerta {
namespace {

using Name = alerts::AlarmModel::Name;

TEST(AlarmTerms, EverySeverityHasAWordThatIsReadBackAsBadAtLeast) {
  using enum AlertSeverity;
  for (const Name model : {Name::alerta, Name::isa_18_2}) {
    const AlarmTerms& terms = AlarmTerms::of(model);
    for (const AlertSeverity severity : {security, critical, major, minor, warning, indeterminate,
                                         informational, normal, debug, trace, unknown, ok, cleared}) {
      const auto back = terms.parse_severity(terms.severity(severity));
      ASSERT_TRUE(back) << to_string(severity);
      EXPECT_EQ(is_normal(*back), is_normal(severity)) << to_string(severity);
    }
    EXPECT_EQ(terms.parse_severity("awful").error().field, "severity");
  }
  const AlarmTerms& isa = AlarmTerms::of(Name::isa_18_2);
  EXPECT_EQ(isa.severity(security), "Critical");
  EXPECT_EQ(isa.severity(major), "High");
  EXPECT_EQ(isa.severity(trace), "Advisory");
  EXPECT_EQ(isa.parse_severity("Medium").value(), minor);
  EXPECT_EQ(isa.parse_severity("major").value(), major) << "senders need not know the model";
}

class IsaDoor : public ApiTest {
 protected:
  IsaDoor() : ApiTest(Name::isa_18_2) {}
  net::Response send_alert(const std::string& severity, const std::string& more = "") {
    return post("/alerta/alert", R"({"environment":"Production","event":"Pressure","resource":"boiler1",)"
                                 R"("service":["steam"],"severity":")" +
                                     severity + "\"" + more + "}");
  }
  std::string status_after(const std::string& severity, const std::string& more = "") {
    const auto reply = send_alert(severity, more);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return std::string(object(reply).at("alert").as_object().at("status").as_string());
  }
  int act(const std::string& action) {
    const auto all = object(get("/alerta/alerts")).at("alerts").as_array();
    const std::string id(all.at(0).as_object().at("id").as_string());
    return call("PUT", "/alerta/alert/" + id + "/action", keys[Role::admin],
                R"({"action":")" + action + "\"}")
        .status;
  }
  std::string status() {
    return std::string(
        object(get("/alerta/alerts")).at("alerts").as_array().at(0).as_object().at("status").as_string());
  }
};

TEST_F(IsaDoor, AnAlarmGoesThroughItsStates) {
  EXPECT_EQ(status_after("High"), "UNACK");
  EXPECT_EQ(act("ack"), 200);
  EXPECT_EQ(status(), "ACKED");
  EXPECT_EQ(act("ack"), 409);
  EXPECT_EQ(status_after("Critical"), "UNACK");
  EXPECT_EQ(status_after("OK"), "RTNUN");
  EXPECT_EQ(act("ack"), 200);
  EXPECT_EQ(status(), "NORM");
  EXPECT_EQ(status_after("Low"), "UNACK");
  EXPECT_EQ(act("shelve"), 200);
  EXPECT_EQ(status(), "SHLVD");
  EXPECT_EQ(act("unshelve"), 200);
  EXPECT_EQ(status(), "UNACK");
  EXPECT_EQ(status_after("Low", R"(,"status":"OOSRV")"), "OOSRV");
  EXPECT_EQ(status_after("Low", R"(,"status":"DSUPR")"), "DSUPR");
  EXPECT_EQ(status_after("Low"), "UNACK");
  EXPECT_EQ(send_alert("Low", R"(,"status":"RTNUN")").status, 400) << "no sender can know that";
}

TEST_F(IsaDoor, ListsFilterAndCountByTheModelsWords) {
  send_alert("Medium");
  const auto total = [&](const std::string& query) {
    return object(get("/alerta/alerts?" + query)).at("total").as_int64();
  };
  EXPECT_EQ(total("status=UNACK&severity=Medium"), 1);
  EXPECT_EQ(total("status=open"), 0);
  EXPECT_EQ(total("q=severity:Medium%20AND%20status:UNACK"), 1);
  const auto counts = object(get("/alerta/alerts/count"));
  EXPECT_EQ(counts.at("severityCounts").as_object().at("Medium"), 1);
  EXPECT_EQ(counts.at("statusCounts").as_object().at("UNACK"), 1);
  const auto native = items(get("/api/v1/alerts")).at(0).as_object();
  EXPECT_EQ(native.at("status"), "open") << "ours follows from it";
  EXPECT_EQ(native.at("alarmState"), "UNACK");
  EXPECT_EQ(native.at("severity"), "minor");
  const auto row = items(get("/api/v1/alert-rows")).at(0).as_object();
  EXPECT_EQ(row.at("alarmState"), "UNACK");
  EXPECT_EQ(row.at("environment"), "Production");
  EXPECT_EQ(
      call("PUT", "/alerta/_bulk/alerts/status?severity=Medium", keys[Role::admin], R"({"status":"ACKED"})")
          .status,
      200);
  EXPECT_EQ(status(), "ACKED");
}

TEST_F(IsaDoor, ItsHistoryTellsWhatIsOverAndUnnoticedFromWhatIsWell) {
  send_alert("High");
  send_alert("OK");
  EXPECT_EQ(act("ack"), 200);
  const auto entry = [&](const boost::json::array& history, std::size_t at, const char* name) {
    return history.at(at).as_object().at(name);
  };
  const auto of_alerta = object(get("/alerta/alerts/history")).at("history").as_array();
  EXPECT_EQ(entry(of_alerta, 0, "status"), "NORM");
  EXPECT_EQ(entry(of_alerta, 1, "status"), "RTNUN");
  EXPECT_EQ(entry(of_alerta, 2, "status"), "UNACK");
  const std::string id(entry(of_alerta, 0, "id").as_string());
  const auto native = object(get("/api/v1/alerts/" + id)).at("alert").as_object().at("history").as_array();
  EXPECT_EQ(entry(native, 1, "status"), "closed");
  EXPECT_EQ(entry(native, 1, "alarmState"), "RTNUN");
}

TEST_F(IsaDoor, WhatIsOverAndUnnoticedIsListedAndCountedUntilSomebodyTakesNote) {
  send_alert("High");
  send_alert("OK");
  const auto listed = [&](const std::string& query) {
    EXPECT_EQ(items(get("/api/v1/alerts" + query)).size(), items(get("/api/v1/alert-rows" + query)).size());
    return items(get("/api/v1/alert-rows" + query)).size();
  };
  const auto returned = [&](const std::string& query = "") {
    return object(get("/api/v1/overview" + query)).at("counts").as_object().at("returned").as_int64();
  };
  const auto row = items(get("/api/v1/alert-rows")).at(0).as_object();
  EXPECT_EQ(row.at("alarmState"), "RTNUN");
  EXPECT_EQ(row.at("status"), "closed") << "the trouble itself is over";
  EXPECT_EQ(listed("?status=RTNUN"), 1u);
  EXPECT_EQ(listed("?status=open&status=RTNUN"), 1u);
  EXPECT_EQ(listed("?status=open"), 0u);
  EXPECT_EQ(returned(), 1);
  EXPECT_EQ(returned("?cloud=Production"), 1);
  EXPECT_EQ(returned("?cloud=Elsewhere"), 0);
  EXPECT_EQ(post("/api/v1/silences",
                 R"({"matchers":[{"name":"event","value":"Pressure"}],"reason":"x","duration":"1h"})")
                .status,
            201);
  EXPECT_EQ(object(get("/api/v1/alert-rows?muted=hide")).at("muted"), 1) << "silenced like any other";
  EXPECT_EQ(listed("?status=RTNUN"), 1u);
  EXPECT_EQ(returned(), 0);
  EXPECT_EQ(object(get("/api/v1/overview")).at("muted"), 1);
  EXPECT_EQ(act("ack"), 200);
  EXPECT_EQ(listed(""), 0u);
  EXPECT_EQ(listed("?status=closed"), 1u);
}

TEST_F(IsaDoor, TheConfigurationHasItsScale) {
  const auto model = object(call("GET", "/alerta/config", "")).at("alarm_model").as_object();
  EXPECT_EQ(model.at("name"), "ANSI/ISA 18.2");
  EXPECT_EQ(model.at("severity").as_object().at("Critical"), 5);
  EXPECT_EQ(model.at("defaults").as_object().at("normal_severity"), "OK");
}

}  // namespace
}  // namespace sentinella::api::alerta
