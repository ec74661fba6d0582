#include "catalog/short_links.h"

#include "catalog/catalog_fixture.h"
#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

using testing::SizeIs;

class ShortLinksTest : public CatalogTest {
 protected:
  std::string keep(AccountId account, const std::string& path, Time now) {
    std::string code;
    change([&](Transaction& tx) {
      const auto kept = keep_short_link(tx, account, path, now);
      ASSERT_TRUE(kept) << kept.error().message;
      code = *kept;
    });
    return code;
  }
  std::string found(AccountId account, const std::string& code) {
    const auto path = run([&](Transaction& tx) { return find_short_link(tx, account, code); });
    return path ? *path : "none";
  }
};

TEST_F(ShortLinksTest, AnAddressIsFoundByItsCodeInItsOwnAccountOnly) {
  const std::string code = keep(ours, "/logs?q=a", at(1));
  EXPECT_THAT(code, SizeIs(8));
  EXPECT_EQ(keep(ours, "/logs?q=a", at(2)), code);
  EXPECT_NE(keep(ours, "/logs?q=b", at(3)), code);
  EXPECT_EQ(found(ours, code), "/logs?q=a");
  EXPECT_EQ(found(theirs, code), "none");
  EXPECT_EQ(found(ours, "nonsense"), "none");
}

TEST_F(ShortLinksTest, TheOldestGoWhenThereAreTooMany) {
  const std::string first = keep(ours, "/logs?q=first", at(0));
  const std::string second = keep(ours, "/logs?q=second", at(1));
  const std::string foreign = keep(theirs, "/logs?q=foreign", at(0));
  change([&](Transaction& tx) {
    ASSERT_TRUE(
        tx.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                   "INSERT INTO short_link SELECT ?, 'code ' || i, '/' || i, ? FROM n",
                   {sql(kMaxShortLinks - 2), sql(ours), sql(at(2))}));
  });
  EXPECT_EQ(found(ours, first), "/logs?q=first");
  keep(ours, "/logs?q=last", at(3));
  EXPECT_EQ(found(ours, first), "none");
  EXPECT_EQ(found(ours, second), "/logs?q=second");
  EXPECT_EQ(found(theirs, foreign), "/logs?q=foreign");
}

}  // namespace
}  // namespace sentinella::catalog
