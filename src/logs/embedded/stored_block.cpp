#include "logs/embedded/stored_block.h"

#include "base/bytes.h"

namespace sentinella::logs {
namespace {

constexpr std::size_t kMaxSectionBytes = 1u << 30;

/// Ids are random: trying costs time and saves nothing.
int level_of(std::size_t section, int level) {
  return static_cast<Section>(section) == Section::ids ? 0 : level;
}

}  // namespace

kv::Key row_key(AccountId account, char kind) {
  return kv::Key().u32(static_cast<std::uint32_t>(account)).tag(kind);
}

kv::Key section_key(AccountId account, std::uint64_t number, Section section) {
  return row_key(account, 's').u64(number).tag(static_cast<char>(section));
}

void put_index(kv::WriteBatch& batch, AccountId account, const StoredBlock& block) {
  std::string row;
  ByteWriter writer(row);
  writer.varint(block.bytes);
  writer.varint(static_cast<std::uint64_t>(block.level));
  writer.text(block.ids.bytes());
  row += encode_header(block.header);
  batch.put(row_key(account, 'i').u64(block.number).str(), row);
}

StoredBlock put_block(kv::WriteBatch& batch, AccountId account, std::uint64_t number, EncodedBlock encoded,
                      int level) {
  StoredBlock block{
      .number = number, .bytes = 0, .level = level, .header = std::move(encoded.header), .ids = {}};
  block.ids = IdFilter::of(encoded.sections[static_cast<std::size_t>(Section::ids)] + encoded.hidden_ids);
  for (std::size_t i = 0; i < kSections; ++i) {
    const std::string packed = pack_section(encoded.sections[i], level_of(i, level));
    block.bytes += packed.size();
    batch.put(section_key(account, number, static_cast<Section>(i)).str(), packed);
  }
  block.bytes += block.ids.bytes().size();
  put_index(batch, account, block);
  return block;
}

void erase_block(kv::WriteBatch& batch, AccountId account, std::uint64_t number) {
  for (std::size_t i = 0; i < kSections; ++i)
    batch.erase(section_key(account, number, static_cast<Section>(i)).str());
  batch.erase(row_key(account, 'i').u64(number).str());
}

Result<StoredBlock> decode_index_row(std::uint64_t number, std::string_view row) {
  ByteReader reader(row);
  StoredBlock block;
  block.number = number;
  block.bytes = reader.varint();
  block.level = static_cast<int>(reader.varint());
  block.ids = IdFilter(std::string(reader.text()));
  SENT_TRY_ASSIGN(block.header, decode_header(reader.rest()));
  return block;
}

std::shared_ptr<LogBlock> open_block(const kv::Database& db, AccountId account, const StoredBlock& block) {
  return std::make_shared<LogBlock>(
      block.header, [&db, account, number = block.number](Section section) -> Result<std::string> {
        SENT_TRY_ASSIGN(auto packed, db.get(section_key(account, number, section).str()));
        if (!packed)
          return fail(Errc::kNotFound, "log block {} of account {} is there no more", number,
                      static_cast<std::uint32_t>(account));
        return std::move(*packed);
      });
}

Result<std::optional<StoredBlock>> put_repacked(kv::WriteBatch& batch, const kv::Database& db,
                                                AccountId account, const StoredBlock& block, int level) {
  StoredBlock repacked = block;
  repacked.level = level;
  repacked.bytes = block.ids.bytes().size();
  for (std::size_t i = 0; i < kSections; ++i) {
    const std::string key = section_key(account, block.number, static_cast<Section>(i)).take();
    SENT_TRY_ASSIGN(const auto packed, db.get(key));
    if (!packed) return std::nullopt;
    SENT_TRY_ASSIGN(const std::string smaller, repack_section(*packed, level_of(i, level), kMaxSectionBytes));
    repacked.bytes += smaller.size();
    batch.put(key, smaller);
  }
  put_index(batch, account, repacked);
  return repacked;
}

}  // namespace sentinella::logs
