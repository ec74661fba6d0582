// A whole block from hostile bytes, beneath its checksums.
#include <array>

#include "logs/block/log_block.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::logs;
  if (size < 1 + kSections * 2) return 0;
  BlockHeader header;
  header.records = data[0];
  std::array<std::string, kSections> sections;
  std::size_t at = 1 + kSections * 2;
  for (std::size_t i = 0; i < kSections; ++i) {
    const std::size_t wanted = data[1 + 2 * i] | data[2 + 2 * i] << 8;
    const std::size_t taken = std::min(wanted, size - at);
    sections[i] = pack_section({reinterpret_cast<const char*>(data) + at, taken}, 0);
    at += taken;
  }
  const LogBlock block(header, [&](Section section) -> sentinella::Result<std::string> {
    return sections[static_cast<std::size_t>(section)];
  });
  const auto assembler = RecordAssembler::open(block);
  AssembledRecord record;
  if (assembler)
    for (std::size_t row = 0; row < header.records; ++row) assembler->record(row, record);
  return 0;
}
