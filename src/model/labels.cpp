#include "model/labels.h"

#include <algorithm>

#include "base/bytes.h"

namespace sentinella {

Labels::Labels(std::vector<Label> labels) {
  const bool ascending =
      std::ranges::adjacent_find(labels, std::ranges::greater_equal(), &Label::name) == labels.end();
  if (ascending && std::ranges::none_of(labels, [](const Label& one) { return one.value.empty(); })) {
    labels_ = std::move(labels);
    return;
  }
  std::ranges::stable_sort(labels, {}, &Label::name);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool last_of_name = i + 1 == labels.size() || labels[i + 1].name != labels[i].name;
    if (last_of_name && !labels[i].value.empty()) labels_.push_back(std::move(labels[i]));
  }
}

Labels Labels::from_sorted(std::vector<Label> labels) {
  Labels made;
  made.labels_ = std::move(labels);
  return made;
}

std::string_view Labels::get(std::string_view name) const {
  const auto at = std::ranges::lower_bound(labels_, name, {}, &Label::name);
  return at != labels_.end() && at->name == name ? std::string_view(at->value) : std::string_view{};
}

void Labels::set(std::string_view name, std::string_view value) {
  const auto at = std::ranges::lower_bound(labels_, name, {}, &Label::name);
  const bool found = at != labels_.end() && at->name == name;
  if (value.empty()) {
    if (found) labels_.erase(at);
  } else if (found) {
    at->value = value;
  } else {
    labels_.insert(at, {std::string(name), std::string(value)});
  }
}

std::string Labels::canonical() const {
  std::string out;
  ByteWriter writer(out);
  for (const Label& label : labels_) writer.text(label.name), writer.text(label.value);
  return out;
}

std::optional<Labels> Labels::from_canonical(std::string_view bytes) {
  Labels labels;
  ByteReader reader(bytes);
  while (reader.ok() && !reader.at_end()) {
    const std::string_view name = reader.text();
    const std::string_view value = reader.text();
    const bool ascending = labels.labels_.empty() || labels.labels_.back().name < name;
    if (!reader.ok() || !ascending || value.empty()) return std::nullopt;
    labels.labels_.push_back({std::string(name), std::string(value)});
  }
  return reader.ok() ? std::optional(std::move(labels)) : std::nullopt;
}

std::string Labels::to_string() const {
  std::string out(get(kMetricName));
  bool first = true;
  for (const Label& label : labels_) {
    if (label.name == kMetricName) continue;
    out += first ? "{" : ",";
    out += label.name + "=\"" + label.value + "\"";
    first = false;
  }
  if (!first) out += '}';
  return out;
}

}  // namespace sentinella
