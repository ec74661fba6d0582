#include "base/bytes.h"
#include "base/hash.h"
#include "ingest/watermarks.h"

/// With the right checksum, so that the fuzzer gets past it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  std::string file = "SNTW";
  file.append(reinterpret_cast<const char*>(data), size);
  ByteWriter(file).fixed(crc32c(file));
  const auto saved = ingest::Watermarks::decode(file);
  if (saved && !ingest::Watermarks::decode(saved->table.encode(saved->offset))) __builtin_trap();
  return 0;
}
