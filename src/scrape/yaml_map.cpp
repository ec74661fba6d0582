#include "scrape/yaml_map.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "scrape/relabel.h"

namespace sentinella::scrape {

Result<YAML::Node> load_yaml(std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes)
    return fail(Errc::kTooLarge, "{} bytes of YAML are over the limit of {}", text.size(), max_bytes);
  try {
    return YAML::Load(std::string(text));
  } catch (const YAML::Exception& error) {
    return fail(Errc::kInvalid, "line {}: {}", error.mark.line + 1, error.msg);
  }
}

Result<YamlMap> YamlMap::open(const YAML::Node& node, std::string_view name, const Keys& known,
                              const Keys& unsupported) {
  if (!node.IsMap()) return bad_node(node, name, "a map of key: value is expected");
  std::set<std::string> seen;
  for (const auto& item : node) {
    if (!item.first.IsScalar()) return bad_node(item.first, name, "keys must be plain words");
    const std::string& key = item.first.Scalar();
    if (!seen.insert(key).second) return bad_node(item.first, key, "this key is there twice");
    if (std::ranges::find(known, key) != known.end()) continue;
    if (std::ranges::find(unsupported, key) != unsupported.end()) {
      if (item.second.IsNull()) continue;
      return fail_field(Errc::kUnsupported, key, "line {}: Prometheus has this, we do not",
                        item.first.Mark().line + 1);
    }
    const auto near = suggest(key, known);
    return bad_node(item.first, key, "unknown key{}", near ? fmt::format("; did you mean {}?", *near) : "");
  }
  return YamlMap(node);
}

YAML::Node YamlMap::child(std::string_view key) const {
  const YAML::Node found = node_[std::string(key)];
  return found.IsDefined() && !found.IsNull() ? found : YAML::Node(YAML::NodeType::Undefined);
}

Result<void> YamlMap::read(std::string_view key, std::string& target) const {
  const YAML::Node value = child(key);
  if (!value.IsDefined()) return {};
  if (!value.IsScalar()) return bad_node(value, key, "a text is expected");
  target = value.Scalar();
  return {};
}

Result<void> YamlMap::read(std::string_view key, bool& target) const {
  std::string text;
  SENT_TRY(read(key, text));
  if (text.empty()) return {};
  bool value = false;
  if (!YAML::convert<bool>::decode(child(key), value))
    return bad_node(child(key), key, "true or false is expected");
  target = value;
  return {};
}

Result<void> YamlMap::read(std::string_view key, std::uint64_t& target) const {
  std::string text;
  SENT_TRY(read(key, text));
  if (text.empty()) return {};
  const auto number = parse_uint(text);
  if (!number) return bad_node(child(key), key, "\"{}\" is not a whole number", text);
  target = *number;
  return {};
}

Result<void> YamlMap::read(std::string_view key, Duration& target) const {
  std::string text;
  SENT_TRY(read(key, text));
  if (text.empty()) return {};
  const auto duration = parse_duration(text);
  if (!duration) return bad_node(child(key), key, "{}", duration.error().message);
  target = *duration;
  return {};
}

Result<void> YamlMap::read(std::string_view key, std::vector<std::string>& target) const {
  return for_each(key, [&](const YAML::Node& item) -> Result<void> {
    if (!item.IsScalar()) return bad_node(item, key, "a list of texts is expected");
    target.push_back(item.Scalar());
    return {};
  });
}

Result<void> YamlMap::read(std::string_view key, Labels& target) const {
  const YAML::Node value = child(key);
  if (!value.IsDefined()) return {};
  SENT_TRY_ASSIGN(target, read_labels(value, key));
  return {};
}

Result<Labels> read_labels(const YAML::Node& node, std::string_view name) {
  if (!node.IsMap()) return bad_node(node, name, "a map of label: value is expected");
  std::vector<Label> labels;
  for (const auto& item : node) {
    if (!item.first.IsScalar() || !item.second.IsScalar())
      return bad_node(item.first, name, "labels and values must be texts");
    if (!is_label_name(item.first.Scalar()))
      return bad_node(item.first, name, "\"{}\" is not a label name", item.first.Scalar());
    labels.push_back({item.first.Scalar(), item.second.Scalar()});
  }
  return Labels(std::move(labels));
}

}  // namespace sentinella::scrape
