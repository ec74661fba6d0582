#include <gmock/gmock.h>

#include "telemetry/publish/publish_testing.h"
#include "telemetry/silent_host_testing.h"

namespace sentinella::telemetry {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(NotifierPublisher, ABrokerThatSaysNothingIsGivenUp) {
  const SilentHost host;
  const auto notifier = publish_testing::publisher(host.url("notifier"));
  Result<void> published;
  std::thread publishing([&] { published = notifier->publish({"", {publish_testing::sample()}, {}}); });
  EXPECT_TRUE(host.wait_until_asked(1));
  notifier->cancel();
  publishing.join();
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, Errc::kUnavailable);
  EXPECT_THAT(published.error().message, AllOf(HasSubstr("given up"), Not(HasSubstr("timed out"))));
  EXPECT_FALSE(notifier->publish({"", {publish_testing::sample()}, {}}));
  EXPECT_EQ(host.asked(), 1u) << "what comes after is not begun";
}

}  // namespace
}  // namespace sentinella::telemetry
