// From YAML to a pollster.
#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "telemetry/polling/extra_metadata.h"
#include "telemetry/polling/pollster.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {

namespace json = boost::json;

class PollsterReader {
 public:
  enum class Of : std::uint8_t { meter, extra_field };
  PollsterReader(const json::object& spec, const CommandsAllowed& commands, Of what)
      : spec_(spec), commands_(commands), what_(what) {}

  Result<Pollster> read() {
    SENT_TRY(only_fields(spec_, kFields));
    SENT_TRY(read_meter());
    SENT_TRY(read_address());
    SENT_TRY(read_value());
    SENT_TRY(read_owners());
    SENT_TRY(read_metadata());
    SENT_TRY(read_fold());
    SENT_TRY(read_extra_fields());
    return std::move(made_);
  }

 private:
  static inline const std::vector<std::string_view> kFields{"name",
                                                            "sample_type",
                                                            "unit",
                                                            "endpoint_type",
                                                            "url_path",
                                                            "response_entries_key",
                                                            "response_handlers",
                                                            "value_attribute",
                                                            "value_mapping",
                                                            "default_value",
                                                            "skip_sample_values",
                                                            "resource_id_attribute",
                                                            "project_id_attribute",
                                                            "user_id_attribute",
                                                            "metadata_fields",
                                                            "metadata_mapping",
                                                            "preserve_mapped_metadata",
                                                            "next_sample_url_attribute",
                                                            "headers",
                                                            "timeout",
                                                            "namespaces",
                                                            "username",
                                                            "password_file",
                                                            "per_project",
                                                            "fold",
                                                            "fold_by",
                                                            "host_command",
                                                            "module",
                                                            "authentication_object",
                                                            "authentication_parameters",
                                                            "extra_metadata_fields",
                                                            "extra_metadata_fields_skip",
                                                            "extra_metadata_fields_cache_seconds"};
  static constexpr double kLongestTimeout = 300, kLongestKept = 7 * 24 * 3600;

  static std::string text_of(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
  }

