#include "catalog/boards.h"

#include "catalog/catalog_fixture.h"

namespace sentinella::catalog {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class BoardsTest : public CatalogTest {
 protected:
  Board board(const std::string& id) {
    return {id, ours, "Night " + id, "kim", false, R"({"panels":[]})", 1, at(5), "kim"};
  }
};

TEST_F(BoardsTest, ABoardIsKeptChangedAndRemovedInItsOwnAccountOnly) {
  change([&](Transaction& tx) { ASSERT_TRUE(insert_board(tx, board("b1"))); });
  Board shared = board("b1");
  shared.shared = true;
  shared.updated_by = "ana";
  change([&](Transaction& tx) { ASSERT_TRUE(update_board(tx, shared, 1)); });
  const auto found = run([&](Transaction& tx) { return find_board(tx, ours, "b1"); });
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->shared);
  EXPECT_EQ(found->version, 2u);
  EXPECT_EQ(found->owner, "kim");
  EXPECT_THAT(*run([&](Transaction& tx) { return list_boards(tx, theirs); }), IsEmpty());
  EXPECT_EQ(run([&](Transaction& tx) { return find_board(tx, theirs, "b1"); }).error().code, Errc::kNotFound);
  EXPECT_FALSE(run([&](Transaction& tx) { return delete_board(tx, theirs, "b1"); }));
  change([&](Transaction& tx) { ASSERT_TRUE(delete_board(tx, ours, "b1")); });
  EXPECT_THAT(*run([&](Transaction& tx) { return list_boards(tx, ours); }), IsEmpty());
}

TEST_F(BoardsTest, AChangeAgainstAnOldVersionIsRefusedAndSaysWhoseIsNewer) {
  change([&](Transaction& tx) { ASSERT_TRUE(insert_board(tx, board("b1"))); });
  Board mine = board("b1");
  mine.updated_by = "ana";
  change([&](Transaction& tx) { ASSERT_TRUE(update_board(tx, mine, 1)); });
  const auto late = run([&](Transaction& tx) { return update_board(tx, mine, 1); });
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::kConflict);
  EXPECT_THAT(late.error().message, testing::HasSubstr("by ana"));
  EXPECT_THAT(*run([&](Transaction& tx) { return list_boards(tx, ours); }), SizeIs(1));
}

}  // namespace
}  // namespace sentinella::catalog
