#include "server/cli/gnocchi_conf.h"

#include <gmock/gmock.h>

#include "server/config.h"

namespace sentinella::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kConf = R"([DEFAULT]
debug = true
[api]
auth_mode = keystone
port = 8041
host = 10.0.0.11
max_limit = 500
enable_proxy_headers_parsing = True
[cors]
allowed_origin = https://horizon.example.org
[keystone_authtoken]
auth_url = http://controller:5000
username = gnocchi
password = secret1
project_name = service
token_cache_time = 300
[metricd]
workers = 8
[statsd]
resource_id = 07f26121-5777-48ba-8a0b-d70468133dd9
creator = ops
archive_policy_name = high
flush_delay = 5
port = 8126
[indexer]
url = mysql+pymysql://gnocchi:secret2@controller/gnocchi
)";

TEST(GnocchiConf, BecomesASectionThatTheServerTakes) {
  const auto text = map_gnocchi_conf(kConf);
  ASSERT_TRUE(text) << text.error().message;
  const auto config = parse_config(*text);
  ASSERT_TRUE(config) << describe(config.error()) << "\n" << *text;
  EXPECT_EQ(config->gnocchi.listen, "10.0.0.11:8041");
  EXPECT_EQ(config->gnocchi.statsd_listen, "0.0.0.0:8126");
  EXPECT_EQ(config->gnocchi.statsd_flush, 5s);
  EXPECT_EQ(config->gnocchi.options.statsd.resource, "07f26121-5777-48ba-8a0b-d70468133dd9");
  EXPECT_EQ(config->gnocchi.options.statsd.policy, "high");
  const auto& options = config->gnocchi.options;
  EXPECT_EQ(options.auth, api::gnocchi::AuthMode::keystone);
  EXPECT_EQ(options.max_limit, 500u);
  EXPECT_TRUE(options.proxy_headers);
  EXPECT_EQ(options.allowed_origins, std::vector<std::string>{"https://horizon.example.org"});
  EXPECT_EQ(options.keystone.url, "http://controller:5000/v3");
  EXPECT_EQ(options.keystone.password, "secret1");
  EXPECT_EQ(options.keystone.cache_life, 300s);
}

TEST(GnocchiConf, SaysWhatHasNoMeaningWithoutItsSecrets) {
  const auto text = map_gnocchi_conf(kConf).value();
  EXPECT_THAT(text, HasSubstr("# [metricd] workers = 8: measures are aggregated when they are read"));
  EXPECT_THAT(text, HasSubstr("# [indexer] url: everything is in the server's own data_dir"));
  EXPECT_THAT(text, HasSubstr("# [DEFAULT] debug = true: not known here"));
  EXPECT_THAT(text, Not(HasSubstr("secret2")));
}

}  // namespace
}  // namespace sentinella::server
