#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "agent/spool/segment.h"
#include "agent/tail/position_store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::agent;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t used = 0;
  if (parse_segment_record(bytes, used) && used > size) std::abort();
  const std::string record = encode_segment_record(7, bytes.substr(0, size / 2), bytes.substr(size / 2));
  const auto read = parse_segment_record(record, used);
  if (!read || read->note != bytes.substr(0, size / 2) || used != record.size()) std::abort();
  static_cast<void>(decode_positions(bytes));
  static_cast<void>(PositionTable::from_json(bytes));
  return 0;
}
