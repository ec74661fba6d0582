// Two accounts in one server: what one has, the other neither sees nor changes.
#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "base/text.h"

namespace sentinella::api {
namespace {

constexpr const char* kSecret = "topsecret";
constexpr const char* kSecretInstance = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

class TenantTest : public ApiTest {
 protected:
  TenantTest() {
    const std::string host = std::string(kSecret) + "-host";
    EXPECT_EQ(send_log(keys[Role::admin], std::string(kSecret) + " line of " + kSecretInstance, host).status,
              200);
    EXPECT_EQ(
        post("/api/v1/changes", R"({"type":"deploy","summary":"topsecret","host":"topsecret-host"})").status,
        201);
    ids["nodes"] = host;
    ids["alerts"] = raise(ours, host).id;
    ids["logs"] = std::string(items(get("/api/v1/logs/search"))[0].at("id").as_string());
    ids["clouds"] = text(post("/api/v1/clouds", R"({"name":"topsecret"})"), "id");
    ids["channels"] = text(
        post("/api/v1/channels",
             R"({"name":"topsecret","kind":"webhook","settings":{"url":"http://127.0.0.1:9/topsecret"}})"),
        "id");
    ids["users"] =
        text(post("/api/v1/users",
                  R"({"name":"topsecret-user","password":"correct horse battery","role":"viewer"})"),
             "id");
    ids["keys"] = text(post("/api/v1/keys", R"({"name":"topsecret","role":"viewer"})"), "id");
    EXPECT_EQ(call("POST", "/api/v1/rules", keys[Role::admin],
                   "id: topsecret-rule\nkind: tailable\nevent: X\ntier: info\nsummary: topsecret\nmatch: "
                   "{pattern: x}\n",
                   "application/yaml")
                  .status,
              201);
    ids["rules"] = "topsecret-rule";
    ids["boards"] =
        text(post("/api/v1/boards", R"({"name":"topsecret","shared":true,"body":{"panels":[]}})"), "id");
    ids["links"] = text(post("/api/v1/links", R"({"path":"/logs?q=topsecret"})"), "code");
    ids["agent-settings"] = "group:topsecret";
    EXPECT_EQ(
        call("PUT", "/api/v1/agent-settings/group:topsecret", keys[Role::admin], kSecretSettings).status,
        200);
    for (const auto& [path, body] : policy_bodies()) ids[path] = text(post("/api/v1/" + path, body), "id");
    ids["silence"] = ids["silences"];
    ids["alert"] = ids["alerts"];
    ids["blackout"] = ids["maintenances"];
    const auto agent = agent_credential();
    ids["agents"] = std::string(items(get("/api/v1/agents"))[0].at("id").as_string());
  }

  std::map<std::string, std::string> policy_bodies() {
    const std::string mute =
        R"({"matchers":[{"name":"host","value":"elsewhere"}],"reason":"topsecret","duration":"1h")";
    return {
        {"silences", mute + "}"},
        {"maintenances", mute + R"(,"kind":"blackout"})"},
        {"inhibitions",
         R"({"comment":"topsecret","source":[{"name":"a","value":"b"}],"target":[{"name":"c","value":"d"}]})"},
        {"rotas", R"({"name":"topsecret","starts":"now+1d","members":[{"person":"kim"}]})"},
        {"escalations", R"({"name":"topsecret","steps":[{"channels":[")" + ids["channels"] + R"("]}]})"},
        {"teams", R"({"name":"topsecret","channels":[")" + ids["channels"] + R"("]})"}};
  }
  static constexpr auto kSecretSettings = R"({"hosts":["topsecret*"],"settings":{}})";
  /// What the route's {id} is the id of: the segment before it.
  static std::string kind_of(const Route& route) {
    const std::string path(route.pattern.substr(0, route.pattern.find("/{")));
    return path.substr(path.rfind('/') + 1);
  }

  /// The route's path with our ids in it.
  std::string target(const Route& route) {
    std::string path(route.pattern);
    if (const auto brace = path.find('{'); brace != std::string::npos) {
      const auto kind = kind_of(route);
      path.replace(brace, path.find('}') - brace + 1, ids.contains(kind) ? ids[kind] : "none");
    }
    if (path == "/api/v1/samples") return path + "?metric=topsecret_metric";
    if (path == "/api/v1/logs/query") return path + "?q=%7C%20count%20by%20host";
    if (path == "/api/v1/logs/backtrace") return path + "?id=" + kSecretInstance;
    return path;
  }

  std::map<std::string, std::string> ids;
};

TEST_F(TenantTest, EveryReadableRouteHidesTheOtherAccountsThings) {
  int seen_by_owner = 0;
  for (const auto& route : all_routes()) {
    if (route.method != "GET" || route.access == Access::server_admin || route.pattern.ends_with("/stream"))
      continue;
    const auto path = target(route);
    const auto theirs_of_ours = call("GET", path, their_admin);
    EXPECT_EQ(theirs_of_ours.body.find(kSecret), std::string::npos) << path;
    if (route.pattern.starts_with("/api/v1/") && route.pattern.find('{') != std::string_view::npos) {
      EXPECT_EQ(theirs_of_ours.status, 404) << path;
    }
    if (get(path).body.find(kSecret) != std::string::npos) ++seen_by_owner;
  }
  EXPECT_GE(seen_by_owner, 12) << "the owner itself saw little: the test would not notice a leak";
}

TEST_F(TenantTest, NobodyChangesTheOtherAccountsThings) {
  std::map<std::string, std::string> bodies = policy_bodies();
  bodies.insert(
      {{"alerts", R"({"action":"close"})"},
       {"alert", R"({"status":"closed","action":"close","tags":["x"],"attributes":{"a":"b"},"text":"x"})"},
       {"rules",
        R"({"yaml":"id: topsecret-rule\nkind: tailable\nevent: X\ntier: info\nsummary: s\nmatch: {pattern: y}\n","version":1})"},
       {"channels", R"({"name":"x","kind":"webhook","settings":{"url":"http://127.0.0.1:9/"}})"},
       {"blackout", R"({"environment":"x","resource":"y"})"},
       {"nodes", R"({"cloud_id":""})"},
       {"boards", R"({"name":"x","version":1,"body":{"panels":[]}})"},
       {"users", R"({"role":"admin"})"},
       {"user", R"({"roles":["admin"]})"},
       {"agent-settings", R"({"hosts":["x"],"settings":{},"version":1})"},
       {"dead-letters", ""}});
  int attempts = 0;
  for (const auto& route : all_routes()) {
    if (route.method == "GET" || route.pattern.find('{') == std::string_view::npos) continue;
    const auto path = target(route);
    const auto kind = kind_of(route);
    if (kind == "sessions") continue;
    // Index names there are words, not things: what is sent goes to the sender's account.
    if (path.starts_with("/elasticsearch/")) continue;
    const auto body = route.method == "DELETE" || path.ends_with("/test") ? ""
                      : kind == "rules" && path.ends_with("/actions")     ? R"({"action":"disable"})"
                                                                          : bodies.at(kind);
    // Names there are the account's own: they have none of this one, hence no such version.
    const int refused = kind == "agent-settings" && route.method == "PUT" ? 409 : 404;
    EXPECT_EQ(call(std::string(route.method), path, their_admin, body).status, refused)
        << route.method << " " << path;
    ++attempts;
  }
  EXPECT_GE(attempts, 12);
  for (const auto* path : {"/api/v1/rules/", "/api/v1/channels/", "/api/v1/nodes/", "/api/v1/alerts/",
                           "/api/v1/agent-settings/"})
    EXPECT_EQ(get(path + ids[std::string(split(path, '/')[3])]).status, 200) << path;
  EXPECT_EQ(items(get("/api/v1/users")).size(), 1u);
  EXPECT_EQ(object(get("/api/v1/alerts/" + ids["alerts"])).at("alert").at("status"), "open");
}

TEST_F(TenantTest, TheOtherAccountSeesNoSampleOfOurHosts) {
  EXPECT_TRUE(items(call("GET", "/api/v1/series", their_admin)).empty());
}

}  // namespace
}  // namespace sentinella::api
