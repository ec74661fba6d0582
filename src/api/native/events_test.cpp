// Events through the native API and Panko's; every native answer is also held against openapi.json.
#include "api/api_fixture.h"

#include <gmock/gmock.h>

namespace sentinella::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EventsApi : public ApiTest {
 protected:
  void tell(const std::string& id, const std::string& type, const std::string& traits) {
    ASSERT_EQ(post("/api/v1/changes", R"({"summary":"s","id":")" + id + R"(","type":")" + type +
                                          R"(","traits":{)" + traits + "}}")
                  .status,
              201);
  }
  std::vector<std::string> ids(const std::string& query) {
    std::vector<std::string> out;
    for (const auto& item : items(get("/api/v1/events" + query))) out.emplace_back(item.at("id").as_string());
    return out;
  }
  std::vector<std::string> panko(const std::string& query) {
    std::vector<std::string> out;
    const auto answer = get("/panko/v2/events" + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto body = need(parse_json(answer.body));
    for (const auto& event : body.as_array()) out.emplace_back(event.at("message_id").as_string());
    return out;
  }
};

TEST_F(EventsApi, EventsAreFoundByResourceAndTraits) {
  tell("a", "compute.instance.create.end", R"("resource_id":"i","host":"compute1","vcpus":"4")");
  clock.advance(1s);
  tell("b", "compute.instance.finish_resize.end", R"("resource_id":"i","host":"compute2","vcpus":"16")");
  clock.advance(1s);
  tell("c", "deploy", R"("version":"2")");
  EXPECT_THAT(ids("?resource=i"), ElementsAre("b", "a"));
  EXPECT_THAT(ids("?resource=i&order=oldest"), ElementsAre("a", "b"));
  EXPECT_THAT(ids("?trait=vcpus>4"), ElementsAre("b"));
  EXPECT_THAT(ids("?trait=vcpus>=4&trait=host=compute1"), ElementsAre("a"));
  EXPECT_THAT(ids("?trait=host!=compute1"), ElementsAre("b"));
  EXPECT_THAT(ids("?type=compute.*&trait=vcpus<4"), IsEmpty());
  EXPECT_EQ(text(get("/api/v1/events/a"), "type"), "compute.instance.create.end");
  EXPECT_EQ(get("/api/v1/events/none").status, 404);
  EXPECT_EQ(get("/api/v1/events?trait=vcpus").status, 400);
  EXPECT_EQ(get("/api/v1/events?order=sideways").status, 400);
  EXPECT_EQ(items(get("/api/v1/event-types")).size(), 3u);
}

TEST_F(EventsApi, AnInstanceHasAStory) {
  tell("a", "compute.instance.create.end", R"("resource_id":"i","host":"compute1","display_name":"web")");
  clock.advance(1s);
  tell("b", "compute.instance.live_migration.post.dest.end", R"("resource_id":"i","host":"compute2")");
  clock.advance(1s);
  tell("c", "compute.instance.live_migration._post.end", R"("resource_id":"i","host":"compute1")");
  const auto story = get("/api/v1/instances/i/story");
  EXPECT_EQ(text(story, "host"), "compute2");
  EXPECT_EQ(text(story, "name"), "web");
  EXPECT_EQ(object(story).at("chapters").as_array().size(), 2u);
  EXPECT_EQ(get("/api/v1/instances/none/story").status, 404);
}

TEST_F(EventsApi, PankosQueriesAreUnderstood) {
  tell("a", "image.upload", R"("size":"1")");
  clock.advance(1s);
  tell("b", "image.upload", R"("size":"20")");
  EXPECT_THAT(panko(""), ElementsAre("a", "b"));
  EXPECT_THAT(panko("?sort=generated:desc&sort=message_id"), ElementsAre("b", "a"));
  EXPECT_THAT(panko("?q.field=all_tenants&q.value=True&sort=generated"), ElementsAre("a", "b"));
  EXPECT_THAT(panko("?q.field=size&q.op=gt&q.type=integer&q.value=3"), ElementsAre("b"));
  EXPECT_THAT(panko("?q.field=event_type&q.value=image.upload&limit=1&marker=a"), ElementsAre("b"));
  EXPECT_EQ(get("/panko/v2/events?q.field=size").status, 400);
  EXPECT_EQ(get("/panko/v2/events?q.field=size&q.op=like&q.value=1").status, 400);
  EXPECT_EQ(get("/panko/v2/events?q.field=size&q.type=integer&q.value=big").status, 400);
  EXPECT_EQ(get("/panko/v2/event_types").body, R"(["image.upload"])");
}

