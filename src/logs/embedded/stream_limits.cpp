#include "logs/embedded/stream_limits.h"

#include <algorithm>

#include "base/text.h"

namespace sentinella::logs {
namespace {

/// Marks in `gone` what this limit wants gone; both by block, then by service of its header.
void apply(const LogLimit& limit, std::span<const std::shared_ptr<const StoredBlock>> blocks, Time now,
           std::vector<std::vector<bool>>& gone) {
  std::uint64_t bytes = 0;
  bool full = false;  // younger blocks have as much as may be
  for (std::size_t b = blocks.size(); b-- > 0;) {
    const BlockHeader& header = blocks[b]->header;
    const bool old = limit.max_age.count() > 0 && header.last_time < now - limit.max_age;
    for (std::size_t s = 0; s < header.services.size(); ++s) {
      if (!glob_match(limit.service, header.services[s])) continue;
      if (header.services[s] == "*" && limit.service != "*") continue;
      if (old || full) gone[b][s] = true;
      bytes += share_of(*blocks[b], s);
    }
    full = full || (limit.max_bytes > 0 && bytes > limit.max_bytes);
  }
}

}  // namespace

std::uint64_t share_of(const StoredBlock& block, std::size_t service) {
  const BlockHeader& header = block.header;
  if (header.raw_bytes == 0) return 0;
  const double share =
      static_cast<double>(header.service_bytes[service]) / static_cast<double>(header.raw_bytes);
  return static_cast<std::uint64_t>(share * static_cast<double>(block.bytes));
}

std::vector<Purge> plan_purges(AccountId account, std::span<const std::shared_ptr<const StoredBlock>> blocks,
                               std::span<const LogLimit> limits, Time now) {
  std::vector<std::vector<bool>> gone;
  for (const auto& block : blocks) gone.emplace_back(block->header.services.size());
  for (const LogLimit& limit : limits)
    if (!limit.account || *limit.account == account) apply(limit, blocks, now, gone);
  std::vector<Purge> purges;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    if (std::ranges::none_of(gone[b], [](bool g) { return g; })) continue;
    Purge& purge =
        purges.emplace_back(Purge{blocks[b], {}, std::ranges::all_of(gone[b], [](bool g) { return g; })});
    for (std::size_t s = 0; s < gone[b].size(); ++s)
      if (gone[b][s]) purge.services.push_back(blocks[b]->header.services[s]);
  }
  return purges;
}

Result<EncodedBlock> encode_without(const LogBlock& block, std::span<const std::string> services) {
  SENT_TRY_ASSIGN(const RowTable* rows, block.rows());
  SENT_TRY_ASSIGN(const RecordAssembler records, RecordAssembler::open(block));
  std::vector<bool> gone;
  for (const Stream& stream : rows->streams)
    gone.push_back(std::ranges::find(services, stream.service) != services.end());
  BlockEncoder encoder;
  AssembledRecord record;
  for (std::size_t row = 0; row < rows->ids.size(); ++row) {
    if (gone[rows->stream[row]]) continue;
    records.record(row, record);
    encoder.add(record.view);
  }
  return encoder.finish();
}

}  // namespace sentinella::logs
