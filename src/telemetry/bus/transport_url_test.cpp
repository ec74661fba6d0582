#include "telemetry/bus/transport_url.h"

#include <gmock/gmock.h>

namespace sentinella::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TransportUrl, ReadsWhatServicesHave) {
  const auto url =
      parse_transport_url("rabbit://nova:p%40ss@ctl1:5673,nova:other@[fd00::1]:5674/open%2Fstack");
  ASSERT_TRUE(url) << describe(url.error());
  ASSERT_EQ(url->nodes.size(), 2u);
  EXPECT_EQ(url->nodes[0].user, "nova");
  EXPECT_EQ(url->nodes[0].password, "p@ss");
  EXPECT_EQ(url->nodes[0].port, 5673);
  EXPECT_EQ(url->nodes[1].host, "fd00::1");
  EXPECT_EQ(url->nodes[1].port, 5674);
  EXPECT_EQ(url->vhost, "open/stack");
  EXPECT_FALSE(url->tls);
  EXPECT_EQ(url->name(), "ctl1:5673/open/stack");
}

TEST(TransportUrl, LeavesOutWhatHasADefault) {
  const auto url = parse_transport_url("rabbit://localhost");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->nodes[0].user, "guest");
  EXPECT_EQ(url->nodes[0].port, 5672);
  EXPECT_EQ(url->vhost, "/");
  EXPECT_EQ(parse_transport_url("rabbit://localhost/")->vhost, "/");
}

TEST(TransportUrl, SpeaksTlsWhenAsked) {
  EXPECT_TRUE(parse_transport_url("amqps://h")->tls);
  EXPECT_EQ(parse_transport_url("rabbits://h")->nodes[0].port, 5671);
  EXPECT_TRUE(parse_transport_url("rabbit://u:p@h:1/v?ssl=1")->tls);
}

TEST(TransportUrl, NeverSaysThePassword) {
  for (const char* text : {"rabbit://u:topsecret@h:0/v", "kafka://u:topsecret@h", "rabbit://u:topsecret@/v",
                           "u:topsecret@h", "rabbit://u:topsecret@[::1/v", "rabbit://u:topsecret@h:x"}) {
    const auto url = parse_transport_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(describe(url.error()), Not(HasSubstr("topsecret")));
  }
  EXPECT_THAT(parse_transport_url("rabbit://u:topsecret@h")->name(), Not(HasSubstr("topsecret")));
}

}  // namespace
}  // namespace sentinella::telemetry
