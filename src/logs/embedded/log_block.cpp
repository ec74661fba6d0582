#include "logs/embedded/log_block.h"

#include <algorithm>

#include "base/bytes.h"

namespace sentinella::logs {
namespace {

const std::string kAny = "*";

void note_name(std::vector<std::string>& names, const std::string& name) {
  if (names.size() == 1 && names[0] == kAny) return;
  if (std::ranges::find(names, name) != names.end()) return;
  if (names.size() < kMaxNames && name != kAny) {
    names.push_back(name);
  } else {
    names = {kAny};
  }
}

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

LogRecord to_record(const RecordView& view) {
  LogRecord record;
  record.time = view.time;
  record.host = view.host;
  record.service = view.service;
  record.source = view.source;
  record.component = view.component;
  record.severity = view.severity;
  record.pid = view.pid;
  record.request_id = view.request_id;
  record.global_request_id = view.global_request_id;
  record.user_id = view.user_id;
  record.project_id = view.project_id;
  record.instance = view.instance;
  record.message = view.message;
  record.traceback = view.traceback;
  record.raw = view.raw;
  record.template_id = view.template_id;
  record.flags = view.flags;
  return record;
}

std::string encode_header(const BlockHeader& header) {
  std::string out;
  ByteWriter writer(out);
  writer.varint(header.records);
  writer.fixed(header.first_time.ns);
  writer.fixed(header.last_time.ns);
  for (const RecordId id : {header.first_id, header.last_id})
    writer.varint(id.offset), writer.varint(id.index);
  writer.fixed(header.worst);
  put_names(writer, header.hosts);
  put_names(writer, header.services);
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
  header.raw_bytes = reader.varint();
  if (!reader.ok() || !reader.at_end() || header.worst > Severity::critical)
    return fail(Errc::kCorrupt, "the header of a log block ({} bytes) is damaged", bytes.size());
  return header;
}

void BlockBuilder::add(RecordId id, const LogRecord& record) {
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
  header_.raw_bytes = records_.size();
}

void BlockBuilder::restore(BlockHeader header, std::string records) {
  header_ = std::move(header);
  records_ = std::move(records);
}

Result<bool> BlockReader::next(RecordView& view) {
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
    return fail(Errc::kCorrupt, "a log record is damaged, {} bytes before the end of its block",
                rest_.size());
  rest_ = reader.rest();
  return true;
}

}  // namespace sentinella::logs
