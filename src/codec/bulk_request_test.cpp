#include "codec/bulk_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Read {
  Result<void> done;
  std::vector<std::string> items;
};
Read read(std::string_view body) {
  std::vector<std::string> items;
  auto done = read_bulk(body, [&](const BulkItem& item) {
    items.push_back(item.action + " " + item.index + " " + item.id + " " + std::string(item.document));
  });
  return {std::move(done), std::move(items)};
}

TEST(BulkRequest, ActionsComeWithTheirDocuments) {
  const auto found = read(
      "{\"create\":{\"_index\":\"logs-x\"}}\n{\"message\":\"one\"}\r\n\n"
      "{\"delete\":{\"_id\":\"7\"}}\n{\"index\":{}}\nno json, but its own affair");
  ASSERT_TRUE(found.done) << found.done.error().message;
  EXPECT_THAT(found.items, ElementsAre("create logs-x  {\"message\":\"one\"}", "delete  7 ",
                                       "index   no json, but its own affair"));
}

TEST(BulkRequest, AnActionThatIsNoneEndsItAndSaysWhere) {
  const auto found = read("{\"index\":{}}\n{}\n{\"upsert\":{}}\n{}\n");
  EXPECT_THAT(found.items, ElementsAre("index   {}"));
  EXPECT_THAT(found.done.error().message, HasSubstr("line 3"));
  EXPECT_FALSE(read("{\"index\":{}}").done);
  EXPECT_FALSE(read("{\"index\":{},\"create\":{}}\n{}").done);
  EXPECT_TRUE(read("").done);
}

}  // namespace
}  // namespace sentinella::codec
