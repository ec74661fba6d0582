#include "model/traits.h"

#include <gmock/gmock.h>

namespace sentinella {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Traits, KeepTheirOrderAndTheFirstOfANameIsFound) {
  Traits traits = {{"host", "c1"}, {"size", "5"}};
  traits.add("host", "c2");
  EXPECT_THAT(traits, ElementsAre(Trait{"host", "c1"}, Trait{"size", "5"}, Trait{"host", "c2"}));
  EXPECT_EQ(traits.size(), 3u);
  EXPECT_EQ(traits.get("host"), "c1");
  EXPECT_EQ(traits.get("hos"), "");
  EXPECT_THAT(Traits(), IsEmpty());
}

TEST(Traits, AreReadAsTheyWereWritten) {
  const Traits traits = {{"", ""}, {"long", std::string(70'000, 'x')}, {"zero", std::string_view("\0a", 2)}};
  std::string bytes;
  ByteWriter writer(bytes);
  traits.write(writer);
  ByteReader reader(bytes);
  EXPECT_EQ(Traits::read(reader), traits);
  EXPECT_TRUE(reader.ok() && reader.at_end());
}

TEST(Traits, DamageIsTold) {
  std::string bytes;
  ByteWriter writer(bytes);
  Traits({{"host", "c1"}, {"size", "5"}}).write(writer);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(std::string_view(bytes).substr(0, size));
    EXPECT_THAT(Traits::read(reader), IsEmpty()) << size;
    EXPECT_FALSE(reader.ok()) << size;
  }
  ByteReader many("\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  EXPECT_THAT(Traits::read(many), IsEmpty());
  EXPECT_FALSE(many.ok());
}

}  // namespace
}  // namespace sentinella
