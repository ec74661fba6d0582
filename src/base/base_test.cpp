#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/compress.h"
#include "base/crypto.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/ini.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace sentinella {
namespace {

TEST(Time, Rfc3339RoundTripsWithOffsetsAndFractions) {
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-03-02T10:11:12.345678901Z")), "2026-03-02T10:11:12.345678901Z");
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-03-02T10:11:12+01:30")), "2026-03-02T08:41:12.000Z");
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01Z")->ns, 1'000'000'000);
  for (const char* bad :
       {"", "2026-03-02", "2026-02-30T00:00:00Z", "2026-03-02T10:11:12", "2026-03-02T25:00:00Z",
        "2026-03-02T10:11:12.Z", "2026-03-02T10:11:12Zx", "-026-03-02T10:11:12Z"})
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

TEST(Time, DurationsReadWhatTheyWrite) {
  EXPECT_EQ(*parse_duration("1h30m"), 90min);
  EXPECT_EQ(*parse_duration("250ms"), 250ms);
  EXPECT_EQ(*parse_duration("90"), 90s);
  EXPECT_EQ(to_text(Duration(90min)), "1h30m");
  for (const char* bad : {"", "m", "-5s", "5 m", "5y", "99999999999999w", "1h30"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Bytes, ReaderStopsAtTheEndOfTruncatedInput) {
  std::string out;
  ByteWriter writer(out);
  writer.varint(300);
  writer.svarint(-5);
  writer.text("nova");
  writer.fixed<std::uint32_t>(7);
  for (std::size_t n = 0; n < out.size(); ++n) {
    ByteReader reader(std::string_view(out).substr(0, n));
    reader.varint(), reader.svarint(), reader.text(), reader.fixed<std::uint32_t>();
    EXPECT_FALSE(reader.ok()) << n;
  }
  ByteReader reader(out);
  EXPECT_EQ(reader.varint(), 300u);
  EXPECT_EQ(reader.svarint(), -5);
  EXPECT_EQ(reader.text(), "nova");
  EXPECT_EQ(reader.fixed<std::uint32_t>(), 7u);
  EXPECT_TRUE(reader.ok() && reader.at_end());
}

TEST(Hash, Crc32cMatchesTheVectorsOfRfc3720) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
}

TEST(Crypto, EncodingsRoundTripAndRefuseWhatIsNotTheirs) {
  for (std::size_t n = 0; n < 20; ++n) {
    const std::string bytes = random_bytes(n);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  }
  EXPECT_FALSE(from_base64("a"));
  EXPECT_FALSE(from_base64url("a+b"));
  EXPECT_FALSE(from_hex("0g"));
  // RFC 4231, test case 2.
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Ids, UuidTextRoundTripsAndNamesAreStable) {
  const Uuid id = random_uuid();
  EXPECT_EQ(parse_uuid(to_text(id)), id);
  EXPECT_EQ(uuid_from_name("a"), uuid_from_name("a"));
  EXPECT_FALSE(parse_uuid("3f0c2a7e-1111-4222-8333-94445555666"));
}

TEST(Compress, RoundTripsAndRefusesBombs) {
  const std::string data(1'000'000, 'x');
  EXPECT_EQ(*zstd_decompress(zstd_compress(data), data.size() + 1), data);
  EXPECT_EQ(*gzip_decompress(gzip_compress(data), data.size() + 1), data);
  EXPECT_EQ(zstd_decompress(zstd_compress(data), 1000).error().code, Errc::kTooLarge);
  EXPECT_EQ(gzip_decompress(gzip_compress(data), 1000).error().code, Errc::kTooLarge);
  EXPECT_EQ(zstd_decompress("nonsense", 1000).error().code, Errc::kInvalid);
  EXPECT_EQ(gzip_decompress(gzip_compress(data).substr(0, 20), 10'000'000).error().code, Errc::kInvalid);
}

TEST(Json, WriterEscapesAndReaderNamesTheField) {
  JsonWriter json;
  json.object()
      .field("a", "quo\"te\n\x01")
      .key("b")
      .array()
      .value(1)
      .value(2.5)
      .null()
      .end()
      .field("c", true)
      .end();
  EXPECT_EQ(json.str(), R"({"a":"quo\"te\n\u0001","b":[1,2.5,null],"c":true})");
  EXPECT_TRUE(parse_json(json.str()));
  EXPECT_FALSE(parse_json("{\"a\":1} x"));
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
  const auto object = *parse_json_object(R"({"name":3,"severty":"x"})");
  EXPECT_EQ(required_string(object, "name").error().field, "name");
  EXPECT_EQ(required_string(object, "missing").error().message, "is required");
  EXPECT_NE(only_fields(object, {"name", "severity"}).error().message.find("\"severity\""),
            std::string::npos);
}

TEST(Text, IsShortenedBetweenCharacters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcdefgh", 6), "abc…");
  EXPECT_EQ(shortened("ab\u00e9defgh", 6), "ab…") << "é has two bytes";
  EXPECT_EQ(shortened("abcdefgh", 2), "…");
}

TEST(Text, SuggestsOnlyNearWords) {
  EXPECT_EQ(suggest("severty", {"name", "severity"}), "severity");
  EXPECT_FALSE(suggest("qqqq", {"name", "severity"}));
  EXPECT_TRUE(glob_match("nova.*", "nova.compute.manager"));
  EXPECT_FALSE(glob_match("nova.?", "nova."));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_EQ(to_valid_utf8("a\xff"
                          "b"),
            "a\xef\xbf\xbd"
            "b");
}

TEST(Ini, KeepsLongValuesAndContinuations) {
  const std::string url(500, 'u');
  const auto options =
      *parse_ini("debug = true\n[database]\n# c\nconnection = " + url + " ; not a comment\n  more\n");
  ASSERT_EQ(options.size(), 2u);
  EXPECT_EQ(options[0].section, "DEFAULT");
  EXPECT_EQ(options[1].value, url + " ; not a comment\nmore");
  EXPECT_NE(parse_ini("x\n").error().message.find("line 1"), std::string::npos);
}

}  // namespace
}  // namespace sentinella
