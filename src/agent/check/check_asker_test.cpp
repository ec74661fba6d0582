#include "agent/check/check_asker.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"
#include "net/http_server.h"

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;

/// Keystone and an API that takes its newest token only.
class Cloud {
 public:
  Cloud() {
    auto started = net::start_http_server(
        net::ListenOptions{},
        [this](net::Request request, net::Respond respond) { respond(answer(request)); });
    EXPECT_TRUE(started) << describe(started.error());
    server_ = std::move(*started);
  }
  SourceConfig account() const {
    SourceConfig account;
    account.kind = "openstack";
    account.url = url("/v3");
    account.user = "monitor";
    account.password = "right";
    return account;
  }
  std::vector<CheckTarget> api() const {
    auto target = *parse_check_url(url("/v2/images"));
    target.options.token = true;
    target.options.expectation.statuses = {{200, 200}};
    return {target};
  }
  std::atomic<int> tokens = 0;
  std::atomic<bool> keystone_up = true;
  std::atomic<bool> counts = true;  ///< a request that fails makes the last token an old one, too

 private:
  std::string url(std::string_view path) const {
    return fmt::format("http://127.0.0.1:{}{}", server_->port(), path);
  }
  net::Response answer(const net::Request& request) {
    net::Response response;
    if (request.path == "/v3/auth/tokens") {
      response.status = !keystone_up ? 503 : request.body.contains("right") ? 201 : 401;
      if (counts) ++tokens;
      response.headers.set("X-Subject-Token", fmt::format("token-{}", tokens.load()));
      response.body = "{}";
      return response;
    }
    const std::string newest = fmt::format("token-{}", tokens.load());
    response.status = request.headers.get("X-Auth-Token") == newest ? 200 : 401;
    return response;
  }
  std::unique_ptr<net::HttpServer> server_;
};

TEST(CheckAsker, AsksWithOneTokenUntilItIsRefusedAndThenWithAnother) {
  Cloud cloud;
  CheckAsker asker({cloud.account()});
  for (int round = 0; round < 3; ++round) EXPECT_TRUE(asker.ask(cloud.api(), 5s)[0].up);
  EXPECT_EQ(cloud.tokens, 1);
  ++cloud.tokens;  // revoked
  EXPECT_TRUE(asker.ask(cloud.api(), 5s)[0].up) << "within the same round";
  EXPECT_EQ(cloud.tokens, 3);
  EXPECT_EQ(asker.problem(), "");
}

TEST(CheckAsker, WithoutATokenNothingIsSaidOfTheApi) {
  Cloud cloud;
  cloud.keystone_up = false;
  ManualClock clock(kSomeTime);
  CheckAsker asker({cloud.account()}, clock);
  auto targets = cloud.api();
  auto open = targets[0];
  open.options = {};
  targets.push_back(open);
  const auto outcomes = asker.ask(targets, 5s);
  EXPECT_FALSE(outcomes[0].asked);
  EXPECT_TRUE(outcomes[1].asked && outcomes[1].up) << "who wants none is asked as always";
  EXPECT_THAT(asker.problem(), HasSubstr("keystone answers 503"));
  const int asked = cloud.tokens;
  asker.ask(cloud.api(), 5s);
  EXPECT_EQ(cloud.tokens, asked) << "keystone is left alone for a while";
  cloud.keystone_up = true;
  clock.advance(31s);
  EXPECT_TRUE(asker.ask(cloud.api(), 5s)[0].up);
  EXPECT_EQ(asker.problem(), "");
}

TEST(CheckAsker, ATokenThatCannotBeRenewedIsUsedOn) {
  Cloud cloud;
  ManualClock clock(kSomeTime);
  CheckAsker asker({cloud.account()}, clock);
  EXPECT_TRUE(asker.ask(cloud.api(), 5s)[0].up);
  cloud.keystone_up = false;
  cloud.counts = false;
  clock.advance(31min);
  EXPECT_TRUE(asker.ask(cloud.api(), 5s)[0].up);
  EXPECT_THAT(asker.problem(), HasSubstr("asked with the last one"));
}

TEST(CheckAsker, ARefusalThatCannotBeAskedAgainSaysNothingOfTheApi) {
  Cloud cloud;
  ManualClock clock(kSomeTime);
  CheckAsker asker({cloud.account()}, clock);
  EXPECT_TRUE(asker.ask(cloud.api(), 5s)[0].up);
  cloud.keystone_up = false;
  ++cloud.tokens;  // revoked
  EXPECT_FALSE(asker.ask(cloud.api(), 5s)[0].asked);
  EXPECT_THAT(asker.problem(), HasSubstr("not asked"));
  cloud.keystone_up = true;
  clock.advance(31s);
  EXPECT_TRUE(asker.ask(cloud.api(), 5s)[0].up);
}

TEST(CheckAsker, ARefusedAccountIsNamedWithoutItsPassword) {
  Cloud cloud;
  SourceConfig account = cloud.account();
  account.password = "s3cret-and-wrong";
  CheckAsker asker({account});
  EXPECT_FALSE(asker.ask(cloud.api(), 5s)[0].asked);
  EXPECT_THAT(asker.problem(), HasSubstr("keystone refuses user monitor"));
  EXPECT_THAT(asker.problem(), ::testing::Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace sentinella::agent
