#include "net/event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sentinella::net {
namespace {

using testing::ElementsAre;

std::vector<std::string> events_of(EventStreamReader& reader, std::string_view text, std::size_t step) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size(); at += step)
    reader.put(text.substr(at, step), [&](const ServerEvent& e) { found.push_back(e.name + "=" + e.data); });
  return found;
}

TEST(EventStream, EventsComeBackHoweverTheyAreCut) {
  constexpr std::string_view kText =
      "retry: 2000\n\nid: 1-2\nevent: log\ndata: {\"a\":1}\n\n: heartbeat\n\ndata: one\r\ndata:two\n\nid: "
      "9\n\ndata: half";
  for (std::size_t step = 1; step < 20; ++step) {
    EventStreamReader reader;
    EXPECT_THAT(events_of(reader, kText, step), ElementsAre("log={\"a\":1}", "message=one\ntwo")) << step;
    EXPECT_EQ(reader.last_id(), "9");
  }
}

TEST(EventStream, AnEventThatIsTooLargeIsPassedOver) {
  EventStreamReader reader;
  const std::string big(EventStreamReader::kMaxEvent, 'x');
  EXPECT_THAT(events_of(reader, "data: " + big + big + "\n\ndata: next\n\n", 100'000),
              ElementsAre("message=next"));
}

}  // namespace
}  // namespace sentinella::net
