// Any bytes as records of a block: they come back as they were, with their fields, and the block knows every
// id in them. A byte 0xff ends a record; the records come twice, so that the second time all shapes are
// known.
#include <array>

#include "codec/log_parser.h"
#include "logs/block/block_encoder.h"
#include "logs/block/id_text.h"
#include "logs/block/log_block.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  using namespace sentinella::logs;
  std::vector<LogRecord> records(1);
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0xff)
      records.emplace_back();
    else
      records.back().raw += static_cast<char>(data[i]);
  }
  for (LogRecord& record : records) codec::parse_log(record);
  const std::vector<LogRecord> once = records;
  records.insert(records.end(), once.begin(), once.end());

  BlockEncoder encoder;
  std::uint32_t count = 0;
  for (const LogRecord& record : records) encoder.add(view_of({1, count++}, record));
  const EncodedBlock encoded = encoder.finish();
  const std::string known = encoded.sections[static_cast<std::size_t>(Section::ids)] + encoded.hidden_ids;
  const LogBlock block(encoded.header, [&](Section section) -> Result<std::string> {
    return pack_section(encoded.sections[static_cast<std::size_t>(section)], 0);
  });
  const auto assembler = RecordAssembler::open(block);
  if (!assembler) __builtin_trap();
  AssembledRecord found;
  for (std::size_t row = 0; row < records.size(); ++row) {
    assembler->record(row, found);
    const LogRecord& wanted = records[row];
    if (found.view.raw != wanted.raw || found.view.message != wanted.message ||
        found.view.traceback != wanted.traceback || found.view.request_id != wanted.request_id ||
        found.view.template_id != wanted.template_id)
      __builtin_trap();
    each_dashed(wanted.raw, [&](const IdBytes& id) {
      for (std::size_t at = 0; at < known.size(); at += kIdBytes)
        if (std::string_view(known).substr(at, kIdBytes) == bytes_of(id)) return;
      __builtin_trap();
    });
  }
  return 0;
}
