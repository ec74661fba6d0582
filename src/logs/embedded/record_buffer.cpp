#include "logs/embedded/record_buffer.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/compress.h"

namespace sentinella::logs {
namespace {

constexpr std::size_t kMaxBufferBytes = 1u << 30;

}  // namespace

void RecordBuffer::add(RecordId id, const LogRecord& record) {
  ByteWriter writer(records_);
  writer.varint(id.offset);
  writer.varint(id.index);
  writer.fixed(record.time.ns);
  writer.fixed(record.severity);
  writer.varint(record.pid);
  writer.varint(record.flags);
  writer.fixed(record.template_id);
  for (const std::string* field :
       {&record.host, &record.service, &record.source, &record.component, &record.request_id,
        &record.global_request_id, &record.user_id, &record.project_id, &record.instance})
    writer.text(*field);
  writer.text(record.raw);
  writer.text(record.traceback);
  // As in a batch: the message mostly is the end of its line.
  if (record.raw.ends_with(record.message)) {
    writer.varint(record.message.size() + 1);
  } else {
    writer.varint(0);
    writer.text(record.message);
  }
  if (empty()) header_.first_id = id;
  header_.last_id = id;
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
  for (std::string_view* field : {&view.host, &view.service, &view.source, &view.component, &view.request_id,
                                  &view.global_request_id, &view.user_id, &view.project_id, &view.instance})
    *field = reader.text();
  view.raw = reader.text();
  view.traceback = reader.text();
  const std::uint64_t tail = reader.varint();
  const bool tail_fits = tail == 0 || tail - 1 <= view.raw.size();
  if (tail_fits) view.message = tail == 0 ? reader.text() : view.raw.substr(view.raw.size() - (tail - 1));
  if (!reader.ok() || !tail_fits || view.severity > Severity::critical)
    return fail(Errc::kCorrupt, "a log record is damaged, {} bytes before the end of its buffer",
                rest_.size());
  rest_ = reader.rest();
  return true;
}

}  // namespace sentinella::logs
