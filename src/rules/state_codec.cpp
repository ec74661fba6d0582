#include "rules/state_codec.h"

namespace sentinella::rules {

void write_evidence(ByteWriter& out, const std::vector<EvidenceLine>& lines) {
  out.varint(lines.size());
  for (const EvidenceLine& line : lines) {
    out.varint(line.id.offset);
    out.varint(line.id.index);
    write_time(out, line.time);
    out.text(line.host);
    out.text(line.service);
    out.varint(static_cast<std::uint64_t>(line.severity));
    out.text(line.text);
    out.text(line.request_id);
    out.text(line.traceback);
  }
}

std::vector<EvidenceLine> read_evidence(ByteReader& in) {
  std::vector<EvidenceLine> lines;
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    EvidenceLine& line = lines.emplace_back();
    line.id.offset = in.varint();
    line.id.index = static_cast<std::uint32_t>(in.varint());
    line.time = read_time(in);
    line.host = in.text();
    line.service = in.text();
    line.severity = static_cast<Severity>(std::min<std::uint64_t>(in.varint(), 7));
    line.text = in.text();
    line.request_id = in.text();
    line.traceback = in.text();
  }
  return lines;
}

}  // namespace sentinella::rules
