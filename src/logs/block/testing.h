// For tests of blocks: makes them in memory.
#pragma once

#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "codec/log_parser.h"
#include "logs/block/block_encoder.h"
#include "logs/block/log_block.h"

namespace sentinella::logs::testing_blocks {

inline std::unique_ptr<LogBlock> open_block(const EncodedBlock& encoded, int level = 1) {
  std::array<std::string, kSections> packed;
  for (std::size_t i = 0; i < kSections; ++i) packed[i] = pack_section(encoded.sections[i], level);
  return std::make_unique<LogBlock>(encoded.header, [packed](Section section) -> Result<std::string> {
    return packed[static_cast<std::size_t>(section)];
  });
}

inline EncodedBlock encode(const std::vector<LogRecord>& records) {
  BlockEncoder encoder;
  std::uint32_t i = 0;
  for (const LogRecord& record : records) encoder.add(view_of({7, i++}, record));
  return encoder.finish();
}

inline LogRecord parsed(std::string raw) {
  LogRecord record;
  record.raw = std::move(raw);
  record.host = "controller";
  record.service = "nova-compute";
  codec::parse_log(record);
  return record;
}

/// A line or several of anything that gives a coder trouble.
inline std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {"\n",
                                                   "\r\n",
                                                   " ",
                                                   " ",
                                                   "0",
                                                   "007",
                                                   "12345678901234567890",
                                                   "2026-11-21 10:04:28.558",
                                                   "2026-02-30 10:04:28",
                                                   "Mon Mar  2 10:11:12 2026",
                                                   "Mar  2 10:11:12",
                                                   "02/Mar/2026:10:11:12",
                                                   "2026-11-21T10:04:28,123456789Z",
                                                   "2026-11-21T10:04:28Z",
                                                   "2026-11-21T10:04:28",
                                                   "3f0c2a7e-1111-4222-8333-944455556666",
                                                   "3F0C2A7E-1111-4222-8333-944455556666",
                                                   "9f1c0e4493d9e0bdb34da6ae05c69cd5",
                                                   "req-",
                                                   "ERROR",
                                                   "word",
                                                   "w0rd",
                                                   ".",
                                                   "0.05",
                                                   "10.0.0.5",
                                                   "Traceback (most recent call last):",
                                                   std::string(1, '\0'),
                                                   "\x01\x02\x07\x10\x11\x12\x14",
                                                   "\xff\xfe",
                                                   "[",
                                                   "] ",
                                                   "-",
                                                   "\xc3\xa9"};
  std::string text;
  for (auto pieces = random() % 12; pieces > 0; --pieces) {
    if (random() % 8 == 0)
      text += static_cast<char>(random());
    else
      text += kPieces[random() % kPieces.size()];
  }
  return text;
}

/// Lines as services write them, with the parts that vary drawn from few enough values to meet again.
inline std::string random_line(std::mt19937_64& random) {
  const auto id = [&](std::uint64_t kinds) {
    const auto k = static_cast<unsigned>(random() % kinds);
    return fmt::format("{:08x}-a{:03x}-4d0e-9c0f-2f60b3a4{:04x}", 0x0b6c7d1eu * (k + 1), k, k);
  };
  const std::string head = fmt::format("2026-11-21 10:{:02}:{:02}.{:03} {} ", random() % 60, random() % 60,
                                       random() % 1000, 2700 + random() % 3);
  switch (random() % 5) {
    case 0:
      return head + fmt::format(
                        "INFO nova.compute.claims [None req-{} 9f1c0e4493d9e0bdb34da6ae05c6{:04x} admin - - "
                        "default default] [instance: {}] Claim successful on node cmp-{}",
                        id(50), random() % 9, id(7), random() % 20);
    case 1:
      return head + fmt::format(
                        "WARNING neutron.wsgi [-] 10.0.{}.{} \"GET /v2.0/ports?id={} HTTP/1.1\" status: {} "
                        "len: {} time: 0.{:07}",
                        random() % 3, random() % 256, id(7), random() % 9 == 0 ? 404 : 200, random() % 5000,
                        random() % 10'000'000);
    case 2: {
      const std::string prefix = head + "ERROR nova.manager ";
      return prefix + "[-] Instance failed: Boom: " + std::to_string(random() % 5) + "\n" + prefix +
             "Traceback (most recent call last):\n" + prefix + "  File \"/a/b.py\", line " +
             std::to_string(random() % 4) + ", in f\n" + prefix + "Boom: x";
    }
    case 3:
      return fmt::format(
          "[pid: {}|app: 0|req: {}/{}] 127.0.0.1 () {{34 vars in {} bytes}} [Sat Nov 21 10:{:02}:13 2026] "
          "POST /v3/users => generated {} bytes in {} msecs (HTTP/1.1 201) 5 headers in 182 bytes (1 "
          "switches on core {})",
          random() % 4, random() % 99, random() % 99, random() % 900, random() % 60, random() % 300,
          random() % 900, random() % 2);
    default:
      return random_text(random);
  }
}

}  // namespace sentinella::logs::testing_blocks
