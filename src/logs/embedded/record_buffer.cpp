#include "logs/embedded/record_buffer.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/compress.h"
#include "logs/block/gathering_writer.h"
#include "logs/block/text_plan.h"

namespace sentinella::logs {
namespace {

/// Longer parts are not looked for.
constexpr std::size_t kMaxSought = 64;
constexpr std::size_t kMaxBufferBytes = 1u << 30;

/// A part of a record: as its place in `raw`, when it has one that is found without much search.
void put_part(GatheringWriter& out, std::string_view raw, std::string_view part, bool often_at_end) {
  if (part.empty()) return out.varint(0);
  auto at = reinterpret_cast<std::uintptr_t>(part.data()) - reinterpret_cast<std::uintptr_t>(raw.data());
  const bool inside = at < raw.size() && part.size() <= raw.size() - at;
  if (!inside) at = often_at_end && raw.ends_with(part) ? raw.size() - part.size() : raw.size();
  if (at == raw.size() && part.size() <= kMaxSought) at = raw.substr(0, kMaxHead).find(part);
  if (at >= raw.size()) {
    out.varint(part.size() << 1);
    return out.bytes(part);
  }
  out.varint(part.size() << 1 | 1);
  out.varint(at);
}

/// A damaged place makes the reader fail.
std::string_view get_part(ByteReader& reader, std::string_view raw) {
  const std::uint64_t told = reader.varint();
  const std::uint64_t size = told >> 1;
  if ((told & 1) == 0) return reader.take(size);
  const std::uint64_t at = reader.varint();
  if (at > raw.size() || size > raw.size() - at) return reader.fail(), std::string_view();
  return raw.substr(at, size);
}

}  // namespace

RecordBuffer::RecordBuffer(BlockHeader header, std::string records)
    : header_(std::move(header)), records_(std::move(records)) {
  RecordReader reader(records_);
  RecordView view;
  // What is damaged has no beginnings; who reads it is told.
  for (std::size_t at = 0; at < records_.size(); at = records_.size() - reader.left()) {
    begins_.push_back(static_cast<std::uint32_t>(at));
    if (!reader.next(view)) return;
  }
}

std::pair<std::size_t, std::size_t> RecordBuffer::record_around(std::size_t place) const {
  const auto after = std::ranges::upper_bound(begins_, place);
  return {*std::prev(after), after == begins_.end() ? records_.size() : *after};
}

void RecordBuffer::add(const RecordView& record) {
  begins_.push_back(static_cast<std::uint32_t>(records_.size()));
  GatheringWriter writer(records_);
  writer.varint(record.id.offset);
  writer.varint(record.id.index);
  writer.fixed(record.time.ns);
  writer.fixed(record.severity);
  writer.varint(record.pid);
  writer.varint(record.flags);
  writer.fixed(record.template_id);
  for (const std::string_view name : {record.host, record.service, record.source}) writer.text(name);
  writer.text(record.raw);
  put_part(writer, record.raw, record.message, true);
  for (const std::string_view part :
       {record.traceback, record.component, record.request_id, record.global_request_id, record.user_id,
        record.project_id, record.domain_id, record.instance})
    put_part(writer, record.raw, part, false);
  const HttpView& http = record.http;
  writer.fixed(static_cast<std::uint8_t>(http.present() ? 1 : 0));
  if (http.present()) {
    for (const std::string_view part : {http.client, http.method, http.path})
      put_part(writer, record.raw, part, false);
    writer.varint(http.status);
    writer.fixed(http.bytes);
    writer.fixed(http.duration_ns);
  }
  if (empty()) header_.first_id = record.id;
  header_.last_id = record.id;
  ++header_.records;
  header_.first_time = std::min(header_.first_time, record.time);
  header_.last_time = std::max(header_.last_time, record.time);
  header_.worst = std::max(header_.worst, record.severity);
  note_name(header_.hosts, record.host);
  note_name(header_.services, record.service);
  header_.raw_bytes += record.raw.size();
}

std::string encode_buffer(const RecordBuffer& buffer) {
  std::string row;
  ByteWriter(row).text(encode_header(buffer.header()));
  return row + zstd_compress(buffer.records(), 1);
}

Result<RecordBuffer> decode_buffer(std::string_view row) {
  ByteReader reader(row);
  SENT_TRY_ASSIGN(auto header, decode_header(reader.text()));
  SENT_TRY_ASSIGN(auto records, zstd_decompress(reader.rest(), kMaxBufferBytes));
  return RecordBuffer(std::move(header), std::move(records));
}

Result<bool> RecordReader::next(RecordView& view) {
  if (rest_.empty()) return false;
  ByteReader reader(rest_);
  view.id.offset = reader.varint();
  view.id.index = static_cast<std::uint32_t>(reader.varint());
  view.time.ns = reader.fixed<std::int64_t>();
  view.severity = reader.fixed<Severity>();
  view.pid = static_cast<std::uint32_t>(reader.varint());
  view.flags = static_cast<std::uint32_t>(reader.varint());
  view.template_id = reader.fixed<std::uint64_t>();
  for (std::string_view* name : {&view.host, &view.service, &view.source}) *name = reader.text();
  view.raw = reader.text();
  for (std::string_view* part :
       {&view.message, &view.traceback, &view.component, &view.request_id, &view.global_request_id,
        &view.user_id, &view.project_id, &view.domain_id, &view.instance})
    *part = get_part(reader, view.raw);
  view.http = {};
  if (reader.fixed<std::uint8_t>() != 0) {
    for (std::string_view* part : {&view.http.client, &view.http.method, &view.http.path})
      *part = get_part(reader, view.raw);
    view.http.status = static_cast<std::uint16_t>(reader.varint());
    view.http.bytes = reader.fixed<std::int64_t>();
    view.http.duration_ns = reader.fixed<std::int64_t>();
  }
  if (!reader.ok() || view.severity > Severity::critical)
    return fail(Errc::kCorrupt, "a log record is damaged, {} bytes before the end of its buffer",
                rest_.size());
  rest_ = reader.rest();
  return true;
}

}  // namespace sentinella::logs
