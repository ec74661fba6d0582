#include "agent/collect/openstack_capacity.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "agent/collect/json_fields.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxPools = 5000;

Result<std::vector<NamedId>> read_named(std::string_view text, std::string_view list, std::string_view id,
                                        std::size_t max) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(text));
  const auto* rows = field_of(root, list);
  if (!rows || !rows->is_array()) return fail(Errc::kCorrupt, "the answer has no list \"{}\"", list);
  std::vector<NamedId> found;
  for (const json::value& row : rows->get_array()) {
    NamedId one{text_in(row, id), text_in(row, "name")};
    // It becomes a part of a URL.
    const bool plain = std::ranges::all_of(one.id, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
             c == '_';
    });
    if (one.id.empty() || !plain || flag_in(row, "enabled").value_or(1) == 0) continue;
    if (found.size() == max) break;
    found.push_back(std::move(one));
  }
  return found;
}

/// The object below `name`; kCorrupt: there is none.
Result<json::object> object_of(std::string_view text, std::string_view name) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(text));
  const auto* object = field_of(root, name);
  if (!object || !object->is_object()) return fail(Errc::kCorrupt, "the answer has no object \"{}\"", name);
  return object->get_object();
}

/// Some drivers write numbers as text, or "infinite" and "unknown", which are none.
std::optional<double> lenient_number(const json::value& value, std::string_view name) {
  if (const auto number = number_in(value, name)) return number;
  const auto number = parse_double(text_in(value, name));
  return number && std::isfinite(*number) ? number : std::nullopt;
}

}  // namespace

Result<std::vector<NamedId>> read_projects(std::string_view text, std::size_t max) {
  return read_named(text, "projects", "id", max);
}

Result<std::vector<NamedId>> read_providers(std::string_view text, std::size_t max) {
  return read_named(text, "resource_providers", "uuid", max);
}

Result<void> write_quota(std::string_view text, std::string_view api, const NamedId& project,
                         std::string_view instance, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::object quota, object_of(text, api == "network" ? "quota" : "quota_set"));
  for (const auto& item : quota) {
    if (!item.value().is_object()) continue;
    const std::initializer_list<SampleWriter::LabelView> labels = {
        {"instance", instance},
        {"api", api},
        {"project", project.name},
        {"project_id", project.id},
        {"resource", std::string_view(item.key())}};
    const auto limit = number_in(item.value(), "limit");
    if (limit && *limit >= 0) out.add(metric("openstack_quota_limit"), *limit, labels);
    const auto used = number_in(item.value(), "in_use");
    out.add(metric("openstack_quota_used"), used ? used : number_in(item.value(), "used"), labels);
  }
  return {};
}

Result<void> write_inventories(std::string_view text, const NamedId& provider, std::string_view instance,
                               SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::object inventories, object_of(text, "inventories"));
  for (const auto& item : inventories) {
    const std::initializer_list<SampleWriter::LabelView> labels = {
        {"instance", instance}, {"hostname", provider.name}, {"resourcetype", std::string_view(item.key())}};
    out.add(metric("openstack_placement_resource_total"), number_in(item.value(), "total"), labels);
    out.add(metric("openstack_placement_resource_reserved"), number_in(item.value(), "reserved"), labels);
    out.add(metric("openstack_placement_resource_allocation_ratio"),
            number_in(item.value(), "allocation_ratio"), labels);
  }
  return {};
}

Result<void> write_usages(std::string_view text, const NamedId& provider, std::string_view instance,
                          SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::object usages, object_of(text, "usages"));
  for (const auto& item : usages)
    if (item.value().is_number())
      out.add(metric("openstack_placement_resource_usage"), item.value().to_number<double>(),
              {{"instance", instance},
               {"hostname", provider.name},
               {"resourcetype", std::string_view(item.key())}});
  return {};
}

Result<void> write_cinder_pools(std::string_view text, std::string_view instance, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(text));
  const auto* pools = field_of(root, "pools");
  if (!pools || !pools->is_array()) return fail(Errc::kCorrupt, "the answer has no list \"pools\"");
  std::size_t written = 0;
  for (const json::value& pool : pools->get_array()) {
    const auto* capabilities = field_of(pool, "capabilities");
    if (!capabilities || ++written > kMaxPools) continue;
    const std::string name = text_in(pool, "name"), backend = text_in(*capabilities, "volume_backend_name");
    const std::initializer_list<SampleWriter::LabelView> labels = {
        {"instance", instance}, {"name", name}, {"volume_backend_name", backend}};
    out.add(metric("openstack_cinder_pool_capacity_total_gb"),
            lenient_number(*capabilities, "total_capacity_gb"), labels);
    out.add(metric("openstack_cinder_pool_capacity_free_gb"),
            lenient_number(*capabilities, "free_capacity_gb"), labels);
    out.add(metric("openstack_cinder_pool_capacity_allocated_gb"),
            lenient_number(*capabilities, "allocated_capacity_gb"), labels);
  }
  return {};
}

Result<void> write_glance_images(std::string_view text, std::string_view instance, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(text));
  const auto* images = field_of(root, "images");
  if (!images || !images->is_array()) return fail(Errc::kCorrupt, "the answer has no list \"images\"");
  std::map<std::string, double> by_status = {{"active", 0}};
  double bytes = 0;
  for (const json::value& image : images->get_array()) {
    if (by_status.size() < 32) ++by_status[text_in(image, "status")];
    bytes += number_in(image, "size").value_or(0);
  }
  for (const auto& [status, count] : by_status)
    out.add(metric("openstack_glance_images"), count, {{"instance", instance}, {"status", status}});
  out.add(metric("openstack_glance_image_bytes"), bytes, "instance", instance);
  return {};
}

}  // namespace sentinella::agent
