#include "base/sha1.h"

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace sentinella {
namespace {

TEST(Sha1, IsTheOneOfTheRfc) {
  const Sha1 digest = sha1("abc");
  EXPECT_EQ(to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}),
            "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Uuid5, TheSameNameInTheSameNamespaceGivesTheIdOfOtherPrograms) {
  const auto dns = *parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(to_text(uuid5(dns, "python.org")), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
  EXPECT_NE(uuid5(dns, "python.org"), uuid5(dns, "python.com"));
}

}  // namespace
}  // namespace sentinella
