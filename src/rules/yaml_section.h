// Reading YAML maps strictly: unknown keys are errors with the nearest known name, every error has line and
// key. For the readers of this folder; yaml-cpp's exceptions are caught in without_exceptions().
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"

namespace sentinella::rules {

using Keys = std::vector<std::string_view>;

inline constexpr std::size_t kMaxFileBytes = 1 << 20;
inline constexpr std::uint32_t kMaxYamlCount = 10000;

inline int line_of(const YAML::Node& node) {
  return node.Mark().line + 1;
}

template <typename... Args>
std::unexpected<Error> bad(const YAML::Node& node, std::string_view key, fmt::format_string<Args...> text,
                           Args&&... args) {
  return fail_field(Errc::kInvalid, key, "line {}: {}", line_of(node),
                    fmt::format(text, std::forward<Args>(args)...));
}

/// A YAML map with typed access; every error has line and key.
class Section {
 public:
  static Result<Section> open(const YAML::Node& node, std::string_view name, const Keys& known) {
    if (!node.IsMap()) return bad(node, name, "a map of key: value expected");
    std::set<std::string> seen;
    for (const auto& item : node) {
      if (!item.first.IsScalar()) return bad(item.first, name, "keys must be plain words");
      const std::string& key = item.first.Scalar();
      if (!seen.insert(key).second) return bad(item.first, key, "this key is there twice");
      if (std::ranges::find(known, key) != known.end()) continue;
      if (const auto near = suggest(key, known))
        return bad(item.first, key, "unknown key; did you mean {}?", *near);
      return bad(item.first, key, "unknown key; known are {}", fmt::join(known, ", "));
    }
    return Section(node);
  }

  const YAML::Node& node() const { return node_; }
  YAML::Node child(const char* key) const { return node_[key]; }
  bool has(const char* key) const { return node_[key].IsDefined(); }

  Result<std::optional<std::string>> text(const char* key) const {
    const YAML::Node value = node_[key];
    if (!value.IsDefined() || value.IsNull()) return std::optional<std::string>();
    if (!value.IsScalar()) return bad(value, key, "a text expected");
    return std::optional(value.Scalar());
  }
  Result<void> text_into(const char* key, std::string& target) const {
    SENT_TRY_ASSIGN(auto value, text(key));
    if (value) target = std::move(*value);
    return {};
  }
  Result<std::string> required(const char* key) const {
    SENT_TRY_ASSIGN(auto value, text(key));
    if (!value || trim(*value).empty()) return bad(node_, key, "this key is required");
    return std::move(*value);
  }
  Result<void> duration_into(const char* key, Duration& target) const {
    SENT_TRY_ASSIGN(auto value, text(key));
    if (!value) return {};
    const auto duration = parse_duration(*value);
    if (!duration) return bad(node_[key], key, "{}", duration.error().message);
    target = *duration;
    return {};
  }
  Result<void> count_into(const char* key, std::uint32_t& target) const {
    SENT_TRY_ASSIGN(auto value, text(key));
    if (!value) return {};
    const auto count = parse_uint(*value);
    if (!count || *count == 0 || *count > kMaxYamlCount)
      return bad(node_[key], key, "a whole number from 1 to {} expected", kMaxYamlCount);
    target = static_cast<std::uint32_t>(*count);
    return {};
  }
  Result<void> number_into(const char* key, double& target, double least, double most) const {
    SENT_TRY_ASSIGN(auto value, text(key));
    if (!value) return {};
    const auto number = parse_double(*value);
    if (!number || !(*number >= least && *number <= most))
      return bad(node_[key], key, "a number from {} to {} expected", least, most);
    target = *number;
    return {};
  }
  /// "[a, b]" or "a".
  Result<std::vector<std::string>> list(const char* key, const Keys& known) const {
    std::vector<std::string> out;
    const YAML::Node value = node_[key];
    if (!value.IsDefined()) return out;
    if (value.IsScalar()) {
      out.push_back(value.Scalar());
    } else if (value.IsSequence()) {
      for (const auto& item : value) {
        if (!item.IsScalar()) return bad(item, key, "a list of words expected");
        out.push_back(item.Scalar());
      }
    } else {
      return bad(value, key, "a list of words expected");
    }
    for (const std::string& word : out)
      if (!known.empty() && std::ranges::find(known, word) == known.end())
        return bad(value, key, "unknown \"{}\"; known are {}", word, fmt::join(known, ", "));
    return out;
  }

 private:
  explicit Section(const YAML::Node& node) : node_(node) {}
  YAML::Node node_;
};

/// yaml-cpp throws its own exceptions, and now and then one of the standard library's.
template <typename Work>
auto without_exceptions(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const YAML::Exception& error) {
    return fail(Errc::kInvalid, "line {}: not YAML: {}", error.mark.line + 1, error.msg);
  } catch (const std::exception& error) {
    return fail(Errc::kInvalid, "not YAML: {}", error.what());
  }
}

inline Result<YAML::Node> load_yaml(std::string_view yaml) {
  if (yaml.size() > kMaxFileBytes)
    return fail(Errc::kTooLarge, "a rule file may have {} bytes, this one has {}", kMaxFileBytes,
                yaml.size());
  return YAML::Load(std::string(yaml));
}

}  // namespace sentinella::rules
