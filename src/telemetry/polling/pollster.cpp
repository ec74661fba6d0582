#include "telemetry/polling/pollster.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "net/http.h"
#include "telemetry/polling/extra_metadata.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

std::optional<std::string> text_by(const std::optional<JsonPath>& path, const json::value& entry) {
  if (!path) return std::nullopt;
  Found found;
  const auto* value = path->first(entry, found);
  if (value == nullptr) return std::nullopt;
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

std::string key_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

/// The list that `path` finds; without one the answer itself, or its first list.
const json::array* entries_of(const json::value& answer, const std::optional<JsonPath>& path) {
  if (answer.is_array()) return &answer.get_array();
  const auto* object = answer.if_object();
  if (object == nullptr) return nullptr;
  if (path) {
    Found found;
    const auto* list = path->first(answer, found);
    return list == nullptr ? nullptr : list->if_array();
  }
  for (const auto& member : *object)
    if (member.value().is_array()) return &member.value().get_array();
  return nullptr;
}

/// What an answer about one thing tells: the member that `path` finds, or its first one, or a list's
/// elements.
std::vector<const json::value*> things_of(const json::value& answer, const std::optional<JsonPath>& path) {
  Found found;
  const json::value* thing = &answer;
  if (const auto* object = answer.if_object(); object != nullptr && path)
    thing = path->first(answer, found);
  else if (object != nullptr)
    thing = object->empty() ? nullptr : &object->begin()->value();
  std::vector<const json::value*> out;
  if (thing == nullptr) return out;
  if (!thing->is_array()) return {thing};
  for (const json::value& one : thing->get_array()) out.push_back(&one);
  return out;
}

/// A value within an address: nothing in it may lead elsewhere.
Result<std::string> as_part_of_address(const std::string& value) {
  if (value == "." || value == "..") return fail(Errc::kInvalid, "\"{}\" is no part of an address", value);
  return net::percent_encode(value);
}

/// The metadata of a sample with what `enrich` knows besides.
Metadata enriched(const MeterSample& sample, bool has_value, const json::value& entry,
                  const Pollster::Enrich& enrich) {
  const json::object& known = sample.resource_metadata();
  json::object scope = entry.is_object() ? entry.get_object() : json::object();
  scope["id"] = sample.resource_id;
  if (sample.project_id) scope["project_id"] = *sample.project_id;
  if (sample.user_id) scope["user_id"] = *sample.user_id;
  if (has_value) scope["value"] = sample.volume;
  scope["metadata"] = known;
  auto out = std::make_shared<json::object>(known);
  for (auto& [name, value] : enrich(json::value(std::move(scope))))
    if (!out->contains(name)) out->emplace(name, std::move(value));
  return out;
}

}  // namespace

Pollster::Pollster() : extra_(std::make_shared<const std::vector<ExtraField>>()) {}

Result<PollTarget> Pollster::target(const json::value& scope) const {
  PollTarget made;
  if (command_) {
    SENT_TRY_ASSIGN(made.words, command_->words_for(scope));
  } else {
    SENT_TRY_ASSIGN(made.url, url_path_.filled_from(scope, as_part_of_address));
  }
  return made;
}

std::string Pollster::way_of_asking() const {
  std::string way = fmt::format("{} {} {}", static_cast<int>(asks_as_), reads_json_, reads_text_);
  for (const std::string* part : {&username_, &secret_, &password_file_}) way += '\0' + *part;
  for (const std::string& type : endpoint_types_) way += '\0' + type;
  for (const auto& [name, value] : headers_) way += fmt::format("{}{}: {}", '\0', name, value);
  return way;
}

Result<json::value> Pollster::read(std::string_view body) const {
  if (reads_json_) {
    auto value = parse_json(body);
    if (value) return value;
    if (!reads_text_) return fail(Errc::kCorrupt, "the answer is not JSON");
  }
  return json::value(json::array{json::object{{"out", body}}});
}

std::vector<Pollster::Detail> Pollster::details(const json::value& answer) const {
  std::vector<Detail> out;
  for (const json::value* thing : things_of(answer, entries_)) {
    json::value value;
    Found found;
    if (fixed_value_)
      value = *fixed_value_;
    else if (const auto* there = value_->first(*thing, found))
      value = *there;
    if (is_skipped(value)) continue;
    if (!mapping_.empty()) {
      const auto mapped = mapping_.find(key_of(value));
      value = mapped == mapping_.end() ? default_value_.value_or(-1) : mapped->second;
    }
    out.push_back({std::move(value), metadata_of(*thing)});
  }
  return out;
}

bool Pollster::is_skipped(const json::value& value) const {
  return std::ranges::find(skipped_, value) != skipped_.end();
}

std::optional<double> Pollster::value_of(const json::value& entry) const {
  if (fixed_value_) return fixed_value_;
  Found found;
  const auto* value = value_->first(entry, found);
  return value == nullptr ? default_value_ : number_of(*value);
}

