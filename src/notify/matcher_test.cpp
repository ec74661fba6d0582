#include "notify/matcher.h"

#include <gtest/gtest.h>

namespace sentinella::notify {
namespace {

TEST(MatcherText, ReadsAlertmanagersForms) {
  Alert alert;
  alert.event = "DiskFull";
  alert.extras.labels.set("device", "sda1");
  const auto matches = [&](const std::string& text) {
    return Matchers::from_text({text}, "filter")->match(alert);
  };
  EXPECT_TRUE(matches("alertname=DiskFull"));
  EXPECT_TRUE(matches("alertname=\"DiskFull\""));
  EXPECT_TRUE(matches("device=~\"sd[a-z]1\""));
  EXPECT_FALSE(matches("device=~\"sd\"")) << "anchored";
  EXPECT_TRUE(matches("device!=\"sdb\""));
  EXPECT_TRUE(matches("device!~\"nvme.*\""));
  EXPECT_TRUE(matches("absent=\"\""));
  for (const char* bad : {"", "device", "=x", "!x", "device=\xff", "\xb0=x"})
    EXPECT_FALSE(Matchers::from_text({bad}, "filter")) << bad;
}

TEST(MatcherJson, AnEmptyValueAsksThatThereIsNoSuchLabel) {
  const auto read = [](const char* json) { return Matchers::from_json(*parse_json(json), "matchers"); };
  const auto absent = read(R"([{"name":"device","value":""}])");
  ASSERT_TRUE(absent) << absent.error().message;
  Alert alert;
  EXPECT_TRUE(absent->match(alert));
  alert.extras.labels.set("device", "sda1");
  EXPECT_FALSE(absent->match(alert));
  EXPECT_FALSE(read(R"([{"name":"device"}])"));
  EXPECT_FALSE(read(R"([{"name":"","value":"x"}])"));
}

TEST(Matchers, AskForOneOfSeveralServicesOrTags) {
  Alert alert;
  alert.service = "nova-api";
  alert.extras.labels.set("services", "nova-api,glance-api");
  alert.extras.tags = {"dc1", "night shift"};
  const auto holds = [&](const std::string& text) { return Matchers::from_text({text}, "m")->match(alert); };
  EXPECT_TRUE(holds("service:nova-api=true"));
  EXPECT_TRUE(holds("service:glance-api=true"));
  EXPECT_FALSE(holds("service:glance=true")) << "a part of a name is none";
  EXPECT_TRUE(holds("tag:night shift=true"));
  EXPECT_FALSE(holds("tag:dc2=true"));
  EXPECT_TRUE(holds("tag:dc2!=true"));
}

}  // namespace
}  // namespace sentinella::notify
