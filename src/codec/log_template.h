// message -> template: the constant part of a log message, its numbers, ids, addresses, paths and quoted
// values replaced. A pure function of the text: the same message gives the same id on every machine and in
// every version of the on-disk format (changing it is a format change).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/log_bits.h"
#include "codec/template_memo.h"
#include "codec/text_span.h"

namespace sentinella::codec {

/// "Instance 3f0c... failed after 3 s" -> "Instance <*> failed after <*> s".
std::string log_template(std::string_view message);
/// XXH3 (64 bits) of log_template(message). Never 0.
std::uint64_t log_template_id(std::string_view message);

/// The same for many messages, without allocating for each. Not thread-safe.
class LogTemplater {
 public:
  /// log_template_id(message). What became `<*>`, quotes included, is appended to `holes` in order, its
  /// offsets counted from `base` at the message's first byte.
  std::uint64_t id(std::string_view message, std::uint32_t base, std::vector<TextSpan>& holes);

 private:
  TemplateMemo memo_;
  MessageMap map_;
  std::string buffer_;
};

}  // namespace sentinella::codec
