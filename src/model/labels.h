// A series' identity: names and values, sorted by name, each name once. The metric's name is the label
// __name__.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sentinella {

inline constexpr std::string_view kMetricName = "__name__";

struct Label {
  std::string name;
  std::string value;
  friend auto operator<=>(const Label&, const Label&) = default;
};

class Labels {
 public:
  Labels() = default;
  /// Sorts; of several labels with one name the last wins; empty values are dropped (Prometheus' data model).
  explicit Labels(std::vector<Label> labels);

  /// Already in the form that the constructor makes.
  static Labels from_sorted(std::vector<Label> labels);

  /// The value, or "" when absent.
  std::string_view get(std::string_view name) const;
  void set(std::string_view name, std::string_view value);
  auto begin() const { return labels_.begin(); }
  auto end() const { return labels_.end(); }
  std::size_t size() const { return labels_.size(); }
  /// Unambiguous bytes, equal exactly for equal labels: a key for tables and disk.
  std::string canonical() const;
  /// nullopt when the bytes are not what canonical() gives.
  static std::optional<Labels> from_canonical(std::string_view bytes);
  /// `metric{a="b"}`, for people.
  std::string to_string() const;
  friend auto operator<=>(const Labels&, const Labels&) = default;

 private:
  std::vector<Label> labels_;
};

/// What a query asks of one label.
struct LabelMatcher {
  enum class Op : std::uint8_t { equal, not_equal, regex, not_regex } op = Op::equal;
  std::string name;
  std::string value;  ///< a regex is RE2, anchored at both ends
};

}  // namespace sentinella
