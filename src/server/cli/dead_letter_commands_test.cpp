#include "server/cli/dead_letter_commands.h"

#include <deque>
#include <map>

#include <gmock/gmock.h>

#include "base/json.h"

namespace sentinella::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Answers by "METHOD path", and remembers what it was asked.
struct FakeServer {
  std::map<std::string, Result<std::string>> answers;
  std::vector<std::string> asked;
  AskDeadLetters ask() {
    return [this](const std::string& method, const std::string& path) -> Result<boost::json::value> {
      asked.push_back(method + " " + path.substr(path.find("dead-letters")));
      const auto found = answers.find(asked.back());
      if (found == answers.end()) return boost::json::value(nullptr);
      if (!found->second) return std::unexpected(found->second.error());
      return parse_json(*found->second);
    };
  }
};

TEST(DeadLetterCommands, AListHasALineOfEachThatCommandsNoTerminal) {
  FakeServer server;
  server.answers.emplace("GET dead-letters?limit=50", R"({"next_cursor": null, "items": [
      {"id": 7, "at": "2026-11-21T10:00:00.000Z", "exchange": "nova", "routing_key": "notifications.info", "size": 3,
       "reason": "not\u001b[2J JSON\nat all", "body": "x"}]})");
  EXPECT_EQ(list_dead_letters(50, server.ask()).value(),
            "id  at                        exchange  routing_key         size  reason\n"
            "7   2026-11-21T10:00:00.000Z  nova      notifications.info  3     not?[2J JSON\n");
}

TEST(DeadLetterCommands, OneIsShownWithItsBody) {
  FakeServer server;
  server.answers.emplace("GET dead-letters/7", R"({"id": 7, "reason": "odd", "body": "{\u0007}"})");
  EXPECT_EQ(show_dead_letter("7", server.ask()).value(), "id: 7\nreason: odd\n\n{?}\n");
}

TEST(DeadLetterCommands, AReplayOfAllGoesThroughThePagesAndSaysWhatIsStillDead) {
  FakeServer server;
  server.answers.emplace("GET dead-letters?limit=100",
                         R"({"next_cursor": "8", "items": [{"id": 9}, {"id": 8}]})");
  server.answers.emplace("GET dead-letters?limit=100&cursor=8",
                         R"({"next_cursor": null, "items": [{"id": 7}]})");
  server.answers.emplace("POST dead-letters/8/replay", fail(Errc::kInvalid, "still not JSON"));
  EXPECT_EQ(replay_all_dead_letters(server.ask()).value(), "8: still not JSON\n2 taken, 1 still dead\n");
  EXPECT_THAT(server.asked, ElementsAre("GET dead-letters?limit=100", "POST dead-letters/9/replay",
                                        "POST dead-letters/8/replay", "GET dead-letters?limit=100&cursor=8",
                                        "POST dead-letters/7/replay"));
}

TEST(DeadLetterCommands, AReplayOfAllEndsWhenTheServerCannotTakeAny) {
  FakeServer server;
  server.answers.emplace("GET dead-letters?limit=100",
                         R"({"next_cursor": null, "items": [{"id": 9}, {"id": 8}]})");
  server.answers.emplace("POST dead-letters/9/replay", fail(Errc::kUnavailable, "others wait"));
  EXPECT_THAT(replay_all_dead_letters(server.ask()).error().message, HasSubstr("others wait"));
  EXPECT_EQ(server.asked.size(), 2u);
}

}  // namespace
}  // namespace sentinella::server
