#include "telemetry/yaml_document.h"

#include <yaml-cpp/yaml.h>

#include "base/text.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxValues = 200'000;

json::value scalar_of(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return json::value(text);  // quoted
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (std::int64_t whole = 0; YAML::convert<std::int64_t>::decode(node, whole) && text[0] != '0')
    return whole;
  if (text == "0") return std::int64_t{0};
  const bool padded = text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
  if (!padded && text.find_first_not_of("0123456789+-.eE") == std::string::npos)
    if (const auto number = parse_double(text)) return *number;
  return json::value(text);
}

class Converter {
 public:
  Result<json::value> convert(const YAML::Node& node, int depth) {
    if (depth > kMaxDepth) return fail(Errc::kInvalid, "the YAML is nested deeper than {}", kMaxDepth);
    if (++values_ > kMaxValues)
      return fail(Errc::kTooLarge, "the YAML unfolds to more than {} values", kMaxValues);
    if (node.IsSequence()) return sequence(node, depth);
    if (node.IsMap()) return mapping(node, depth);
    if (node.IsScalar()) return scalar_of(node);
    return json::value(nullptr);
  }

 private:
  Result<json::value> sequence(const YAML::Node& node, int depth) {
    json::array out;
    for (const auto& one : node) {
      SENT_TRY_ASSIGN(auto value, convert(one, depth + 1));
      out.push_back(std::move(value));
    }
    return json::value(std::move(out));
  }

  Result<json::value> mapping(const YAML::Node& node, int depth) {
    json::object own, merged;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar())
        return fail(Errc::kInvalid, "line {}: a key is not a word", entry.first.Mark().line + 1);
      SENT_TRY_ASSIGN(auto value, convert(entry.second, depth + 1));
      if (entry.first.Scalar() == "<<") {
        SENT_TRY(merge(std::move(value), entry.first.Mark().line + 1, merged));
      } else {
        own.insert_or_assign(entry.first.Scalar(), std::move(value));
      }
    }
    for (auto& [key, value] : merged)
      if (!own.contains(key)) own.emplace(key, std::move(value));
    return json::value(std::move(own));
  }

  static Result<void> merge(json::value value, int line, json::object& into) {
    json::array several;
    if (value.is_array()) {
      several = std::move(value.get_array());
    } else {
      several.push_back(std::move(value));
    }
    for (auto& one : several) {
      if (!one.is_object()) return fail(Errc::kInvalid, "line {}: << wants a mapping", line);
      for (auto& [key, item] : one.get_object())
        if (!into.contains(key)) into.emplace(key, std::move(item));
    }
    return {};
  }

  std::size_t values_ = 0;
};

}  // namespace

Result<json::value> read_yaml(std::string_view text) {
  try {
    return Converter().convert(YAML::Load(std::string(text)), 0);
  } catch (const YAML::Exception& error) {
    return fail(Errc::kInvalid, "line {}: {}", error.mark.line + 1, error.msg);
  }
}

}  // namespace sentinella::telemetry
