#include "logs/block/block_format.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/compress.h"
#include "base/hash.h"

namespace sentinella::logs {
namespace {

const std::string kAny = "*";

enum class Packing : std::uint8_t { none = 0, zstd = 1 };

void put_names(ByteWriter& writer, const std::vector<std::string>& names) {
  writer.varint(names.size());
  for (const std::string& name : names) writer.text(name);
}

std::vector<std::string> get_names(ByteReader& reader) {
  std::vector<std::string> names;
  for (std::uint64_t count = reader.varint(); count > 0 && reader.ok(); --count)
    names.emplace_back(reader.text());
  return names;
}

}  // namespace

void note_name(std::vector<std::string>& names, std::string_view name) {
  if (names.size() == 1 && names[0] == kAny) return;
  if (std::ranges::find(names, name) != names.end()) return;
  if (names.size() < kMaxNames && name != kAny) {
    names.emplace_back(name);
  } else {
    names = {kAny};
  }
}

std::string pack_section(std::string_view bytes, int level) {
  std::string body = level > 0 ? zstd_compress(bytes, level) : std::string();
  const bool pays = level > 0 && body.size() < bytes.size();
  std::string packed;
  ByteWriter writer(packed);
  writer.fixed(pays ? Packing::zstd : Packing::none);
  writer.varint(bytes.size());
  packed += pays ? std::string_view(body) : bytes;
  std::string out;
  ByteWriter(out).fixed(crc32c(packed));
  return out + packed;
}

Result<std::string> unpack_section(std::string_view packed, std::size_t max_size) {
  ByteReader reader(packed);
  const auto told = reader.fixed<std::uint32_t>();
  const std::uint32_t found = crc32c(reader.rest());
  const auto packing = reader.fixed<Packing>();
  const std::uint64_t size = reader.varint();
  if (!reader.ok() || told != found)
    return fail(Errc::kCorrupt, "a section of {} bytes has checksum {:08x}, it should be {:08x}",
                packed.size(), found, told);
  if (size > max_size)
    return fail(Errc::kCorrupt, "a section claims {} bytes, at most {} can be", size, max_size);
  if (packing == Packing::none) return std::string(reader.rest());
  SENT_TRY_ASSIGN(auto bytes, zstd_decompress(reader.rest(), size + 1));
  if (bytes.size() != size)
    return fail(Errc::kCorrupt, "a section of {} bytes says it has {}", bytes.size(), size);
  return bytes;
}

Result<std::string> repack_section(std::string_view packed, int level, std::size_t max_size) {
  SENT_TRY_ASSIGN(const std::string bytes, unpack_section(packed, max_size));
  return pack_section(bytes, level);
}

std::string encode_header(const BlockHeader& header) {
  std::string out;
  ByteWriter writer(out);
  writer.varint(header.records);
  writer.fixed(header.first_time.ns);
  writer.fixed(header.last_time.ns);
  for (const RecordId& id : {header.first_id, header.last_id}) {
    writer.varint(id.offset);
    writer.varint(id.index);
  }
  writer.fixed(header.worst);
  put_names(writer, header.hosts);
  put_names(writer, header.services);
  writer.varint(header.service_bytes.size());
  for (const std::uint64_t bytes : header.service_bytes) writer.varint(bytes);
  writer.varint(header.raw_bytes);
  return out;
}

Result<BlockHeader> decode_header(std::string_view bytes) {
  ByteReader reader(bytes);
  BlockHeader header;
  header.records = static_cast<std::uint32_t>(reader.varint());
  header.first_time.ns = reader.fixed<std::int64_t>();
  header.last_time.ns = reader.fixed<std::int64_t>();
  for (RecordId* id : {&header.first_id, &header.last_id}) {
    id->offset = reader.varint();
    id->index = static_cast<std::uint32_t>(reader.varint());
  }
  header.worst = reader.fixed<Severity>();
  header.hosts = get_names(reader);
  header.services = get_names(reader);
  const std::uint64_t told = reader.varint();
  for (std::uint64_t i = 0; i < told && reader.ok(); ++i) header.service_bytes.push_back(reader.varint());
  if (told != 0 && told != header.services.size()) reader.fail();
  header.raw_bytes = reader.varint();
  if (!reader.ok() || !reader.at_end() || header.worst > Severity::critical)
    return fail(Errc::kCorrupt, "the header of a log block ({} bytes) is damaged", bytes.size());
  return header;
}

}  // namespace sentinella::logs