  /// Ceilometer takes what stands between dots as it is: OS-EXT-AZ:availability_zone is a name there.
  static std::string as_path(std::string_view text) {
    if (text == ".") return "$";  // the whole entry
    const auto plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
             c == '-' || c == ':' || c == '.';
    };
    if (!text.contains(':') || !std::ranges::all_of(text, plain)) return std::string(text);
    std::string path = "$";
    for (const std::string_view name : split(text, '.')) path += fmt::format(".'{}'", name);
    return path;
  }

  static Result<JsonPath> compile(std::string_view name, std::string_view text) {
    auto path = JsonPath::compile(as_path(text));
    if (!path) return fail_field(Errc::kInvalid, name, "{}", path.error().message);
    return path;
  }

  Result<std::optional<JsonPath>> path(std::string_view name, std::string_view fallback = "") const {
    SENT_TRY_ASSIGN(const auto text, optional_string(spec_, name));
    const std::string wanted = text.value_or(std::string(fallback));
    if (wanted.empty()) return std::nullopt;
    SENT_TRY_ASSIGN(auto compiled, compile(name, wanted));
    return compiled;
  }

  /// Pairs of a mapping, or of a list of mappings.
  Result<std::vector<std::pair<std::string, const json::value*>>> pairs(std::string_view name) const {
    std::vector<std::pair<std::string, const json::value*>> out;
    const auto* value = spec_.if_contains(name);
    if (value == nullptr || value->is_null()) return out;
    const auto add = [&](const json::value& mapping) -> Result<void> {
      if (!mapping.is_object()) return fail_field(Errc::kInvalid, name, "must be a mapping");
      for (const auto& [key, one] : mapping.get_object()) out.emplace_back(key, &one);
      return {};
    };
    if (!value->is_array()) {
      SENT_TRY(add(*value));
      return out;
    }
    for (const json::value& one : value->get_array()) SENT_TRY(add(one));
    return out;
  }

  Result<void> read_meter() {
    SENT_TRY_ASSIGN(made_.name_, required_string(spec_, "name"));
    SENT_TRY_ASSIGN(const std::string type, required_string(spec_, "sample_type"));
    const auto known = parse_meter_type(type);
    if (!known) return fail_field(Errc::kInvalid, "sample_type", "must be gauge, delta or cumulative");
    made_.type_ = *known;
    SENT_TRY_ASSIGN(made_.unit_, required_string(spec_, "unit"));
    return {};
  }

  Result<void> read_address() {
    if (const auto* command = spec_.if_contains("host_command")) return read_command(*command);
    SENT_TRY_ASSIGN(const std::string url_path, required_string(spec_, "url_path"));
    auto url = url_path.starts_with('\'') || url_path.starts_with('"') ? FilledText::compile_sum(url_path)
                                                                       : FilledText::compile(url_path);
    if (!url) return fail_field(Errc::kInvalid, "url_path", "{}", url.error().message);
    made_.url_path_ = *std::move(url);
    const auto* types = spec_.if_contains("endpoint_type");
    if (types != nullptr && types->is_array()) {
      SENT_TRY_ASSIGN(made_.endpoint_types_, optional_strings(spec_, "endpoint_type"));
    } else {
      SENT_TRY_ASSIGN(const auto type, optional_string(spec_, "endpoint_type"));
      if (type) made_.endpoint_types_.push_back(*type);
    }
    const bool whole = url_path.starts_with("http://") || url_path.starts_with("https://");
    if (made_.endpoint_types_.empty() && !whole)
      return fail_field(Errc::kInvalid, "endpoint_type", "is missing, and url_path is no whole address");
    if (!made_.endpoint_types_.empty() && whole)
      return fail_field(Errc::kInvalid, "url_path",
                        "must be a path: the token goes to the catalogue's address");
    SENT_TRY(read_who_asks(whole));
    SENT_TRY_ASSIGN(const auto headers, pairs("headers"));
    for (const auto& [name, value] : headers) made_.headers_.emplace_back(name, text_of(*value));
    SENT_TRY_ASSIGN(made_.next_, path("next_sample_url_attribute"));
    return read_answer();
  }

  /// A key of S3 in Ceilometer's words, or a user of ours.
  Result<void> read_who_asks(bool whole) {
    SENT_TRY_ASSIGN(const auto object, optional_string(spec_, "authentication_object"));
    SENT_TRY_ASSIGN(const auto module, optional_string(spec_, "module"));
    if (object && *object != "S3Auth")
      return fail_field(Errc::kInvalid, "authentication_object", "is Python; only awsauth's S3Auth is known");
    if (module && (!object || *module != "awsauth"))
      return fail_field(Errc::kInvalid, "module", "is Python; only awsauth with its S3Auth is known");
    SENT_TRY_ASSIGN(const auto parameters, optional_string(spec_, "authentication_parameters"));
    SENT_TRY_ASSIGN(const auto username, optional_string(spec_, "username"));
    SENT_TRY_ASSIGN(const auto password_file, optional_string(spec_, "password_file"));
    if (!object && !parameters && !username && !password_file) return {};
    if (!whole) return fail_field(Errc::kInvalid, "username", "belongs to a whole address");
    made_.asks_as_ = object ? AsksAs::s3 : AsksAs::basic;
    made_.username_ = username.value_or("");
    made_.password_file_ = password_file.value_or("");
    if (!parameters) {
      if (!username || !password_file)
        return fail_field(Errc::kInvalid, "username", "and password_file belong together");
      return {};
    }
    const auto parts = split(*parameters, ',');  // what stands behind the first two is the host
    if (!object || username || password_file || parts.size() < 2 || trim(parts[0]).empty() ||
        trim(parts[1]).empty())
      return fail_field(Errc::kInvalid, "authentication_parameters",
                        "must be \"ACCESS,SECRET\" of an S3Auth, without username and password_file");
    made_.username_ = trim(parts[0]);
    made_.secret_ = trim(parts[1]);
    return {};
  }

  Result<void> read_command(const json::value& command) {
    if (!commands_) return fail_field(Errc::kForbidden, "host_command", "{}", commands_.error().message);
    for (const char* other :
         {"url_path", "endpoint_type", "username", "password_file", "headers", "module",
          "authentication_object", "authentication_parameters", "next_sample_url_attribute"})
      if (spec_.contains(other))
        return fail_field(Errc::kInvalid, other, "has no meaning beside host_command");
    auto compiled = HostCommand::compile(command);
    if (!compiled) return fail_field(Errc::kInvalid, "host_command", "{}", compiled.error().message);
    made_.command_ = *std::move(compiled);
    return read_answer();
  }

  Result<void> read_answer() {
    SENT_TRY_ASSIGN(const auto timeout, optional_number(spec_, "timeout"));
    if (timeout && !(*timeout >= 1 && *timeout <= kLongestTimeout))
      return fail_field(Errc::kInvalid, "timeout", "must be 1 to {} s", kLongestTimeout);
    if (timeout) made_.timeout_ = Duration(static_cast<std::int64_t>(*timeout * 1e9));
    SENT_TRY_ASSIGN(const auto handlers, optional_strings(spec_, "response_handlers"));
    const auto named = [&](std::string_view name) {
      return std::ranges::find(handlers, name) != handlers.end();
    };
    if (std::ranges::any_of(handlers, [](const std::string& one) { return one != "json" && one != "text"; }))
      return fail_field(Errc::kInvalid, "response_handlers", "can only be json and text");
    made_.reads_json_ = handlers.empty() || named("json");
    made_.reads_text_ = named("text");
    if (made_.reads_text_ && !made_.endpoint_types_.empty())
      return fail_field(Errc::kInvalid, "response_handlers", "can only be json of a service of OpenStack");
    SENT_TRY_ASSIGN(made_.entries_, path("response_entries_key"));
    return {};
  }

  Result<void> read_value() {
    const auto* value = spec_.if_contains("value_attribute");
    if (value != nullptr && value->is_number()) {
      made_.fixed_value_ = value->to_number<double>();
    } else {
      SENT_TRY_ASSIGN(const auto text, optional_string(spec_, "value_attribute"));
      if (!text || text->empty()) return fail_field(Errc::kInvalid, "value_attribute", "is missing");
      SENT_TRY(text->starts_with('[') ? read_each(*text) : read_one(*text));
    }
    SENT_TRY_ASSIGN(const auto mapping, pairs("value_mapping"));
    for (const auto& [from, to] : mapping) {
      const auto number =
          to->is_number() ? std::optional(to->to_number<double>()) : parse_double(text_of(*to));
      if (!number) return fail_field(Errc::kInvalid, "value_mapping", "maps {} to no number", from);
      made_.mapping_.emplace(from, *number);
    }
    SENT_TRY_ASSIGN(made_.default_value_, optional_number(spec_, "default_value"));
    if (!made_.default_value_ && !made_.mapping_.empty()) made_.default_value_ = -1;
    if (const auto* skip = spec_.if_contains("skip_sample_values"); skip != nullptr && !skip->is_null()) {
      if (!skip->is_array()) return fail_field(Errc::kInvalid, "skip_sample_values", "must be a list");
      made_.skipped_.assign(skip->get_array().begin(), skip->get_array().end());
    }
    return {};
  }

  Result<void> read_one(const std::string& text) {
    SENT_TRY_ASSIGN(made_.value_, compile("value_attribute", text));
    return {};
  }

  /// "[categories].ops", of a meter whose name ends with {category}.
  Result<void> read_each(const std::string& text) {
    const std::size_t end = text.find("].");
    const std::size_t open = made_.name_.rfind('{');
    if (end == std::string::npos)
      return fail_field(Errc::kInvalid, "value_attribute", "must be like [list].value");
    if (open == std::string::npos || !made_.name_.ends_with('}'))
      return fail_field(Errc::kInvalid, "name", "must end with the {{member}} that names each meter");
    made_.each_name_ = made_.name_.substr(open + 1, made_.name_.size() - open - 2);
    SENT_TRY_ASSIGN(made_.value_, compile("value_attribute", text.substr(1, end - 1)));
    SENT_TRY_ASSIGN(made_.each_value_, compile("value_attribute", text.substr(end + 2)));
    return {};
  }

  Result<void> read_owners() {
    SENT_TRY_ASSIGN(made_.resource_, path("resource_id_attribute", "id"));
    SENT_TRY_ASSIGN(made_.project_, path("project_id_attribute", "project_id | tenant_id"));
    SENT_TRY_ASSIGN(made_.user_, path("user_id_attribute", "user_id"));
    return {};
  }

  Result<void> read_metadata() {
    SENT_TRY_ASSIGN(const auto fields, optional_strings(spec_, "metadata_fields"));
    for (const std::string& field : fields) {
      SENT_TRY_ASSIGN(auto compiled, compile("metadata_fields", field));
      made_.metadata_.emplace_back(field, std::move(compiled));
    }
    SENT_TRY_ASSIGN(const auto renamed, pairs("metadata_mapping"));
    for (const auto& [from, to] : renamed) {
      if (!to->is_string()) return fail_field(Errc::kInvalid, "metadata_mapping", "maps {} to no name", from);
      made_.renamed_.emplace(from, text_of(*to));
    }
    SENT_TRY_ASSIGN(const auto keep, optional_bool(spec_, "preserve_mapped_metadata"));
    made_.keep_renamed_ = keep.value_or(true);
    return {};
  }

  Result<void> read_fold() {
    SENT_TRY_ASSIGN(const auto per_project, optional_bool(spec_, "per_project"));
    made_.per_project_ = per_project.value_or(false);
    if (made_.per_project_ && made_.endpoint_types_.empty() && !made_.has_places())
      return fail_field(Errc::kInvalid, "per_project",
                        "needs a service of OpenStack, or ${{project_id}} in url_path");
    if (made_.has_places() && !made_.per_project_ && what_ == Of::meter)
      return fail_field(Errc::kInvalid, "per_project",
                        "is needed: else there is nothing to put into a ${{...}}");
    SENT_TRY_ASSIGN(const auto fold, optional_string(spec_, "fold"));
    SENT_TRY_ASSIGN(made_.fold_by_, path("fold_by"));
    if (made_.fold_by_ && !fold) return fail_field(Errc::kInvalid, "fold_by", "needs fold");
    if (!fold) return {};
    if (*fold != "sum" && *fold != "count") return fail_field(Errc::kInvalid, "fold", "must be sum or count");
    if (!made_.per_project_ && !made_.fold_by_)
      return fail_field(Errc::kInvalid, "fold",
                        "needs fold_by or per_project: its sample is about one of these");
    made_.fold_ = *fold == "sum" ? Pollster::Fold::sum : Pollster::Fold::count;
    return {};
  }

  Result<void> read_extra_fields() {
    const auto* fields = spec_.if_contains("extra_metadata_fields");
    if (fields == nullptr || fields->is_null()) return {};
    if (made_.fold_ != Pollster::Fold::none)
      return fail_field(Errc::kInvalid, "extra_metadata_fields", "cannot be asked about a fold");
    const json::array several = fields->is_array() ? fields->get_array() : json::array{*fields};
    auto extra = std::make_shared<std::vector<ExtraField>>();
    for (std::size_t i = 0; i < several.size(); ++i) {
      auto one = read_extra_field(several[i]);
      if (!one)
        return fail_field(Errc::kInvalid, fmt::format("extra_metadata_fields[{}]", i), "{}",
                          describe(one.error()));
      extra->push_back(*std::move(one));
    }
    made_.extra_ = std::move(extra);
    return {};
  }

  /// A pollster with what its parent says where it says nothing.
  Result<ExtraField> read_extra_field(const json::value& given) const {
    if (!given.is_object()) return fail(Errc::kInvalid, "must be a mapping");
    json::object spec = given.get_object();
    for (const char* other : {"extra_metadata_fields", "per_project", "fold", "next_sample_url_attribute"})
      if (spec.contains(other)) return fail_field(Errc::kInvalid, other, "is for the pollster itself");
    for (const char* inherited : {"extra_metadata_fields_skip", "extra_metadata_fields_cache_seconds",
                                  "sample_type", "unit", "value_attribute"})
      if (!spec.contains(inherited) && spec_.contains(inherited)) spec[inherited] = spec_.at(inherited);
    if (const auto value = spec.find("value"); value != spec.end()) {
      json::value attribute = std::move(value->value());  // which another member may move
      spec.erase("value");
      spec["value_attribute"] = std::move(attribute);
    }
    SENT_TRY_ASSIGN(auto what, PollsterReader(spec, commands_, Of::extra_field).read());
    ExtraField made{std::move(what), {}, {}};
    SENT_TRY_ASSIGN(const auto seconds, optional_number(spec, "extra_metadata_fields_cache_seconds"));
    if (seconds && !(*seconds >= 0 && *seconds <= kLongestKept))
      return fail_field(Errc::kInvalid, "extra_metadata_fields_cache_seconds", "must be 0 to {}",
                        kLongestKept);
    made.keep_for = Duration(static_cast<std::int64_t>(seconds.value_or(3600) * 1e9));
    const auto* skips = spec.if_contains("extra_metadata_fields_skip");
    if (skips == nullptr || skips->is_null()) return made;
    made.skips = skips->is_array()
                     ? std::vector<json::value>(skips->get_array().begin(), skips->get_array().end())
                     : std::vector<json::value>{*skips};
    if (!std::ranges::all_of(made.skips, [](const json::value& one) { return one.is_object(); }))
      return fail_field(Errc::kInvalid, "extra_metadata_fields_skip", "must be a list of mappings");
    return made;
  }

  const json::object& spec_;
  const CommandsAllowed& commands_;
  const Of what_;
  Pollster made_;
};

Result<std::vector<Pollster>> Pollster::parse_all(std::string_view yaml, const CommandsAllowed& commands) {
  SENT_TRY_ASSIGN(const json::value document, read_yaml(yaml));
  std::vector<Pollster> all;
  if (document.is_null()) return all;
  if (!document.is_array()) return fail(Errc::kInvalid, "pollsters must be a list");
  for (std::size_t i = 0; i < document.get_array().size(); ++i) {
    const auto* spec = document.get_array()[i].if_object();
    if (spec == nullptr) return fail(Errc::kInvalid, "pollster {} is not a mapping", i + 1);
    auto one = PollsterReader(*spec, commands, PollsterReader::Of::meter).read();
    if (!one) return fail(Errc::kInvalid, "pollster {}: {}", i + 1, describe(one.error()));
    all.push_back(*std::move(one));
  }
  return all;
}

}  // namespace sentinella::telemetry
