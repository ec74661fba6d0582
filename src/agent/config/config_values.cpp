#include "agent/config/config_values.h"

#include <cmath>

#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxTags = 32;
constexpr std::size_t kMaxTag = 120;

bool is_tag_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxTag && (name[0] < '0' || name[0] > '9') &&
         !name.starts_with("__") &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

/// An object of these keys only.
Result<void> check_object(std::string_view key, const json::value& value,
                          const std::vector<std::string_view>& known) {
  if (!value.is_object()) return fail_field(Errc::kInvalid, key, "an object is expected");
  if (const auto only = only_fields(value.get_object(), known); !only)
    return fail_field(Errc::kInvalid, key, "{}", describe(only.error()));
  return {};
}

}  // namespace

Result<double> number_value(std::string_view key, const json::value& value, double least, double most) {
  if (!value.is_number()) return fail_field(Errc::kInvalid, key, "a number is expected");
  const double n = value.to_number<double>();
  if (!(n >= least && n <= most))
    return fail_field(Errc::kInvalid, key, "{} is not between {} and {}", n, least, most);
  return n;
}

Result<void> read_text(std::string_view key, const json::value& value, std::string* into) {
  if (!value.is_string()) return fail_field(Errc::kInvalid, key, "a text in quotes is expected");
  *into = trim(std::string_view(value.get_string()));
  return {};
}

Result<PeerPorts> parse_peer_ports(const json::value& value) {
  SENT_TRY(check_object("peer_ports", value, {"broker", "database"}));
  PeerPorts out;
  for (const auto& item : value.get_object()) {
    const std::string field = fmt::format("peer_ports.{}", std::string_view(item.key()));
    if (!item.value().is_array()) return fail_field(Errc::kInvalid, field, "a list of ports is expected");
    auto& ports = item.key() == "broker" ? out.broker : out.database;
    ports.clear();
    for (const json::value& one : item.value().get_array()) {
      SENT_TRY_ASSIGN(const double port, number_value(field, one, 1, 65535));
      ports.push_back(static_cast<std::uint16_t>(port));
    }
  }
  return out;
}

Result<LimitConfig> parse_limits(const json::value& value) {
  SENT_TRY(check_object("limits", value, {"memory_mb", "cpu_percent", "window_seconds"}));
  LimitConfig out;
  for (const auto& item : value.get_object()) {
    const std::string_view key = item.key();
    const std::string field = fmt::format("limits.{}", key);
    if (key == "memory_mb") {
      SENT_TRY_ASSIGN(const double megabytes, number_value(field, item.value(), 1, 1e6));
      out.memory_bytes = static_cast<std::uint64_t>(megabytes * 1e6);
    } else if (key == "cpu_percent") {
      SENT_TRY_ASSIGN(const double percent, number_value(field, item.value(), 0.1, 1e4));
      out.cpu_ratio = percent / 100;
    } else {
      SENT_TRY_ASSIGN(const double seconds, number_value(field, item.value(), 0.5, 3600));
      out.window = Duration(static_cast<std::int64_t>(std::llround(seconds * 1e9)));
    }
  }
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_tags(const json::value& value) {
  if (!value.is_object() || value.get_object().size() > kMaxTags)
    return fail_field(Errc::kInvalid, "tags", "an object of at most {} names and texts is expected",
                      kMaxTags);
  std::vector<std::pair<std::string, std::string>> tags;
  for (const auto& item : value.get_object()) {
    const std::string_view name = item.key();
    const std::string field = fmt::format("tags.{}", name);
    if (!is_tag_name(name) || name == "host")
      return fail_field(Errc::kInvalid, field, "a tag's name has a-z, 0-9 and '_', and is not \"host\"");
    std::string text;
    SENT_TRY(read_text(field, item.value(), &text));
    if (text.empty() || text.size() > kMaxTag)
      return fail_field(Errc::kInvalid, field, "1 to {} bytes are expected", kMaxTag);
    tags.emplace_back(name, std::move(text));
  }
  return tags;
}

}  // namespace sentinella::agent
