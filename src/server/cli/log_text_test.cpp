#include "server/cli/log_text.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace sentinella::server {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Answers whatever it is asked, and remembers what that was.
struct Answers {
  std::vector<std::string> asked;
  std::string next;
  Fetch fetch() {
    return [this](const std::string& path) {
      asked.push_back(path);
      return parse_json(next);
    };
  }
  void lines(const std::vector<std::pair<int, std::string>>& records) {
    JsonWriter json;
    json.object().key("items").array();
    for (const auto& [id, message] : records)
      json.object()
          .field("id", fmt::format("{}-0", id))
          .field("time", "2026-03-02T10:11:12.000Z")
          .field("host", "h1")
          .field("service", "nova-api")
          .field("severity", "ERROR")
          .field("message", message)
          .end();
    next = json.end().key("next_cursor").null().end().take();
  }
};

TEST(LogText, RecordsAreShownOldestFirst) {
  Answers answers;
  answers.lines({{2, "second"}, {1, "first"}});
  const auto text = search_log_text({.query = "host:h1"}, answers.fetch());
  EXPECT_EQ(text.value(),
            "2026-03-02T10:11:12.000Z h1 nova-api ERROR first\n"
            "2026-03-02T10:11:12.000Z h1 nova-api ERROR second\n");
  EXPECT_EQ(answers.asked.at(0), "/api/v1/logs/search?q=host%3Ah1&from=now-1h&limit=100");
}

TEST(LogText, ALineCannotCommandTheTerminal) {
  Answers answers;
  answers.lines({{1, "a\x1b[2Jb\nc"}});
  const auto text = search_log_text({}, answers.fetch());
  EXPECT_THAT(text.value(), HasSubstr("a?[2Jb\n    c"));
  EXPECT_THAT(search_log_text({.colour = true}, answers.fetch()).value(), HasSubstr("\x1b[31mERROR\x1b[0m"));
}

TEST(LogText, AStageIsATable) {
  Answers answers;
  answers.next = R"({"columns":["host","count"],"rows":[["h1",12],["h2",3]]})";
  EXPECT_EQ(search_log_text({.query = "| count by host"}, answers.fetch()).value(),
            "host  count\nh1    12\nh2    3\n");
  EXPECT_THAT(answers.asked.at(0), HasSubstr("/logs/query?q=%7C%20count%20by%20host"));
}

TEST(LogText, PatternsAreShownWithTheirTrendAndTheTextLast) {
  Answers answers;
  answers.next =
      R"({"columns":["pattern","count","severity","first","last","template_id","example","before","change","trend"],
          "rows":[["lost <*>",9,"ERROR","t1","t2","1","1-0",2,"more",[0,1,8]],
                  ["said <*>\u001b",1,"INFO","t1","t2","2","2-0",null,null,[]]]})";
  EXPECT_EQ(search_log_text({.query = "| patterns"}, answers.fetch()).value(),
            "count  before  change  trend  severity  first  last  pattern\n"
            "9      2       more    .▁█    ERROR     t1     t2    lost <*>\n"
            "1      -       -              INFO      t1     t2    said <*>?\n");
}

TEST(LogText, AMistakeIsToldBeforeTheServerIsAsked) {
  Answers answers;
  EXPECT_EQ(search_log_text({.query = "(a"}, answers.fetch()).error().field, "q");
  EXPECT_TRUE(answers.asked.empty());
}

TEST(FollowLogText, ShowsWhatComesAndGoesOnAfterTheStreamEnds) {
  std::vector<std::string> asked, shown;
  const std::vector<std::string> streams = {
      "id: 1-0\nevent: log\ndata: {\"message\":\"one\",\"severity\":\"ERROR\"}\n\n",
      "event: dropped\ndata: {\"count\":7}\n\nid: 2-0\nevent: log\ndata: {\"message\":\"two\"}\n\n"};
  const auto fetch = [&](const std::string& path, const std::string& last_id,
                         const auto& piece) -> Result<void> {
    asked.push_back(path + " " + last_id);
    piece(streams.at(asked.size() - 1));
    return {};
  };
  const auto show = [&](const std::string& text) {
    shown.push_back(text);
    return shown.size() < 3;
  };
  ASSERT_TRUE(follow_log_text({.query = "boom", .limit = 5}, fetch, show, [] { return true; }));
  EXPECT_THAT(asked, testing::ElementsAre("/api/v1/logs/tail?q=boom&lines=5 ",
                                          "/api/v1/logs/tail?q=boom&lines=5 1-0"));
  EXPECT_THAT(shown, testing::ElementsAre(HasSubstr("ERROR one"), HasSubstr("7 more"), HasSubstr("two")));
  EXPECT_FALSE(follow_log_text({.query = "|count"}, fetch, show, [] { return true; }));
  const auto refused = [](const std::string&, const std::string&, const auto&) -> Result<void> {
    return fail(Errc::kInvalid, "no");
  };
  EXPECT_FALSE(follow_log_text({}, refused, show, [] { return true; }));
}

TEST(BacktraceText, MarksTheFirstErrorAndItsFrame) {
  Answers answers;
  answers.next =
      R"({"ids":["req-1"],"instances":[],"lanes":["nova-api","nova-compute"],"duration_ms":812,"truncated":true,
          "records":[{"time":"2026-03-02T10:11:12.000Z","severity":"INFO","message":"POST","lane":0,"gap_ms":0},
                     {"severity":"ERROR","message":"failed","lane":1,"gap_ms":812,"first_error":true,
                      "last_frame":"driver.py:7"},
                     {"severity":"INFO","message":"odd","lane":7,"gap_ms":0}],
          "changes":[{"time":"t","host":"h1","type":"deploy","summary":"29.1","why":"same host"}]})";
  const auto text = backtrace_text("req-1", false, answers.fetch()).value();
  EXPECT_THAT(text, HasSubstr("3 records of 2 services in 812 ms"));
  EXPECT_THAT(text, HasSubstr("+812 ms  nova-compute  ERROR    failed   <-- first error\n"));
  EXPECT_THAT(text, HasSubstr("  driver.py:7\n"));
  EXPECT_THAT(text, HasSubstr("change: t h1 deploy 29.1 (same host)"));
  EXPECT_THAT(text, HasSubstr("more than these 3 records"));
  answers.next = R"({"lanes":[],"records":[],"changes":[]})";
  EXPECT_EQ(backtrace_text("req-1", false, answers.fetch()).error().code, Errc::kNotFound);
}

TEST(BacktraceText, SaysWhyItIsToldFromLinesThatNameNoRequest) {
  Answers answers;
  answers.next =
      R"({"start":{"by":"around","why":"no id in the alert tells more","failed":"2026-03-02T10:11:12.000Z"},
          "lanes":["nova-compute","rabbitmq-server"],"lane_reasons":["its service","passes messages\u001b through it"],
          "records":[{"severity":"ERROR","message":"failed","lane":1,"gap_ms":0}],"changes":[],"truncated":false})";
  const auto text = backtrace_text("some-alert", false, answers.fetch()).value();
  EXPECT_THAT(text, HasSubstr("\nno id in the alert tells more\n  nova-compute: its service\n"));
  EXPECT_THAT(text, HasSubstr("  rabbitmq-server: passes messages? through it\n"));
}

}  // namespace
}  // namespace sentinella::server
