#include "telemetry/publish/body_template.h"

#include "base/json.h"
#include "telemetry/filled_text.h"
#include "telemetry/publish/wire_forms.h"
#include "telemetry/value_source.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::string_view kValueKey = "$value";

std::string place(std::string_view within, std::string_view key) {
  return fmt::format("{}.{}", within, key);
}

}  // namespace

/// One value of the template. Its depth is bounded by read_yaml().
class BodyTemplate::Node {
 public:
  static Result<Node> compile(const json::value& spec, const std::string& where) {
    if (const auto* list = spec.if_array()) return compile_list(*list, where);
    if (const auto* object = spec.if_object()) {
      if (const auto* source = object->if_contains(kValueKey)) return compile_source(*object, *source, where);
      return compile_object(*object, where);
    }
    Node made;
    made.literal_ = spec;
    const std::string_view literal = spec.is_string() ? std::string_view(spec.get_string()) : "";
    if (literal.contains("${")) {
      auto text = FilledText::compile(literal);
      if (!text) return fail_field(Errc::kInvalid, where, "{}", describe(text.error()));
      made.text_ = *std::move(text);
    }
    return made;
  }

  json::value fill(const json::value& document) const {
    if (text_) return text_->value_in(document);
    if (source_) {
      Found found;
      const auto* value = source_->first(document, found);
      return value == nullptr ? json::value() : *value;
    }
    if (literal_.is_object()) {
      json::object out;
      for (std::size_t i = 0; i < keys_.size(); ++i) out.emplace(keys_[i], children_[i].fill(document));
      return out;
    }
    if (literal_.is_array()) {
      json::array out;
      for (const Node& child : children_) out.push_back(child.fill(document));
      return out;
    }
    return literal_;
  }

 private:
  static Result<Node> compile_list(const json::array& list, const std::string& where) {
    Node made;
    made.literal_ = json::array();
    for (std::size_t i = 0; i < list.size(); ++i) {
      SENT_TRY_ASSIGN(auto child, compile(list[i], fmt::format("{}[{}]", where, i)));
      made.children_.push_back(std::move(child));
    }
    return made;
  }

  static Result<Node> compile_object(const json::object& object, const std::string& where) {
    Node made;
    made.literal_ = json::object();
    for (const auto& [key, value] : object) {
      SENT_TRY_ASSIGN(auto child, compile(value, place(where, key)));
      made.keys_.emplace_back(key);
      made.children_.push_back(std::move(child));
    }
    return made;
  }

  static Result<Node> compile_source(const json::object& object, const json::value& spec,
                                     const std::string& where) {
    if (object.size() > 1) return fail_field(Errc::kInvalid, where, "has other keys beside {}", kValueKey);
    auto source = ValueSource::compile(spec, ValueSource::PlainText::path);
    if (!source) return fail_field(Errc::kInvalid, where, "{}", describe(source.error()));
    Node made;
    made.source_ = std::make_unique<const ValueSource>(*std::move(source));
    return made;
  }

  json::value literal_;  ///< of lists and objects only the kind
  std::optional<FilledText> text_;
  std::unique_ptr<const ValueSource> source_;
  std::vector<std::string> keys_;
  std::vector<Node> children_;
};

BodyTemplate::BodyTemplate() = default;
BodyTemplate::~BodyTemplate() = default;
BodyTemplate::BodyTemplate(BodyTemplate&&) noexcept = default;
BodyTemplate& BodyTemplate::operator=(BodyTemplate&&) noexcept = default;

Result<BodyTemplate> BodyTemplate::parse(std::string_view yaml) {
  SENT_TRY_ASSIGN(const json::value document, read_yaml(yaml));
  const auto* spec = document.if_object();
  if (spec == nullptr) return fail(Errc::kInvalid, "a template must be a mapping");
  SENT_TRY(only_fields(*spec, {"path", "headers", "success", "events", "samples"}));
  BodyTemplate made;
  SENT_TRY_ASSIGN(auto path, optional_string(*spec, "path"));
  made.path_ = path.value_or("");
  if (const auto* headers = spec->if_contains("headers")) {
    if (!headers->is_object()) return fail_field(Errc::kInvalid, "headers", "must be a mapping");
    for (const auto& [name, value] : headers->get_object())
      made.headers_.emplace_back(name, text_of_found(&value));
  }
  SENT_TRY_ASSIGN(const auto success, optional_string(*spec, "success"));
  if (success) {
    auto compiled = JsonPath::compile(*success);
    if (!compiled) return fail_field(Errc::kInvalid, "success", "{}", compiled.error().message);
    made.success_ = *std::move(compiled);
  }
  for (const auto& [name, into] :
       {std::pair("events", &made.events_), std::pair("samples", &made.samples_)}) {
    const auto* body = spec->if_contains(name);
    if (body == nullptr) continue;
    SENT_TRY_ASSIGN(auto node, Node::compile(*body, name));
    *into = std::make_unique<const Node>(std::move(node));
  }
  if (!made.events_ && !made.samples_)
    return fail_field(Errc::kInvalid, "events", "or samples are needed: else nothing would be sent");
  return made;
}

std::optional<std::string> BodyTemplate::body(const Event& event) const {
  if (!events_) return std::nullopt;
  return json::serialize(events_->fill(described_event(event)));
}

std::optional<std::string> BodyTemplate::body(const MeterSample& sample) const {
  if (!samples_) return std::nullopt;
  return json::serialize(samples_->fill(plain_sample(sample)));
}

bool BodyTemplate::accepted(std::string_view answer) const {
  if (!success_) return true;
  const auto document = parse_json(answer);
  if (!document) return false;
  Found found;
  const auto* value = success_->first(*document, found);
  return value != nullptr && value->is_bool() && value->get_bool();
}

}  // namespace sentinella::telemetry
