// A YAML map with typed access; every error names line and key. For this folder's .cpp files only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "base/result.h"
#include "base/time.h"
#include "model/labels.h"

namespace sentinella::scrape {

using Keys = std::vector<std::string_view>;

template <typename... Args>
std::unexpected<Error> bad_node(const YAML::Node& node, std::string_view key,
                                fmt::format_string<Args...> text, Args&&... args) {
  return fail_field(Errc::kInvalid, key, "line {}: {}", node.Mark().line + 1,
                    fmt::format(text, std::forward<Args>(args)...));
}

/// Parses one document. kInvalid: not YAML, or over `max_bytes`.
Result<YAML::Node> load_yaml(std::string_view text, std::size_t max_bytes);

class YamlMap {
 public:
  /// `known`: the keys it may have. `unsupported`: those that are right, but not for us.
  static Result<YamlMap> open(const YAML::Node& node, std::string_view name, const Keys& known,
                              const Keys& unsupported = {});

  /// Undefined when absent or null.
  YAML::Node child(std::string_view key) const;
  bool has(std::string_view key) const { return child(key).IsDefined(); }
  const YAML::Node& node() const { return node_; }

  // Each leaves `target` alone when the key is absent.
  Result<void> read(std::string_view key, std::string& target) const;
  Result<void> read(std::string_view key, bool& target) const;
  Result<void> read(std::string_view key, std::uint64_t& target) const;
  Result<void> read(std::string_view key, Duration& target) const;
  Result<void> read(std::string_view key, std::vector<std::string>& target) const;
  Result<void> read(std::string_view key, Labels& target) const;

  /// Calls `each` with every item of a list.
  template <typename Each>
  Result<void> for_each(std::string_view key, Each each) const {
    const YAML::Node list = child(key);
    if (!list.IsDefined()) return {};
    if (!list.IsSequence()) return bad_node(list, key, "a list is expected");
    for (const YAML::Node& item : list) SENT_TRY(each(item));
    return {};
  }

 private:
  explicit YamlMap(const YAML::Node& node) : node_(node) {}
  YAML::Node node_;
};

/// A map of text to text.
Result<Labels> read_labels(const YAML::Node& node, std::string_view name);

}  // namespace sentinella::scrape
