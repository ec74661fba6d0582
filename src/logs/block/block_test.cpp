// A block gives back what went into it, byte for byte, whatever it was.
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "base/text.h"
#include "codec/log_reader.h"
#include "logs/block/id_text.h"
#include "logs/block/testing.h"

namespace sentinella::logs {
namespace {

using namespace testing_blocks;

void expect_same(const LogRecord& found, const LogRecord& wanted) {
  EXPECT_EQ(found.time, wanted.time);
  EXPECT_EQ(found.severity, wanted.severity);
  EXPECT_EQ(found.pid, wanted.pid) << wanted.raw;
  EXPECT_EQ(found.template_id, wanted.template_id) << wanted.raw;
  EXPECT_EQ(found.flags, wanted.flags);
  for (const auto field : {&LogRecord::host, &LogRecord::service, &LogRecord::source, &LogRecord::component,
                           &LogRecord::request_id, &LogRecord::global_request_id, &LogRecord::user_id,
                           &LogRecord::project_id, &LogRecord::domain_id, &LogRecord::instance,
                           &LogRecord::message, &LogRecord::traceback, &LogRecord::raw})
    EXPECT_EQ(found.*field, wanted.*field) << wanted.raw;
  EXPECT_EQ(found.http, wanted.http) << wanted.raw;
}

void expect_round_trip(const std::vector<LogRecord>& records) {
  const auto block = open_block(encode(records));
  const auto assembler = RecordAssembler::open(*block);
  ASSERT_TRUE(assembler) << assembler.error().message;
  AssembledRecord found;
  std::string raw;
  for (std::size_t i = 0; i < records.size(); ++i) {
    assembler->record(i, found);
    expect_same(to_record(found.view), records[i]);
    EXPECT_EQ(found.view.id, (RecordId{7, static_cast<std::uint32_t>(i)}));
    assembler->raw(i, raw);
    EXPECT_EQ(raw, records[i].raw);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(LogBlock, LinesOfEveryKindComeBackWithAllTheirFields) {
  const std::string head = "2026-11-21 10:07:22.104 14623 ERROR nova.compute.manager ";
  std::vector<LogRecord> records;
  for (
      const std::string& raw : {
          std::string(
              "2026-11-21 10:04:28.558 14623 WARNING oslo_messaging.rpc.client [-] Using RPCClient manually"),
          std::string(
              "2026-11-21 10:05:24.624 14632 INFO neutron.wsgi [req-90c7328c-919e-45a7-88e8-12a1d03cd3b8 "
              "req-cb955b13-451f-42ba-ba3f-349882ad073d bdde48823f8a475c9b862b15355a8652 "
              "79a40a64fa394076a255da31134b98ef - - default default] 127.0.0.1 \"GET /v2.0/ports HTTP/1.1\" "
              "status: 200  len: 0210 time: 0.0110042"),
          std::string(
              "2026-03-02 10:11:12.345 2712 INFO nova.compute.claims [None "
              "req-0b6c7d1e-55a1-4d0e-9c0f-2f60b3a4c1d2 9f1c0e4493d9e0bdb34da6ae05c69cd5 admin - - default "
              "default] [instance: 3f0c2a7e-1111-4222-8333-944455556666] Claim successful"),
          head + "[-] [instance: 3f0c2a7e-1111-4222-8333-944455556666] Instance failed: Boom: x\n" + head +
              "[instance: 3f0c2a7e-1111-4222-8333-944455556666] Traceback (most recent call last):\n" + head +
              "[instance: 3f0c2a7e-1111-4222-8333-944455556666]   File \"/a/b.py\", line 77, in f\n" + head +
              "[instance: 3f0c2a7e-1111-4222-8333-944455556666] Boom: x\n" + head +
              "[instance: 3f0c2a7e-1111-4222-8333-944455556666] ",
          head + "Traceback (most recent call last):\n" + head + "Boom: alone",
          std::string(
              "2026-11-21 10:05:00.000 1 INFO a.b [-] several\nlines of a message 12345678\nand more"),
          std::string(
              "[pid: 13577|app: 0|req: 15/15] 127.0.0.1 () {34 vars in 607 bytes} [Sat Nov 21 10:04:13 2026] "
              "POST /v3/users => generated 245 bytes in 240 msecs (HTTP/1.1 201) 5 headers in 182 bytes (1 "
              "switches on core 0)"),
          std::string("2026-11-21 10:03:46.149786+00:00 [info] <0.223.0> one\n2026-11-21 "
                      "10:03:46.149786+00:00 [info] "
                      "<0.223.0> two"),
          std::string("10.0.0.9 - - [02/Mar/2026:10:11:12 +0000] \"GET / HTTP/1.1\" 200 12"),
          std::string("<11>Mar  2 10:12:00 cmp-17 nova-compute: words"),
          std::string(
              "Traceback (most recent call last):\n  File \"x.py\", line 1, in <module>\nValueError: 3"),
          std::string("nothing known at all"),
          std::string(),
      })
    records.push_back(parsed(raw));
  // Twice: the second time every shape and word is known.
  const std::vector<LogRecord> once = records;
  records.insert(records.end(), once.begin(), once.end());
  expect_round_trip(records);
}

TEST(LogBlock, FieldsThatAreNotInTheTextComeBackToo) {
  LogRecord odd = parsed("some text with 12 numbers and 2712");
  odd.pid = 4711;
  odd.component = "not.there";
  odd.request_id = "2";
  odd.user_id = "umbers";
  odd.project_id = "some";
  odd.message = "another message altogether";
  odd.traceback = "no\nsuch\nlines\nhere";
  odd.template_id = UINT64_MAX;
  odd.flags = UINT32_MAX;
  odd.time = {-1};
  LogRecord inside =
      parsed("id 3f0c2a7e-1111-4222-8333-944455556666\nsecond 3f0c2a7e-1111-4222-8333-944455556666");
  inside.message = "944455556666";
  inside.instance = "1111-4222";
  inside.traceback = "56666\n-8333-944455556666";
  LogRecord empty_message = parsed("x\ny");
  empty_message.message.clear();
  expect_round_trip({odd, inside, empty_message, odd});
}

/// Whatever of `text` can be asked for by an id.
void expect_known(const EncodedBlock& block, const LogRecord& record) {
  const std::string known = block.sections[static_cast<std::size_t>(Section::ids)] + block.hidden_ids;
  const auto has = [&](std::string_view id) {
    for (std::size_t at = 0; at < known.size(); at += kIdBytes)
      if (std::string_view(known).substr(at, kIdBytes) == id) return true;
    return false;
  };
  each_dashed(record.raw, [&](const IdBytes& id) { EXPECT_TRUE(has(bytes_of(id))) << record.raw; });
  for (const auto field : {&LogRecord::request_id, &LogRecord::global_request_id, &LogRecord::user_id,
                           &LogRecord::project_id, &LogRecord::instance}) {
    const auto id = trailing_id(record.*field);
    EXPECT_TRUE(!id || has(*id)) << record.*field;
  }
}

TEST(LogBlock, EveryIdOfATextIsKnownHoweverItStandsThere) {
  const std::string id = "3f0c2a7e-1111-4222-8333-944455556666", plain = "9f1c0e4493d9e0bdb34da6ae05c69cd5";
  std::string many = "2026-11-21 10:04:28.558 1 INFO a.b [-]";
  for (int i = 0; i < 300; ++i) many += " " + std::to_string(i);
  const std::string head = "2026-11-21 10:04:28.558 1 ERROR a.b " + id.substr(0, 8);
  std::vector<LogRecord> records;
  for (const std::string& raw :
       {std::string("in capitals 3F0C2A7E-1111-4222-8333-944455556666"), "xx" + id, id + "xx", "é" + id,
        plain + id.substr(8), id + id.substr(8), id + "-1111-4222-8333-944455556677",
        "2026-11-21 10:04:28.12345678" + id.substr(8), many + " " + id, many + " " + plain,
        head + "-\n" + head + "-1111-4222-8333-944455556666", std::string(300'000, ' ') + id,
        "1" + id.substr(1) + "\n" + "2" + id.substr(1) + "-x"}) {
    LogRecord record = parsed(raw);
    if (raw.ends_with(plain)) record.user_id = plain;
    records.push_back(std::move(record));
  }
  records.push_back(records[8]);
  records.back().raw = records.back().message = "fields alone";
  records.back().instance = id;
  for (const LogRecord& record : records) expect_known(encode({record}), record);
  const EncodedBlock all = encode(records);
  for (const LogRecord& record : records) expect_known(all, record);
}

TEST(LogBlock, EveryIdOfRandomTextsIsKnown) {
  std::mt19937_64 random(29);
  const auto piece = [&]() -> std::string {
    switch (random() % 6) {
      case 0:
        return fmt::format("{:08x}", static_cast<std::uint32_t>(random()));
      case 1:
        return fmt::format("-{:04x}", static_cast<std::uint16_t>(random()));
      case 2:
        return fmt::format("-{:04x}-{:04x}-{:04X}-{:012x}", random() % 65536, random() % 65536,
                           random() % 65536, random() % (1ull << 48));
      case 3:
        return "3f0c2a7e-1111-4222-8333-944455556666";
      case 4:
        return random_text(random);
      default:
        return random() % 2 == 0 ? "2026-11-21 10:04:28" : " ";
    }
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<LogRecord> records;
    for (int i = 0; i < 10; ++i) {
      std::string raw;
      for (auto pieces = random() % 9; pieces > 0; --pieces) raw += piece();
      records.push_back(parsed(i % 3 == 2 ? records[0].raw + "\n" + raw : raw));
      if (random() % 4 == 0) records.back().request_id = raw.substr(random() % (raw.size() + 1));
    }
    const EncodedBlock block = encode(records);
    for (const LogRecord& record : records) expect_known(block, record);
  }
}

TEST(TextSearch, WordsAreFoundWhateverTheirCase) {
  EXPECT_TRUE(contains_ignoring_case("No Valid Host", "valid"));
  EXPECT_TRUE(contains_ignoring_case("xxvaVALID", "valid"));
  EXPECT_TRUE(contains_ignoring_case("req-12AB", "12ab"));
  EXPECT_TRUE(contains_ignoring_case("anything", ""));
  EXPECT_FALSE(contains_ignoring_case("vali", "valid"));
  EXPECT_FALSE(contains_ignoring_case("", "v"));
  const std::string text = std::string(100, 'v') + "VALid" + std::string(100, 'd');
  EXPECT_EQ(find_ignoring_case(text, "valid"), 100u);
  EXPECT_EQ(find_text(text, "VALid"), 100u);
  EXPECT_EQ(find_text(text, "valid"), std::string_view::npos);
}

TEST(LogBlock, AnyBytesComeBack) {
  std::mt19937_64 random(11);
  std::vector<LogRecord> records;
  for (int i = 0; i < 4000; ++i) {
    LogRecord record = parsed(random() % 3 == 0 ? random_line(random) : random_text(random));
    // Parts of the text and foreign ones as fields.
    const auto part = [&]() -> std::string {
      if (random() % 3 == 0) return random_text(random);
      if (record.raw.empty()) return {};
      const std::size_t at = random() % record.raw.size();
      return record.raw.substr(at, random() % 20);
    };
    if (random() % 2 == 0) record.message = part();
    if (random() % 4 == 0) record.traceback = part();
    if (random() % 4 == 0) record.component = part();
    if (random() % 4 == 0) record.request_id = part();
    if (random() % 4 == 0) record.instance = part();
    record.time = {static_cast<std::int64_t>(random())};
    if (random() % 5 == 0) record.pid = static_cast<std::uint32_t>(random() % 100);
    records.push_back(std::move(record));
  }
  expect_round_trip(records);
}

/// What a log's text becomes on its way in: fields are views into the lines, as the store gets them from a
/// reader.
void expect_file_comes_back(const std::string& text) {
  codec::LogColumns columns;
  codec::LogReader reader;
  const codec::LogParser::Given given{.read = Time{1}};
  ASSERT_TRUE(
      reader.finish(std::string_view(text).substr(reader.read(text, given, columns)), given, columns));
  BlockEncoder encoder;
  for (std::size_t row = 0; row < columns.size(); ++row)
    encoder.add(view_of({7, static_cast<std::uint32_t>(row)}, columns, row));
  const auto block = open_block(encoder.finish());
  const auto assembler = RecordAssembler::open(*block);
  ASSERT_TRUE(assembler) << assembler.error().message;
  AssembledRecord found;
  std::string raw;
  std::multiset<std::string> lines;
  for (std::size_t row = 0; row < columns.size(); ++row) {
    assembler->record(row, found);
    expect_same(to_record(found.view), columns.record(row));
    assembler->raw(row, raw);
    for (const std::string_view line : split(raw, '\n')) lines.emplace(line);
    if (testing::Test::HasFailure()) return;
  }
  // Records of several writers interleave: the file is its lines.
  std::multiset<std::string> wanted;
  for (const std::string_view line : split(std::string_view(text).substr(0, text.size() - 1), '\n'))
    wanted.emplace(line);
  EXPECT_EQ(lines, wanted);
}

TEST(LogBlock, AFileOfAnyBytesComesBackFromItsColumns) {
  std::mt19937_64 random(12);
  std::string text;
  for (int i = 0; i < 6000; ++i) {
    text += random() % 8 == 0 ? random_text(random) : random_line(random);
    if (random() % 16 == 0) text += std::string(1, '\0') + "\xff\xfe";
    text += random() % 8 == 0 ? "\r\n" : "\n";
  }
  expect_file_comes_back(text);
  expect_file_comes_back("2026-11-21 10:04:28.558 1 DEBUG nova [-] " + std::string(20'000'000, 'x') +
                         " 7 y\nsmall\n");
}

TEST(LogBlock, AHugeLineComesBack) {
  LogRecord huge = parsed("2026-11-21 10:04:28.558 1 DEBUG nova [-] x");
  while (huge.raw.size() < 20'000'000) huge.raw += "7 <xml 9f1c0e4493d9e0bdb34da6ae05c69cd5/>\n";
  huge.message = huge.raw.substr(40);
  expect_round_trip({huge, parsed("small")});
}

TEST(LogBlock, DamageIsToldAndNeverFollowed) {
  std::vector<LogRecord> records;
  for (int i = 0; i < 50; ++i)
    records.push_back(parsed("2026-11-21 10:04:28.558 1462 INFO a.b [-] took " + std::to_string(i * 37) +
                             " ms for v" + std::to_string(i) + " 9f1c0e4493d9e0bdb34da6ae05c69cd5\nmore"));
  const EncodedBlock good = encode(records);
  std::mt19937_64 random(5);
  std::size_t told = 0;
  for (int round = 0; round < 3000; ++round) {
    // Beneath the checksum: as if our own writer had gone mad.
    EncodedBlock bad = good;
    std::string& section = bad.sections[random() % kSections];
    if (section.empty()) continue;
    for (auto flips = 1 + random() % 3; flips > 0; --flips)
      section[random() % section.size()] = static_cast<char>(random());
    if (random() % 8 == 0) section.resize(random() % section.size());
    const auto block = open_block(bad, 0);
    const auto assembler = RecordAssembler::open(*block);
    if (!assembler) {
      ++told;
      EXPECT_EQ(assembler.error().code, Errc::kCorrupt);
      continue;
    }
    AssembledRecord record;
    for (std::size_t row = 0; row < records.size(); ++row) assembler->record(row, record);
  }
  EXPECT_GT(told, 500u);
}

TEST(LogBlock, AFlippedBitIsFoundByTheChecksum) {
  const std::string packed = pack_section("some section of a block, some section of a block", 3);
  for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
    std::string bad = packed;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(unpack_section(bad, 1 << 20)) << bit;
  }
  EXPECT_TRUE(unpack_section(packed, 1 << 20));
}

}  // namespace
}  // namespace sentinella::logs
