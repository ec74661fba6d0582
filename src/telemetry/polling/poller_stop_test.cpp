// What the poller waits for holds up nobody who stops it. What hangs here would do so for five minutes.
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "telemetry/polling/poller.h"
#include "telemetry/silent_host_testing.h"

namespace sentinella::telemetry {
namespace {

constexpr Duration kFarLessThanThat = 60s;

/// Polls, and stops as soon as it is `under_way`.
void stop_while(const std::string& pollster, const std::string& keystone,
                const std::function<bool()>& under_way) {
  auto pollsters = Pollster::parse_all(
      "- {name: m, sample_type: gauge, unit: u, value_attribute: n, timeout: 300, " + pollster + "}",
      Result<void>());
  ASSERT_TRUE(pollsters) << describe(pollsters.error());
  KeystoneOptions options;
  options.auth_url = keystone;
  options.answer_within = 300s;
  auto poller = std::make_unique<Poller>(
      std::move(options), *std::move(pollsters), *parse_polling("{sources: [{name: a, meters: ['*']}]}"),
      [](const std::vector<MeterSample>&) {}, system_clock());
  for (int i = 0; i < 20'000 && !under_way(); ++i) std::this_thread::sleep_for(1ms);
  EXPECT_TRUE(under_way());
  const auto begun = std::chrono::steady_clock::now();
  poller.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, kFarLessThanThat);
}

TEST(PollerStop, ARequestThatHangsIsGivenUp) {
  const SilentHost host;
  stop_while(fmt::format("url_path: '{}/list'", host.url()), "", [&] { return host.asked() > 0; });
}

TEST(PollerStop, AKeystoneThatHangsIsGivenUp) {
  const SilentHost host;
  stop_while("endpoint_type: thing, url_path: list", host.url(), [&] { return host.asked() > 0; });
}

TEST(PollerStop, ACommandThatRunsIsKilled) {
  const TemporaryDirectory directory;
  const auto begun = directory.path() / "begun";
  stop_while(fmt::format("host_command: [sh, '-c', 'touch {}; sleep 300']", begun.string()), "",
             [&] { return std::filesystem::exists(begun); });
}

}  // namespace
}  // namespace sentinella::telemetry
