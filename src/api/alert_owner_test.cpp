// Who sees to an alert, at the doors that say it.
#include "api/alert_owner.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <gmock/gmock.h>

#include "api/api_fixture.h"

namespace sentinella::api {
namespace {

using testing::HasSubstr;

class AlertOwner : public ApiTest {
 protected:
  AlertOwner() {
    for (const auto* name : {"bob", "ann"})
      need(authenticator->create_user(ours, name, "a good password", Role::responder, false));
    need(authenticator->create_user(theirs, "eve", "a good password", Role::responder, false));
    const auto channel = text(
        post("/api/v1/channels", R"({"name":"c","kind":"webhook","settings":{"url":"http://127.0.0.1:9/"}})"),
        "id");
    EXPECT_EQ(post("/api/v1/teams", R"({"name":"storage","channels":[")" + channel + R"("]})").status, 201);
    alert = raise(ours, "compute1");
  }
  net::Response assign(const std::string& owner, Role role = Role::responder) {
    return call("POST", "/api/v1/alerts/" + alert.id + "/actions", keys[role],
                R"({"action":"assign","owner":")" + owner + R"(","text":"please"})");
  }
  std::string owner() {
    return std::string(
        object(get("/api/v1/alerts/" + alert.id)).at("alert").as_object().at("owner").as_string());
  }
  static std::string field_at_fault(const net::Response& response) {
    EXPECT_EQ(response.status, 400) << response.body;
    return std::string(object(response).at("error").as_object().at("field").as_string());
  }
  std::size_t rows(const std::string& query) { return items(get("/api/v1/alert-rows?" + query)).size(); }

  Alert alert;
};

TEST_F(AlertOwner, IsAPersonATeamTheCallerOrNobody) {
  EXPECT_EQ(owner(), "");
  EXPECT_EQ(assign("bob", Role::viewer).status, 403);
  const auto given = object(assign("bob"));
  EXPECT_EQ(given.at("owner"), "bob");
  EXPECT_EQ(given.at("status"), "open");
  const auto entry = given.at("history").as_array().back().as_object();
  EXPECT_EQ(entry.at("type"), "assign");
  EXPECT_EQ(entry.at("owner"), "bob");
  EXPECT_EQ(entry.at("user"), "responder");
  EXPECT_EQ(entry.at("text"), "please");
  EXPECT_EQ(text(assign("storage"), "owner"), "storage");
  EXPECT_EQ(text(assign("me"), "owner"), "responder") << "a key takes alerts as well";
  EXPECT_EQ(text(assign("none"), "owner"), "");
  EXPECT_EQ(assign("ann").status, 200);
  EXPECT_EQ(text(assign(""), "owner"), "");
}

TEST_F(AlertOwner, WhomNobodyHereKnowsIsRefusedByName) {
  EXPECT_EQ(field_at_fault(assign("zoe")), "owner");
  EXPECT_EQ(field_at_fault(assign("eve")), "owner") << "another account's";
  const auto actions = "/api/v1/alerts/" + alert.id + "/actions";
  EXPECT_EQ(field_at_fault(post(actions, R"({"action":"assign"})")), "owner");
  EXPECT_EQ(field_at_fault(post(actions, R"({"action":"ack","owner":"bob"})")), "owner");
  EXPECT_EQ(owner(), "");
  post(actions, R"({"action":"close"})");
  EXPECT_EQ(assign("bob").status, 409) << "it is over";
}

TEST_F(AlertOwner, ListsTellAndFilterByIt) {
  raise(ours, "compute2");
  ASSERT_EQ(assign("bob").status, 200);
  EXPECT_EQ(items(get("/api/v1/alert-rows?owner=bob")).at(0).as_object().at("owner"), "bob");
  EXPECT_EQ(items(get("/api/v1/alerts?owner=bob")).size(), 1u);
  EXPECT_EQ(rows("owner=none"), 1u);
  EXPECT_EQ(rows("owner=me"), 0u);
  EXPECT_EQ(rows(""), 2u);
  ASSERT_EQ(assign("me", Role::admin).status, 200);
  EXPECT_EQ(rows("owner=me"), 1u);
  const auto strip = object(get("/api/v1/alert-history?owner=none&from=now-1h&to=now&buckets=1"));
  EXPECT_EQ(strip.at("buckets").as_array().at(0).as_object().at("opened"), 1);
}

TEST_F(AlertOwner, ManyAreGivenAtOnce) {
  const Alert other = raise(ours, "compute2");
  const auto body =
      R"({"action":"assign","owner":"bob","ids":[")" + alert.id + R"(",")" + other.id + R"(","no-such"]})";
  const auto done = object(post("/api/v1/alert-actions", body));
  EXPECT_EQ(done.at("done"), 2);
  EXPECT_EQ(done.at("refused").as_array().size(), 1u);
  EXPECT_EQ(rows("owner=bob"), 2u);
  EXPECT_EQ(field_at_fault(post("/api/v1/alert-actions",
                                R"({"action":"assign","owner":"zoe","ids":[")" + alert.id + R"("]})")),
            "owner")
      << "what is wrong with the request is said of none of them";
}

TEST_F(AlertOwner, ManyAreGivenThoughTheirOwnerLeavesMeanwhile) {
  /// Takes bob away as soon as the first alert is his.
  struct Leaver : net::StreamWriter {
    explicit Leaver(std::function<void()> then) : leave(std::move(then)) {}
    bool write(std::string chunk) override {
      if (chunk.contains(R"("transition":"assign")")) std::exchange(leave, [] {})();
      return true;
    }
    void close() override {}
    bool open() const override { return true; }
    std::function<void()> leave;
  };
  const Alert other = raise(ours, "compute2");
  const auto answer = get("/api/v1/stream?topics=alerts");
  answer.stream(std::make_shared<Leaver>([&] {
    need(database->write([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(const auto users, catalog::list_users(tx, ours));
      const auto bob = std::ranges::find(users, "bob", &User::name);
      return catalog::delete_user(tx, ours, bob->id);
    }));
  }));
  const auto ids = R"("ids":[")" + alert.id + R"(",")" + other.id + R"("])";
  const auto done = object(post("/api/v1/alert-actions", R"({"action":"assign","owner":"bob",)" + ids + "}"));
  EXPECT_EQ(done.at("done"), 2) << "the request was checked as a whole";
  EXPECT_EQ(field_at_fault(post("/api/v1/alert-actions", R"({"action":"assign","owner":"bob",)" + ids + "}")),
            "owner");
}

TEST_F(AlertOwner, TheLiveStreamTellsIt) {
  struct Heard : net::StreamWriter {
    bool write(std::string chunk) override { return text += chunk, true; }
    void close() override {}
    bool open() const override { return true; }
    std::string text;
  };
  const auto answer = get("/api/v1/stream?topics=alerts");
  ASSERT_TRUE(answer.stream);
  const auto heard = std::make_shared<Heard>();
  answer.stream(heard);
  ASSERT_EQ(assign("bob").status, 200);
  EXPECT_THAT(heard->text, HasSubstr(R"("transition":"assign")"));
  EXPECT_THAT(heard->text, HasSubstr(R"("owner":"bob")"));
}

TEST_F(AlertOwner, WhoIsNotOnCallGivesAPageAwayButDoesNotAcknowledgeIt) {
  EXPECT_EQ(post("/api/v1/rotas", R"({"name":"night","members":[{"person":"ann"}]})").status, 201);
  const auto ack =
      call("POST", "/api/v1/alerts/" + alert.id + "/actions", keys[Role::responder], R"({"action":"ack"})");
  EXPECT_EQ(ack.status, 403) << "nobody would hear of it any more";
  EXPECT_EQ(text(assign("ann"), "owner"), "ann");
}

TEST_F(AlertOwner, OnesOwnPeopleAndTeamsAreOffered) {
  EXPECT_EQ(call("GET", "/api/v1/alert-owners", keys[Role::viewer]).status, 403) << "login names";
  const auto known = object(call("GET", "/api/v1/alert-owners", keys[Role::responder]));
  EXPECT_EQ(boost::json::serialize(known), R"({"people":["ann","bob"],"teams":["storage"]})");
  EXPECT_THAT(call("GET", "/api/v1/alert-owners", their_admin).body, HasSubstr(R"("people":["eve"])"));
}

TEST_F(AlertOwner, AlertasClientsSetFindAndReadIt) {
  const auto action = [&](const std::string& more) {
    return call("PUT", "/alerta/alert/" + alert.id + "/action", keys[Role::responder],
                R"({"action":"assign")" + more + "}");
  };
  const auto total = [&](const std::string& query) {
    return object(get("/alerta/alerts?" + query)).at("total").as_int64();
  };
  EXPECT_EQ(action(R"(,"text":"bob")").status, 200);
  const auto shown = object(get("/alerta/alert/" + alert.id)).at("alert").as_object();
  EXPECT_EQ(shown.at("owner"), "bob");
  EXPECT_EQ(shown.at("attributes").as_object().at("owner"), "bob");
  EXPECT_EQ(shown.at("history").as_array().at(0).as_object().at("type"), "assign");
  EXPECT_EQ(shown.at("history").as_array().at(0).as_object().at("owner"), "bob");
  EXPECT_EQ(total("owner=bob"), 1);
  EXPECT_EQ(total("owner!=bob"), 0);
  EXPECT_EQ(total("q=owner:bob"), 1);
  EXPECT_EQ(total("q=owner:ann"), 0);
  EXPECT_EQ(action(R"(,"text":"nobody I know")").status, 400);
  EXPECT_EQ(action("").status, 200);
  EXPECT_EQ(owner(), "responder") << "whoever names nobody takes it";
  EXPECT_EQ(action(R"(,"text":"none")").status, 200);
  EXPECT_EQ(owner(), "");
  EXPECT_TRUE(object(get("/alerta/alert/" + alert.id)).at("alert").as_object().at("owner").is_null());
}

}  // namespace
}  // namespace sentinella::api