std::optional<double> Pollster::number_of(const json::value& value) const {
  if (is_skipped(value)) return std::nullopt;
  if (const auto mapped = mapping_.find(key_of(value)); mapped != mapping_.end()) return mapped->second;
  if (!mapping_.empty()) return default_value_;
  if (value.is_number()) return value.to_number<double>();
  if (value.is_bool()) return value.get_bool() ? 1 : 0;
  const auto number = value.is_string() ? parse_double(std::string_view(value.get_string())) : std::nullopt;
  return number ? number : default_value_;
}

Metadata Pollster::metadata_of(const json::value& entry) const {
  auto out = std::make_shared<json::object>();
  for (const auto& [field, path] : metadata_) {
    Found found;
    const auto* value = path.first(entry, found);
    if (value == nullptr) continue;
    const auto renamed = renamed_.find(field);
    if (renamed != renamed_.end()) (*out)[renamed->second] = *value;
    if (renamed == renamed_.end() || keep_renamed_) (*out)[field] = *value;
  }
  return out;
}

MeterSample Pollster::sample_of(double value, std::string resource, Time now) const {
  MeterSample sample;
  sample.name = name_;
  sample.type = type_;
  sample.unit = unit_;
  sample.volume = value;
  sample.resource_id = std::move(resource);
  sample.timestamp = now;
  return sample;
}

/// One of all entries for the project, or one of each resource that is met.
void Pollster::add_folded(const json::array& entries, Time now, const std::string& project,
                          Samples& out) const {
  const auto sample_for = [&](const std::string& resource) -> MeterSample& {
    MeterSample& made = out.emplace_back(sample_of(0, resource, now));
    if (!project.empty()) made.project_id = project;
    return made;
  };
  std::map<std::string, std::size_t> places;
  if (!fold_by_) sample_for(project);
  for (const json::value& entry : entries) {
    std::size_t place = 0;
    if (fold_by_) {
      const auto resource = text_by(fold_by_, entry);
      if (!resource || resource->empty()) continue;
      const auto [at, is_new] = places.try_emplace(*resource, out.size());
      place = at->second;
      if (is_new && project.empty()) sample_for(*resource).project_id = text_by(project_, entry);
      if (is_new && !project.empty()) sample_for(project + "/" + *resource);
    }
    out[place].volume += fold_ == Fold::count ? 1 : value_of(entry).value_or(0);
  }
}

Pollster::Samples Pollster::joined(Samples pages) const {
  if (fold_ == Fold::none) return pages;
  Samples out;
  std::map<std::string, std::size_t> places;
  for (MeterSample& sample : pages) {
    const auto [at, is_new] = places.try_emplace(sample.resource_id, out.size());
    if (is_new)
      out.push_back(std::move(sample));
    else
      out[at->second].volume += sample.volume;
  }
  return out;
}

/// One sample of each element of the list that the value is.
void Pollster::add_each(const MeterSample& of_entry, const json::value& entry, Samples& out) const {
  Found found;
  const auto* list = value_->first(entry, found);
  if (list == nullptr || !list->is_array()) return;
  for (const json::value& element : list->get_array()) {
    const auto* name = element.is_object() ? element.get_object().if_contains(each_name_) : nullptr;
    Found found_value;
    const auto* value = each_value_->first(element, found_value);
    if (name == nullptr || value == nullptr || is_skipped(*name)) continue;
    const auto number = number_of(*value);
    if (!number || !std::isfinite(*number)) continue;
    MeterSample& sample = out.emplace_back(of_entry);
    sample.name.replace(sample.name.rfind('{'), each_name_.size() + 2, key_of(*name));
    sample.volume = *number;
  }
}

void Pollster::add_sample(const json::value& entry, Time now, const std::string& project,
                          const Enrich& enrich, Samples& out) const {
  const auto value = each_value_ ? std::optional(0.0) : value_of(entry);
  const auto resource = text_by(resource_, entry);
  if (!value || !std::isfinite(*value) || !resource || resource->empty()) return;
  MeterSample sample = sample_of(*value, project.empty() ? *resource : project + "/" + *resource, now);
  sample.project_id = project.empty() ? text_by(project_, entry) : project;
  sample.user_id = text_by(user_, entry);
  sample.metadata = metadata_of(entry);
  if (enrich) sample.metadata = enriched(sample, !each_value_, entry, enrich);
  if (each_value_)
    add_each(sample, entry, out);
  else
    out.push_back(std::move(sample));
}

std::vector<MeterSample> Pollster::samples(const json::value& answer, Time now, const std::string& project,
                                           const Enrich& enrich) const {
  Samples out;
  const auto* entries = entries_of(answer, entries_);
  if (entries == nullptr) return out;
  if (fold_ != Fold::none) {
    add_folded(*entries, now, project, out);
    return out;
  }
  for (const json::value& entry : *entries) add_sample(entry, now, project, enrich, out);
  return out;
}

std::string Pollster::next_url(const json::value& answer) const {
  return text_by(next_, answer).value_or("");
}

}  // namespace sentinella::telemetry
