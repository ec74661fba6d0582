#include "telemetry/notification_agent.h"

#include <thread>

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "telemetry/telemetry_testing.h"

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;

constexpr std::string_view kPipeline =
    "sources: [{name: s, meters: ['*'], sinks: [k]}]\n"
    "sinks: [{name: k, publishers: ['http://first', 'sentinella://', 'http://last']}]\n";

/// An agent without a broker: samples and replays come in, what receivers get is written down.
class NotificationAgentTest : public testing::Test {
 protected:
  NotificationAgentTest() {
    letters = *DeadLetters::open(directory.path() / "dead", 1u << 20);
    auto processor = Processor::make(
        {.meters = {}, .event_definitions = "", .pipeline = std::string(kPipeline), .event_pipeline = ""});
    EXPECT_TRUE(processor) << describe(processor.error());
    NotificationAgent::Receivers receivers;
    receivers.deliver = [this](const Outgoing& outgoing) { return deliver(outgoing); };
    receivers.settled = [this](Duration) { return settled.load(); };
    agent = *NotificationAgent::start({}, *std::move(processor), *letters, receivers, system_clock());
  }
  Result<void> deliver(const Outgoing& outgoing) {
    Lock lock(mutex);
    tried.push_back(outgoing.publisher);
    if (outgoing.publisher != refusing) return {};
    return fail(Errc::kUnavailable, "full");
  }
  /// Of the image's deletion; its id in the store.
  DeadLetter letter() {
    EXPECT_TRUE(letters->add({{0,
                               {},
                               "b",
                               "glance",
                               "notifications.info",
                               "mended since",
                               envelope(inner_message("image.delete", R"({"id": "i", "size": 7})")),
                               0}}));
    return letters->list(0, 1)->letters.at(0);
  }
  static MeterSample sample() {
    MeterSample made;
    made.name = "m";
    made.resource_id = "r";
    return made;
  }

  TemporaryDirectory directory;
  std::unique_ptr<DeadLetters> letters;
  Mutex mutex;
  std::vector<std::string> tried;
  std::string refusing;
  std::atomic<bool> settled = true;  ///< whether publishers that are waited for have everything
  std::unique_ptr<NotificationAgent> agent;
};

TEST_F(NotificationAgentTest, OurOwnStoreIsServedBeforeOthers) {
  agent->take({sample()});
  EXPECT_THAT(tried, ElementsAre("sentinella://", "http://first", "http://last"));
}

TEST_F(NotificationAgentTest, AMendedDeadLetterIsDeliveredAndGone) {
  ASSERT_TRUE(agent->replay(letter()));
  EXPECT_EQ(letters->count(), 0u);
  EXPECT_EQ(agent->status().dead_letters, 0u);
  EXPECT_EQ(tried.front(), "sentinella://");
}

TEST_F(NotificationAgentTest, ADeadLetterIsKeptUntilPublishersThatAreWaitedForHaveIt) {
  settled = false;
  const DeadLetter dead = letter();
  EXPECT_EQ(agent->replay(dead).error().code, Errc::kUnavailable);
  EXPECT_EQ(letters->count(), 1u);
  settled = true;
  const std::size_t once = tried.size();
  EXPECT_TRUE(agent->replay(dead));
  EXPECT_EQ(letters->count(), 0u);
  EXPECT_EQ(tried.size(), once) << "it went out the first time";
}

TEST_F(NotificationAgentTest, AReplayDoesNotWaitBehindOneThatIsHeldUp) {
  refusing = "http://first";
  std::thread held_up([&] { agent->take({sample()}); });
  for (int i = 0; i < 2000 && agent->status().deliver_failures == 0; ++i) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(agent->replay(letter()).error().code, Errc::kUnavailable);
  EXPECT_EQ(letters->count(), 1u);
  EXPECT_EQ(agent->status().last_failure, "full");
  agent->stop();
  held_up.join();
}

}  // namespace
}  // namespace sentinella::telemetry
