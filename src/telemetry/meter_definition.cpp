#include "telemetry/meter_definition.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "base/json.h"
#include "telemetry/cut_text.h"
#include "telemetry/datetime.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::string_view kMetering = "metering.";
constexpr std::size_t kMaxUserMetadata = 256;

Result<std::vector<TypePattern>> compile_event_types(const json::value* spec) {
  std::vector<TypePattern> patterns;
  const auto add = [&](const json::value& text) -> Result<void> {
    if (!text.is_string()) return fail_field(Errc::kInvalid, "event_type", "must be text or a list of texts");
    SENT_TRY_ASSIGN(auto pattern, TypePattern::compile(std::string_view(text.get_string())));
    patterns.push_back(std::move(pattern));
    return {};
  };
  if (spec == nullptr) return fail_field(Errc::kInvalid, "event_type", "is missing");
  if (const auto* several = spec->if_array()) {
    for (const json::value& one : *several) SENT_TRY(add(one));
  } else {
    SENT_TRY(add(*spec));
  }
  return patterns;
}

/// "" for anything that is no text.
std::string_view text_alone(const json::value* value) {
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

/// A text as it is, anything else as JSON; nullopt for nothing.
std::optional<std::string> text_of(const json::value* value) {
  if (value == nullptr || value->is_null()) return std::nullopt;
  return cut_text(value->is_string() ? std::string(value->get_string()) : json::serialize(*value));
}

using ContextNames = std::array<std::string_view, 2>;
constexpr ContextNames kContextUser{"user_id", "user"}, kContextProject{"project_id", "tenant_id"};

std::optional<std::string> or_context(std::optional<std::string> own, const Notification& notification,
                                      const ContextNames& names) {
  if (own && !own->empty()) return own;
  for (const std::string_view one : names)
    if (const auto text = notification.context(one); !text.empty()) return std::string(text);
  return own;
}

}  // namespace

Result<std::unique_ptr<const MeterDefinition>> MeterDefinition::compile(const json::object& spec) {
  auto made = std::make_unique<MeterDefinition>();
  std::vector<std::string_view> known(kAttributes.begin(), kAttributes.end());
  known.insert(known.end(), {"event_type", "metadata", "user_metadata", "lookup", "multi"});
  SENT_TRY(only_fields(spec, known));
  for (std::size_t i = 0; i < kAttributes.size(); ++i) {
    const auto* value = spec.if_contains(kAttributes[i]);
    if (value == nullptr || value->is_null()) {
      if (i <= kResource) return fail_field(Errc::kInvalid, kAttributes[i], "is missing");
      continue;
    }
    auto source = ValueSource::compile(*value, ValueSource::PlainText::literal);
    if (!source) return fail_field(Errc::kInvalid, kAttributes[i], "{}", source.error().message);
    made->sources_[i] = *std::move(source);
  }
  if (!spec.at("name").is_string()) return fail_field(Errc::kInvalid, "name", "must be a text");
  made->name_ = std::string(spec.at("name").get_string());
  SENT_TRY_ASSIGN(made->event_types_, compile_event_types(spec.if_contains("event_type")));
  if (const auto* lookup = spec.if_contains("lookup"); lookup != nullptr && !lookup->is_null()) {
    const json::array words = lookup->is_array() ? lookup->get_array() : json::array{*lookup};
    for (const json::value& word : words) {
      const auto at =
          std::ranges::find(kAttributes, word.is_string() ? std::string_view(word.get_string()) : "");
      if (at == kAttributes.end()) return fail_field(Errc::kInvalid, "lookup", "names what is no attribute");
      made->looked_up_[static_cast<std::size_t>(at - kAttributes.begin())] = true;
    }
    made->lookup_ = !words.empty();
  }
  if (made->lookup_ && !made->looked_up_[kName]) made->looked_up_[kName] = made->name_.starts_with('$');
  if (!made->looked_up_[kType] && !parse_meter_type(text_alone(&spec.at("type"))))
    return fail_field(Errc::kInvalid, "type", "must be gauge, delta or cumulative");
  if (const auto* metadata = spec.if_contains("metadata"); metadata != nullptr && metadata->is_object()) {
    made->metadata_.emplace();
    for (const auto& [key, path] : metadata->get_object()) {
      auto source = ValueSource::compile(path, ValueSource::PlainText::literal);
      if (!source) return fail_field(Errc::kInvalid, "metadata", "{}", source.error().message);
      made->metadata_->emplace_back(std::string(std::string_view(key)), *std::move(source));
    }
  }
  if (const auto* user = spec.if_contains("user_metadata"); user != nullptr && !user->is_null()) {
    SENT_TRY_ASSIGN(made->user_metadata_, ValueSource::compile(*user, ValueSource::PlainText::path));
  }
  std::string written;
  for (const char* name : {"metadata", "user_metadata"})
    if (const auto* value = spec.if_contains(name)) written += name + json::serialize(*value);
  made->metadata_key_ = hash64(written);
  return made;
}

bool MeterDefinition::matches(std::string_view event_type) const {
  return std::ranges::any_of(event_types_, [&](const TypePattern& one) { return one.matches(event_type); });
}

