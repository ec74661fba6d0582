#include "telemetry/store_records.h"

#include <algorithm>

#include "codec/metric_name.h"
#include "telemetry/cut_text.h"

namespace sentinella::telemetry {
namespace {

constexpr std::size_t kMaxSummary = 500;

std::string host_of_publisher(std::string_view publisher_id) {
  const std::size_t at = publisher_id.find_first_of(".:");
  return at == std::string_view::npos ? std::string() : std::string(publisher_id.substr(at + 1));
}

void add(std::vector<Label>& labels, std::string_view name, std::string_view value) {
  if (!value.empty()) labels.push_back({std::string(name), std::string(value)});
}

/// What an ended act on an instance is called; "" = it is told by its type.
std::string_view verb_of(std::string_view type) {
  static constexpr std::pair<std::string_view, std::string_view> kVerbs[] = {
      {"create.end", "was created"},           {"delete.end", "was deleted"},
      {"finish_resize.end", "was resized"},    {"resize_finish.end", "was resized"},
      {"rebuild.end", "was rebuilt"},          {"evacuate.end", "was evacuated"},
      {"power_off.end", "was powered off"},    {"power_on.end", "was powered on"},
      {"reboot.end", "was rebooted"},          {"pause.end", "was paused"},
      {"unpause.end", "was unpaused"},         {"suspend.end", "was suspended"},
      {"resume.end", "was resumed"},           {"shelve.end", "was shelved"},
      {"unshelve.end", "was unshelved"},       {"rescue.end", "was put into rescue"},
      {"unrescue.end", "left rescue"},         {"shutdown.end", "was shut down"},
      {"create.error", "could not be created"}};
  for (const auto& [suffix, verb] : kVerbs)
    if (type.ends_with(suffix)) return verb;
  return "";
}

std::string instance_sentence(const Event& event, std::string_view name) {
  const std::string_view host = trait(event, "host");
  if (event.type.ends_with("live_migration.post.dest.end") ||
      event.type.ends_with("live_migration_post_dest.end"))
    return fmt::format("instance {} moved to {} (live migration)", name, host);
  const std::string_view verb = verb_of(event.type);
  if (verb.empty()) return {};
  std::string text = fmt::format("instance {} {}", name, verb);
  const std::string_view flavor = trait(event, "flavor_name");
  if (verb == "was resized" && !flavor.empty()) text += fmt::format(" to {}", flavor);
  if (!host.empty() && !event.type.ends_with("delete.end")) text += fmt::format(" on {}", host);
  return text;
}

}  // namespace

bool is_own_store(std::string_view publisher) {
  const std::string_view here = publisher.substr(0, publisher.find('?'));
  return here == "sentinella://" || here == "gnocchi://" || here == "notifier://" || here == "panko://" ||
         here == "database://" || here == "direct://" || here == "dispatcher://";
}

SeriesSamples series_of(const MeterSample& sample) {
  std::vector<Label> labels;
  labels.reserve(6);
  std::string name = "ceilometer_";
  codec::append_metric_name(sample.name, name);
  labels.push_back({std::string(kMetricName), std::move(name)});
  add(labels, "meter", sample.name);
  add(labels, "project_id", sample.project_id.value_or(""));
  add(labels, "resource_id", sample.resource_id);
  add(labels, "unit", sample.unit);
  add(labels, "user_id", sample.user_id.value_or(""));
  SeriesSamples out;
  out.labels = Labels(std::move(labels));
  out.kind = sample.type == MeterType::cumulative ? SeriesKind::counter : SeriesKind::gauge;
  out.samples.push_back({sample.timestamp, sample.volume});
  return out;
}

std::string service_of_publisher(std::string_view publisher_id) {
  static constexpr std::pair<std::string_view, std::string_view> kServices[] = {
      {"compute", "nova-compute"},
      {"scheduler", "nova-scheduler"},
      {"conductor", "nova-conductor"},
      {"compute_task", "nova-conductor"},
      {"api", "nova-api"},
      {"image", "glance-api"},
      {"identity", "keystone"},
      {"network", "neutron-server"},
      {"l3", "neutron-l3-agent"},
      {"volume", "cinder-volume"},
      {"snapshot", "cinder-volume"},
      {"backup", "cinder-backup"},
      {"orchestration", "heat-engine"},
      {"ceilometer", "ceilometer-polling"}};
  const std::string_view name = publisher_id.substr(0, publisher_id.find_first_of(".:"));
  for (const auto& [publisher, service] : kServices)
    if (name == publisher) return std::string(service);
  return std::string(name);
}

void place(Event& event, const Notification& notification) {
  event.service = service_of_publisher(notification.publisher_id);
  event.origin = kOrigin;
  event.host = trait(event, "host");
  if (event.host.empty()) event.host = host_of_publisher(notification.publisher_id);
  event.summary = summary_of(event);
}

std::string summary_of(const Event& event) {
  std::string_view name = trait(event, "display_name");
  if (name.empty()) name = trait(event, "name");
  if (name.empty()) name = trait(event, "resource_id");
  const std::string_view kind = trait(event, "resource_type");
  std::string text;
  if (kind == "instance") text = instance_sentence(event, name);
  if (text.empty()) text = event.type;
  if (text == event.type && !name.empty())
    text += fmt::format(" of {}{}{}", kind, kind.empty() ? "" : " ", name);
  const std::string_view exception = trait(event, "exception");
  if (!exception.empty()) text += fmt::format(": {}", exception);
  std::string_view reason = trait(event, "reason");
  reason = reason.substr(0, reason.find('\n'));
  if (!reason.empty()) text += fmt::format(": {}", reason);
  return cut_text(std::move(text), kMaxSummary);
}

}  // namespace sentinella::telemetry
