#include <map>
#include <optional>

#include "base/text.h"
#include "telemetry/datetime.h"
#include "telemetry/value_source.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

Result<std::int64_t> whole(const json::object& parameters, std::string_view name, std::int64_t fallback) {
  const auto* value = parameters.if_contains(name);
  if (value == nullptr || value->is_null()) return fallback;
  if (!value->is_int64()) return fail_field(Errc::kInvalid, name, "must be a whole number");
  return value->get_int64();
}

class Split final : public ValuePlugin {
 public:
  static Result<std::unique_ptr<const ValuePlugin>> make(const json::object& parameters) {
    auto plugin = std::make_unique<Split>();
    if (const auto* separator = parameters.if_contains("separator")) {
      if (!separator->is_string() || separator->get_string().empty())
        return fail_field(Errc::kInvalid, "separator", "must be a text");
      plugin->separator_ = std::string(separator->get_string());
    }
    SENT_TRY_ASSIGN(plugin->segment_, whole(parameters, "segment", 0));
    SENT_TRY_ASSIGN(plugin->max_split_, whole(parameters, "max_split", -1));
    return plugin;
  }

  void apply(const PathSource&, const Found& matches, Found& found) const override {
    for (const auto* match : matches)
      if (match->is_string())
        if (const auto one = segment(std::string_view(match->get_string())))
          found.add_made(json::value(*one));
  }

 private:
  std::optional<std::string_view> segment(std::string_view text) const {
    for (std::int64_t at = 0;; ++at) {
      const bool last = max_split_ >= 0 && at >= max_split_;
      const std::size_t end = last ? std::string_view::npos : text.find(separator_);
      if (at == segment_) return text.substr(0, end);
      if (end == std::string_view::npos) return std::nullopt;
      text.remove_prefix(end + separator_.size());
    }
  }

  std::string separator_ = ".";
  std::int64_t segment_ = 0, max_split_ = -1;
};

class TimeDelta final : public ValuePlugin {
 public:
  void apply(const PathSource&, const Found& matches, Found& found) const override {
    if (matches.size() != 2 || !matches[0].is_string() || !matches[1].is_string()) return;
    const auto a = parse_datetime(std::string_view(matches[0].get_string()));
    const auto b = parse_datetime(std::string_view(matches[1].get_string()));
    if (!a || !b) return;
    const Duration between = *a < *b ? *b - *a : *a - *b;
    found.add_made(static_cast<double>(between.count()) / 1e9);
  }
};

class Bitfield final : public ValuePlugin {
 public:
  static Result<std::unique_ptr<const ValuePlugin>> make(const json::object& parameters) {
    auto plugin = std::make_unique<Bitfield>();
    SENT_TRY_ASSIGN(plugin->initial_, whole(parameters, "initial_bitfield", 0));
    const auto* flags = parameters.if_contains("flags");
    if (flags == nullptr || flags->is_null()) return plugin;
    if (!flags->is_array()) return fail_field(Errc::kInvalid, "flags", "must be a list");
    for (const json::value& one : flags->get_array()) {
      SENT_TRY_ASSIGN(auto flag, read_flag(one));
      plugin->flags_.push_back(std::move(flag));
    }
    return plugin;
  }

  void apply(const PathSource& source, const Found&, Found& found) const override {
    std::int64_t bits = initial_;
    for (const Flag& flag : flags_) {
      Found own;
      const auto* value = flag.path.first(source, own);
      if (value != nullptr && (!flag.value || *value == *flag.value)) bits |= std::int64_t{1} << flag.bit;
    }
    found.add_made(bits);
  }

  void plan_reading(ReadPlan& plan) const override {
    for (const Flag& flag : flags_) flag.path.plan_reading(plan);
  }

 private:
  struct Flag {
    JsonPath path;
    int bit;
    std::optional<json::value> value;  ///< absent: any value sets the bit
  };

  static Result<Flag> read_flag(const json::value& spec) {
    const auto* object = spec.if_object();
    const auto* path = object == nullptr ? nullptr : object->if_contains("path");
    if (path == nullptr || !path->is_string())
      return fail_field(Errc::kInvalid, "flags", "wants a path each");
    SENT_TRY_ASSIGN(const auto bit, whole(*object, "bit", -1));
    if (bit < 0 || bit > 62) return fail_field(Errc::kInvalid, "flags.bit", "must be 0 to 62");
    SENT_TRY_ASSIGN(auto compiled, JsonPath::compile(std::string_view(path->get_string())));
    Flag flag{std::move(compiled), static_cast<int>(bit), std::nullopt};
    if (const auto* value = object->if_contains("value")) flag.value = *value;
    return flag;
  }

  std::int64_t initial_ = 0;
  std::vector<Flag> flags_;
};

class Map final : public ValuePlugin {
 public:
  static Result<std::unique_ptr<const ValuePlugin>> make(const json::object& parameters) {
    auto plugin = std::make_unique<Map>();
    if (const auto* exact = parameters.if_contains("case_sensitive")) {
      if (!exact->is_bool()) return fail_field(Errc::kInvalid, "case_sensitive", "must be true or false");
      plugin->case_sensitive_ = exact->get_bool();
    }
    if (const auto* fallback = parameters.if_contains("default")) plugin->fallback_ = *fallback;
    const auto* values = parameters.if_contains("values");
    if (values == nullptr || !values->is_object())
      return fail_field(Errc::kInvalid, "values", "must be a mapping");
    for (const auto& [key, value] : values->get_object())
      plugin->values_.emplace(plugin->key(std::string_view(key)), value);
    return plugin;
  }

  void apply(const PathSource&, const Found& matches, Found& found) const override {
    for (const auto* match : matches) {
      const std::string text =
          match->is_string() ? std::string(match->get_string()) : json::serialize(*match);
      const auto known = values_.find(key(text));
      found.add_made(known == values_.end() ? fallback_ : known->second);
    }
  }

 private:
  std::string key(std::string_view text) const {
    return case_sensitive_ ? std::string(text) : to_lower(text);
  }

  bool case_sensitive_ = false;
  json::value fallback_;
  std::map<std::string, json::value> values_;
};

}  // namespace

Result<std::unique_ptr<const ValuePlugin>> make_value_plugin(std::string_view name,
                                                             const json::object& parameters) {
  if (name == "split") return Split::make(parameters);
  if (name == "timedelta") return std::make_unique<TimeDelta>();
  if (name == "bitfield") return Bitfield::make(parameters);
  if (name == "map") return Map::make(parameters);
  return fail_field(Errc::kInvalid, "plugin", "\"{}\" is unknown; there are split, timedelta, bitfield, map",
                    name);
}

}  // namespace sentinella::telemetry
