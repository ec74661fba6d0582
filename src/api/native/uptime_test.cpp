// Uptime through the native API; every answer is also held against openapi.json.
#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "catalog/alerting.h"
#include "catalog/inventory.h"
#include "catalog/states.h"

namespace sentinella::api {
namespace {

constexpr std::string_view kRule =
    "{id: service-down, kind: binary, event: ServiceDown, severity: critical, summary: s, check: {process: "
    "'*'}}";

class UptimeApi : public ApiTest {
 protected:
  /// So many minutes ago.
  void state(const std::string& host, const std::string& service, std::int64_t ago,
             const std::string& status) {
    need(database->write([&](catalog::Transaction& tx) {
      return catalog::put_state(tx, {ours, host, service, status, clock.now() - ago * 1min});
    }));
  }
  /// An hour, in which nova-api was down for six minutes on one of its two hosts.
  void a_bad_hour() {
    for (const char* host : {"c1", "c2"}) {
      state(host, "", 60, "up");
      state(host, "nova-api", 60, "up");
    }
    state("c1", "nova-api", 30, "down");
    state("c1", "nova-api", 24, "up");
  }
  boost::json::object uptime(const std::string& query = "") {
    return object(get("/api/v1/uptime?from=now-1h" + query));
  }
  static boost::json::object first(const boost::json::object& reply, std::string_view list) {
    return reply.at(list).as_array().at(0).as_object();
  }
  static double number(const boost::json::object& row, std::string_view field) {
    return row.at(field).to_number<double>();
  }
};

TEST_F(UptimeApi, OfAServiceIsWhatItsInstancesHadTogether) {
  a_bad_hour();
  const auto reply = uptime("&objective=0.99");
  const auto service = first(reply, "services");
  EXPECT_EQ(service.at("service"), "nova-api");
  EXPECT_DOUBLE_EQ(number(service, "uptime"), 0.95);
  EXPECT_DOUBLE_EQ(number(service, "down_seconds"), 360);
  EXPECT_NEAR(number(service, "budget_left_seconds"), 72 - 360, 0.01);
  EXPECT_DOUBLE_EQ(number(reply.at("cloud").as_object(), "uptime"), 0.95);
  EXPECT_EQ(first(reply, "clouds").at("cloud"), "Production");
  EXPECT_DOUBLE_EQ(number(first(reply, "nodes"), "uptime"), 1.0);
  const auto one = uptime("&host=c1");
  EXPECT_DOUBLE_EQ(number(first(one, "services"), "uptime"), 0.9);
  EXPECT_EQ(one.at("nodes").as_array().size(), 1u);
}

TEST_F(UptimeApi, AnOutageNamesTheAlertThatToldOfIt) {
  catalog::StoredRule rule;
  rule.account = ours;
  rule.id = "service-down";
  rule.yaml = kRule;
  need(database->write([&](catalog::Transaction& tx) { return catalog::put_rule(tx, rule, std::nullopt); }));
  state("compute1", "nova-compute", 60, "up");
  state("compute1", "nova-compute", 0, "down");
  const Alert alert = raise(ours, "compute1");
  clock.advance(5min);
  const auto row = first(uptime(), "services");
  const auto incident = first(row, "incidents");
  EXPECT_EQ(incident.at("alert_id"), alert.id.c_str());
  EXPECT_TRUE(incident.at("to").is_null());
  EXPECT_EQ(row.at("down_since"), incident.at("from"));
  EXPECT_DOUBLE_EQ(number(row, "down_seconds"), 300);
}

TEST_F(UptimeApi, AMaintenanceDoesNotCountAndABlackoutDoes) {
  a_bad_hour();
  const auto plan = [&](const std::string& kind) {
    const auto made =
        post("/api/v1/maintenances", R"({"kind":")" + kind +
                                         R"(","matchers":[{"name":"host","value":"c1"}],"reason":"new disk",)"
                                         R"("starts":"now-40m","duration":"30m"})");
    EXPECT_EQ(made.status, 201) << made.body;
  };
  plan("blackout");
  EXPECT_DOUBLE_EQ(number(first(uptime(), "services"), "down_seconds"), 360);
  plan("maintenance");
  const auto row = first(uptime(), "services");
  EXPECT_DOUBLE_EQ(number(row, "down_seconds"), 0);
  EXPECT_DOUBLE_EQ(number(row, "planned_seconds"), 360);
  EXPECT_TRUE(row.at("incidents").as_array().empty());
}

TEST_F(UptimeApi, CloudsAreCountedApartAndAnotherAccountSeesNothing) {
  a_bad_hour();
  const std::string cloud = text(post("/api/v1/clouds", R"({"name":"lab"})"), "id");
  need(database->write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY(catalog::touch_node(tx, ours, "c1", clock.now()));
    return catalog::classify_node(tx, ours, "c1", cloud);
  }));
  EXPECT_EQ(uptime().at("clouds").as_array().size(), 2u);
  EXPECT_DOUBLE_EQ(number(first(uptime("&cloud=lab"), "services"), "uptime"), 0.9);
  const auto theirs_see = object(call("GET", "/api/v1/uptime", their_admin));
  EXPECT_TRUE(theirs_see.at("cloud").as_object().at("uptime").is_null());
  EXPECT_TRUE(theirs_see.at("services").as_array().empty());
}

TEST_F(UptimeApi, WhenSomethingIsKnownIsSaid) {
  EXPECT_TRUE(uptime().at("cloud").as_object().at("known").as_array().empty());
  state("c1", "nova-api", 10, "up");
  state("c1", "nova-api", 4, "unknown");
  for (const auto& row : {first(uptime(), "services"), uptime().at("cloud").as_object()}) {
    const auto known = row.at("known").as_array();
    ASSERT_EQ(known.size(), 1u);
    EXPECT_EQ(known[0].at("from"), to_rfc3339(clock.now() - 10min).c_str());
    EXPECT_EQ(known[0].at("to"), to_rfc3339(clock.now() - 4min).c_str());
  }
}

TEST_F(UptimeApi, AnObjectiveIsAShare) {
  EXPECT_EQ(get("/api/v1/uptime?objective=99").status, 400);
}

}  // namespace
}  // namespace sentinella::api
