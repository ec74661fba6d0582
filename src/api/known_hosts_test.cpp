#include "api/known_hosts.h"

#include "api/api_fixture.h"
#include "catalog/inventory.h"

namespace sentinella::api {
namespace {

class KnownHostsTest : public ApiTest {
 protected:
  void touch(const std::vector<std::string>& names) {
    Batch batch;
    batch.account = ours;
    batch.received = clock.now();
    for (const auto& name : names) {
      batch.reports.emplace_back();
      batch.reports.back().host = name;
    }
    hosts->touch(batch);
  }
  std::size_t nodes(AccountId account) {
    std::size_t count = 0;
    need(database->read([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(const auto all, catalog::list_nodes(tx, account));
      count = all.size();
      return {};
    }));
    return count;
  }
};

TEST_F(KnownHostsTest, AHostIsAddedOnceToItsOwnAccount) {
  touch({"compute1", "compute2", "compute1"});
  touch({"compute2"});
  EXPECT_EQ(nodes(ours), 2u);
  EXPECT_EQ(nodes(theirs), 0u);
}

TEST_F(KnownHostsTest, NamesThatNoHostHasAreLeftOut) {
  touch({"", std::string(254, 'x')});
  EXPECT_EQ(nodes(ours), 0u);
}

TEST_F(KnownHostsTest, AFloodOfNamesIsBounded) {
  std::vector<std::string> flood;
  for (std::size_t i = 0; i < KnownHosts::kMaxPerAccount + 100; ++i) flood.push_back("h" + std::to_string(i));
  touch(flood);
  touch({"one-more"});
  EXPECT_EQ(nodes(ours), KnownHosts::kMaxPerAccount);
}

}  // namespace
}  // namespace sentinella::api
