// message -> template: the constant part of a log message, its numbers, ids, addresses, paths and quoted
// values replaced. A pure function of the text: the same message gives the same id on every machine and in
// every version of the on-disk format (changing it is a format change).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sentinella::codec {

/// "Instance 3f0c... failed after 3 s" -> "Instance <*> failed after <*> s".
std::string log_template(std::string_view message);
/// 64-bit hash of log_template(message), computed without building it. Never 0.
std::uint64_t log_template_id(std::string_view message);

}  // namespace sentinella::codec
