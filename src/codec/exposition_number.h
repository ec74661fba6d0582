// Numbers as Prometheus' exposition formats write them.
#pragma once

namespace sentinella::codec {

/// Reads `[+-]digits[.digits][e[+-]digits]`, or inf, infinity and nan in any case, and returns where it ends;
/// nullptr: there is no number at `text`, or one beyond the largest double. Nothing at `end` is read.
const char* parse_exposition_number(const char* text, const char* end, double& value);

}  // namespace sentinella::codec
