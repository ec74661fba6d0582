// Any bytes as a log record: no crash, the raw text is kept, and the template's two forms agree.
#include "codec/log_parser.h"
#include "codec/log_template.h"
#include "codec/seed_view.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  LogRecord record;
  record.time = Time{1'700'000'000'000'000'000};
  record.raw.assign(reinterpret_cast<const char*>(data), size);
  const std::string raw = record.raw;
  codec::parse_log(record);
  if (record.raw != raw) __builtin_trap();
  const std::string once = codec::log_template(record.message);
  if (codec::log_template_id(record.message) != record.template_id) __builtin_trap();
  if (once.size() > record.message.size() * 3) __builtin_trap();
  codec::to_json(codec::seed_view(record));
  return 0;
}
