#include "agent/collect/units.h"

#include <set>

#include "agent/discover/catalogue.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxUnits = 200;
/// Who enables a unit at boot and who does not changes by hand only.
constexpr int kFilesEvery = 30;

void write_unit(const UnitState& unit, SampleWriter& out) {
  out.add(metric("unit_active"), unit.active == "active" || unit.active == "reloading" ? 1 : 0, "unit",
          unit.id);
  out.add(metric("unit_failed"), unit.active == "failed" || unit.result == "start-limit-hit" ? 1 : 0, "unit",
          unit.id);
  out.add(metric("unit_restarting"), unit.sub == "auto-restart" ? 1 : 0, "unit", unit.id);
  if (unit.restarts) out.add(metric("unit_restarts_total"), *unit.restarts, "unit", unit.id);
  // "static", "generated" and the like are started by others; nobody enables them.
  if (unit.file == "enabled" || unit.file == "disabled" || unit.file == "masked")
    out.add(metric("unit_enabled"), unit.file == "enabled" ? 1 : 0, "unit", unit.id);
}

}  // namespace

void write_units(const std::vector<UnitState>& units, SampleWriter& out) {
  std::set<std::string_view> seen;
  for (const UnitState& unit : units)
    if (unit.load == "loaded" && seen.insert(unit.id).second) write_unit(unit, out);
}

UnitSource::UnitSource(const std::vector<ServiceConfig>& services, std::string_view host) {
  const std::string name = host.empty() ? host_name() : std::string(host);
  for (const ServiceConfig& service : services) {
    const KnownService* known = find_known_service(service.name);
    const std::string_view column =
        known && !known->units.empty() ? known->units : std::string_view(service.name);
    for (std::string_view unit : alternatives(column)) {
      std::string full(unit);
      if (const std::size_t at = full.find("HOST"); at != std::string::npos) full.replace(at, 4, name);
      if (!full.starts_with('-') && units_.size() < kMaxUnits)
        units_.push_back(full.ends_with(".target") ? full : full + ".service");
    }
  }
}

Result<void> UnitSource::collect(SampleWriter& out) {
  const bool with_files = rounds_++ % kFilesEvery == 0;
  auto units = bus_.ask(units_, with_files);
  if (!units) {
    rounds_ = 0;
    return std::unexpected(units.error());
  }
  for (UnitState& unit : *units) {
    if (with_files)
      files_[unit.id] = unit.file;
    else
      unit.file = files_[unit.id];
  }
  write_units(*units, out);
  return {};
}

}  // namespace sentinella::agent
