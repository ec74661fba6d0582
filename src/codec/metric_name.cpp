#include "codec/metric_name.h"

namespace sentinella::codec {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void append_name(std::string_view name, bool colons, std::string& out) {
  if (out.empty() && !name.empty() && name.front() >= '0' && name.front() <= '9') out += '_';
  for (const char c : name) out += is_plain(c) || (colons && c == ':') ? c : '_';
}

}  // namespace

void append_metric_name(std::string_view name, std::string& out) {
  append_name(name, true, out);
}

void append_label_name(std::string_view name, std::string& out) {
  append_name(name, false, out);
}

SeriesKind kind_by_name(std::string_view metric) {
  if (metric.ends_with("_total")) return SeriesKind::counter;
  return metric.ends_with("_bucket") ? SeriesKind::histogram : SeriesKind::gauge;
}

}  // namespace sentinella::codec