TEST_F(EventsApi, PankoRefusesWhatItCannotMean) {
  tell("a", "image.upload", R"("size":"1")");
  const std::string now = to_rfc3339(clock.now()), type = "&q.value=image.upload";
  EXPECT_THAT(panko("?q.field=start_timestamp&q.op=ge&q.value=" + now), ElementsAre("a"));
  EXPECT_THAT(panko("?q.field=end_timestamp&q.op=le&q.value=" + now), ElementsAre("a"))
      << "that instant, too";
  EXPECT_THAT(panko("?q.field=end_timestamp&q.value=2020-01-01T00:00:00-05:00"), IsEmpty());
  const std::vector<std::string> wrong_queries{"?q.field=start_timestamp&q.op=le&q.value=" + now,
                                               "?q.field=start_timestamp&q.op=eq&q.value=" + now,
                                               "?q.field=end_timestamp&q.op=ge&q.value=" + now,
                                               "?q.field=event_type&q.op=ne" + type,
                                               "?q.field=event_type&q.op=like" + type,
                                               "?q.field=message_id&q.op=gt&q.value=a",
                                               "?q.field=start_timestamp&q.op=ge&q.value=soon",
                                               "?q.field=size&q.type=blob&q.value=1",
                                               "?q.field=size&q.field=name&q.value=1",
                                               "?sort=size",
                                               "?sort=message_id",
                                               "?sort=generated:up",
                                               "?limit=0",
                                               "?limit=many"};
  for (const std::string& wrong : wrong_queries)
    EXPECT_EQ(get("/panko/v2/events" + wrong).status, 400) << wrong;
  EXPECT_EQ(get("/panko/v2/events/none").status, 404);
  EXPECT_EQ(get("/panko/v2/event_types/image.upload").status, 404)
      << "as in Panko: only its traits are listed";
  EXPECT_EQ(get("/panko/v2/event_types/image.upload/traits").body,
            R"([{"name":"size","type":"string"},{"name":"user","type":"string"}])");
  EXPECT_EQ(get("/panko/v2/event_types/image.upload/traits/size").body,
            R"([{"name":"size","type":"string","value":"1"}])");
  EXPECT_EQ(get("/panko/v2/event_types/none/traits").body, "[]");
}

TEST_F(EventsApi, TraitsAreComparedByTheirTypes) {
  tell("a", "t",
       R"("size":"5","price":"1.5","at":"2026-11-21T08:00:00Z","name":"10",)"
       R"("@types":"size=integer price=float at=datetime")");
  struct Case {
    std::string trait, type, smaller, same, larger;
  };
  const Case cases[] = {{"size", "integer", "4", "5.0", "10"},
                        {"price", "float", "1.25", "1.50", "10.5"},
                        {"at", "datetime", "2026-11-21T07:59:59", "2026-11-21T08:00:00", "2026-11-22"},
                        {"name", "string", "1", "10", "9"}};
  struct Op {
    std::string word, sign;
    std::string holds;  // against a smaller value, the same, a larger one
  };
  const Op ops[] = {{"eq", "=", "010"},  {"ne", "!=", "101"}, {"lt", "<", "001"},
                    {"le", "<=", "011"}, {"gt", ">", "100"},  {"ge", ">=", "110"}};
  for (const Case& one : cases)
    for (const Op& op : ops)
      for (int i = 0; i < 3; ++i) {
        const std::string value = i == 0 ? one.smaller : i == 1 ? one.same : one.larger;
        const std::size_t expected = op.holds[static_cast<std::size_t>(i)] == '1' ? 1 : 0;
        const std::string asked = "q.field=" + one.trait + "&q.op=" + op.word + "&q.value=" + value;
        EXPECT_EQ(panko("?" + asked + "&q.type=" + one.type).size(), expected) << asked;
        EXPECT_EQ(panko("?" + asked).size(), expected) << asked;
        // The native API knows texts by their operators = and != alone: order is that of numbers there.
        if (one.type != "string" || op.word.ends_with('q') || op.word == "ne") {
          EXPECT_EQ(ids("?trait=" + one.trait + op.sign + value).size(), expected)
              << one.trait << op.sign << value;
        }
      }
}

TEST_F(EventsApi, PankosPagesGiveEachEventOnceEvenAtOneInstant) {
  for (const char* id : {"a", "b", "c", "d"}) tell(id, "t", "");
  const auto all = panko("");
  std::vector<std::string> paged;
  for (std::string next; paged.size() < 4; next = "&marker=" + paged.back()) {
    const auto page = panko("?limit=1" + next);
    ASSERT_EQ(page.size(), 1u);
    paged.push_back(page[0]);
  }
  EXPECT_EQ(paged, all);
  EXPECT_THAT(panko("?marker=" + all.back()), IsEmpty());
  EXPECT_EQ(get("/panko/v2/events?marker=none").status, 400);
}

TEST_F(EventsApi, WithoutABrokerThereIsNoTelemetry) {
  EXPECT_EQ(get("/api/v1/telemetry").status, 404);
  EXPECT_EQ(get("/api/v1/telemetry/dead-letters").status, 404);
  EXPECT_EQ(post("/api/v1/telemetry/dead-letters/1/replay", "").status, 404);
}

}  // namespace
}  // namespace sentinella::api
