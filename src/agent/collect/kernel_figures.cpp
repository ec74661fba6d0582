#include "agent/collect/kernel_figures.h"

#include <algorithm>

#include "agent/collect/words.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

/// "some avg10=0.12 avg60=... total=123456": percent, and microseconds.
std::optional<PressureFigures::Line> pressure_line(const std::vector<std::string_view>& fields) {
  std::optional<double> percent, microseconds;
  for (std::string_view field : fields) {
    if (field.starts_with("avg10=")) percent = parse_double(field.substr(6));
    if (field.starts_with("total=")) microseconds = parse_double(field.substr(6));
  }
  if (!percent || !microseconds) return std::nullopt;
  return PressureFigures::Line{*percent / 100, *microseconds / 1e6};
}

}  // namespace

PressureFigures parse_pressure(std::string_view text) {
  PressureFigures figures;
  for (std::string_view line : split(text, '\n')) {
    const auto fields = words(line);
    if (fields.empty()) continue;
    if (fields[0] == "some") figures.some = pressure_line(fields);
    if (fields[0] == "full") figures.full = pressure_line(fields);
  }
  return figures;
}

std::optional<double> parse_named_value(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ' ')
      return parse_double(trim(line.substr(name.size())));
    at = end + 1;
  }
  return std::nullopt;
}

std::optional<double> parse_keyed_value(std::string_view text, std::string_view begin, std::string_view key) {
  for (std::string_view line : split(text, '\n')) {
    if (!line.starts_with(begin)) continue;
    const auto fields = words(line);
    for (std::size_t i = 1; i + 1 < fields.size(); ++i)
      if (fields[i] == key) return parse_double(fields[i + 1]);
  }
  return std::nullopt;
}

std::optional<double> parse_counter(std::string_view text, std::string_view section, std::string_view name) {
  std::optional<std::size_t> column;
  for (std::string_view line : split(text, '\n')) {
    if (!line.starts_with(section)) continue;
    const auto fields = words(line);
    if (column) return *column < fields.size() ? parse_double(fields[*column]) : std::nullopt;
    const auto found = std::ranges::find(fields, name);
    if (found == fields.end()) return std::nullopt;
    column = static_cast<std::size_t>(found - fields.begin());
  }
  return std::nullopt;
}

std::optional<OpenFileFigures> parse_file_nr(std::string_view text) {
  const auto fields = words(trim(text));
  if (fields.size() != 3) return std::nullopt;
  const auto open = parse_double(fields[0]), limit = parse_double(fields[2]);
  if (!open || !limit) return std::nullopt;
  return OpenFileFigures{*open, *limit};
}

}  // namespace sentinella::agent