/// Of a name that is in the message nothing is known before.
bool MeterDefinition::may_want(const WantsMetadata& wants_metadata) const {
  const auto* name = sources_[kName]->literal();
  return name == nullptr || wants_metadata(text_of(name).value_or(""));
}

void MeterDefinition::plan_reading(const WantsMetadata& wants_metadata, ReadPlan& plan) const {
  for (const auto& source : sources_)
    if (source) source->plan_reading(plan);
  for (const ContextNames& names : {kContextUser, kContextProject})
    for (const std::string_view name : names) plan.add({"ctxt", name});
  if (!may_want(wants_metadata)) return;
  if (metadata_) {
    for (const auto& [key, source] : *metadata_) source.plan_reading(plan);
  } else {
    plan.add({"payload"});
  }
  if (user_metadata_) user_metadata_->plan_reading(plan);
}

void MeterDefinition::make(const Notification& notification, const WantsMetadata& wants_metadata,
                           MadeSamples& out) const {
  Row row{};
  if (!lookup_) {
    Found found;
    for (std::size_t i = 0; i < row.size(); ++i)
      if (sources_[i]) row[i] = sources_[i]->first(notification.source(), found);
    if (row[kVolume] == nullptr) return;
    return make_one(notification, row, wants_metadata, out);
  }
  std::array<Found, 8> found;
  for (std::size_t i = 0; i < row.size(); ++i)
    if (sources_[i]) sources_[i]->find(notification.source(), found[i]);
  const std::size_t count = found[kName].size();
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!looked_up_[i] || found[i].size() == count) continue;
    out.skipped.push_back(
        fmt::format("{}: {} values of {}, but {} names", name_, found[i].size(), kAttributes[i], count));
    return;
  }
  for (std::size_t n = 0; n < count; ++n) {
    for (std::size_t i = 0; i < row.size(); ++i)
      row[i] = found[i].empty() ? nullptr : &found[i][looked_up_[i] ? n : 0];
    make_one(notification, row, wants_metadata, out);
  }
}

void MeterDefinition::make_one(const Notification& notification, const Row& row,
                               const WantsMetadata& wants_metadata, MadeSamples& out) const {
  const auto skip = [&](std::string_view why) { out.skipped.push_back(fmt::format("{}: {}", name_, why)); };
  MeterSample sample;
  sample.from_notification = true;
  sample.event_type = notification.event_type;
  sample.name = text_of(row[kName]).value_or("");
  if (sample.name.empty()) return skip("its name is nowhere in the message");
  const auto type = parse_meter_type(text_alone(row[kType]));
  if (!type) return skip("its type is neither gauge, delta nor cumulative");
  sample.type = *type;
  sample.unit = text_of(row[kUnit]).value_or("");
  if (row[kVolume] == nullptr || !row[kVolume]->is_number()) return skip("its volume is not a number");
  sample.volume = row[kVolume]->to_number<double>();
  if (!std::isfinite(sample.volume)) return skip("its volume is not a finite number");
  sample.resource_id = text_of(row[kResource]).value_or("");
  if (sample.resource_id.empty()) return skip("its resource is nowhere in the message");
  sample.user_id = or_context(text_of(row[kUser]), notification, kContextUser);
  sample.project_id = or_context(text_of(row[kProject]), notification, kContextProject);
  sample.timestamp = notification.generated;
  if (const auto at = parse_datetime(text_alone(row[kTimestamp]))) sample.timestamp = *at;
  if (wants_metadata(sample.name)) sample.metadata = metadata(notification, out);
  out.samples.push_back(std::move(sample));
}

Metadata MeterDefinition::metadata(const Notification& notification, MadeSamples& out) const {
  for (const auto& [key, made] : out.metadata)
    if (key == metadata_key_) return made;
  return out.metadata.emplace_back(metadata_key_, make_metadata(notification)).second;
}

Metadata MeterDefinition::make_metadata(const Notification& notification) const {
  auto out = std::make_shared<json::object>();
  if (metadata_) {
    for (const auto& [key, source] : *metadata_) {
      Found found;
      const auto* value = source.first(notification.source(), found);
      const bool empty = value != nullptr && value->is_string() && value->get_string().empty();
      if (value != nullptr && !empty) (*out)[key] = *value;
    }
  } else {
    if (const auto* payload = notification.payload().if_object())
      for (const auto& member : *payload) out->emplace(member.key(), member.value());
    (*out)["event_type"] = notification.event_type;
    (*out)["host"] = notification.publisher_id;
  }
  add_user_metadata(notification, *out);
  return out;
}

void MeterDefinition::add_user_metadata(const Notification& notification, json::object& out) const {
  if (!user_metadata_) return;
  Found found;
  const auto* given = user_metadata_->first(notification.source(), found);
  if (given == nullptr || !given->is_object()) return;
  json::object user;
  for (const auto& [key, value] : given->get_object()) {
    const std::string_view name(key);
    if (!name.starts_with(kMetering)) continue;
    std::string short_name(name.substr(kMetering.size()));
    std::ranges::replace(short_name, '.', '_');
    user[short_name] = cut_text(value.is_string() ? std::string(value.get_string()) : json::serialize(value),
                                kMaxUserMetadata);
  }
  if (!user.empty()) out["user_metadata"] = std::move(user);
}

}  // namespace sentinella::telemetry
