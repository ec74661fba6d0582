#include "server/cli/table.h"

#include <algorithm>

#include "base/text.h"

namespace sentinella::server {
namespace {

std::string cell(const boost::json::value& item, const std::string& column) {
  const auto* value = item.is_object() ? item.get_object().if_contains(column) : nullptr;
  if (value == nullptr || value->is_null()) return "-";
  return value->is_string() ? std::string(value->get_string()) : boost::json::serialize(*value);
}

/// Characters, not bytes: what continues one in UTF-8 takes no room.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::string printable(std::string text) {
  for (char& c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f) c = '?';
  return text;
}

std::string format_table(const boost::json::array& items, const std::vector<std::string>& columns) {
  std::vector<std::vector<std::string>> rows{columns};
  for (const auto& item : items) {
    auto& row = rows.emplace_back();
    for (const std::string& column : columns) row.push_back(cell(item, column));
  }
  std::vector<std::size_t> widths(columns.size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace sentinella::server
