#include "agent/collect/units.h"

#include <algorithm>
#include <map>
#include <set>

#include "agent/discover/catalogue.h"
#include "agent/process/child_process.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxUnits = 200;

using Properties = std::map<std::string_view, std::string_view>;

void write_unit(const Properties& unit, std::set<std::string_view>& seen, SampleWriter& out) {
  const auto value = [&](std::string_view name) {
    const auto found = unit.find(name);
    return found == unit.end() ? std::string_view() : found->second;
  };
  const std::string_view id = value("Id");
  if (id.empty() || value("LoadState") != "loaded" || !seen.insert(id).second) return;
  const std::string_view state = value("ActiveState");
  out.add(metric("unit_active"), state == "active" || state == "reloading" ? 1 : 0, "unit", id);
  out.add(metric("unit_failed"), state == "failed" || value("Result") == "start-limit-hit" ? 1 : 0, "unit",
          id);
  out.add(metric("unit_restarts_total"), parse_double(value("NRestarts")), {{"unit", id}});
  const std::string_view file = value("UnitFileState");
  // "static", "generated" and the like are started by others; nobody enables them.
  if (file == "enabled" || file == "disabled" || file == "masked")
    out.add(metric("unit_enabled"), file == "enabled" ? 1 : 0, "unit", id);
}

}  // namespace

void write_units(std::string_view text, SampleWriter& out) {
  std::set<std::string_view> seen;
  Properties unit;
  for (std::string_view line : split(text, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos) {
      unit[line.substr(0, equals)] = trim(line.substr(equals + 1));
      continue;
    }
    write_unit(unit, seen, out);
    unit.clear();
  }
  write_unit(unit, seen, out);
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
  ChildOptions options;
  options.arguments = {"systemctl", "show", "--no-pager",
                       "--property=Id,LoadState,ActiveState,Result,NRestarts,UnitFileState", "--"};
  options.arguments.insert(options.arguments.end(), units_.begin(), units_.end());
  options.timeout = kLimit;
  SENT_TRY_ASSIGN(const ChildResult result, run_child(options));
  if (result.exit_code != 0)
    return fail(Errc::kUnavailable, "systemctl show ended with {}: {}", result.exit_code,
                trim(result.errors));
  write_units(result.output, out);
  return {};
}

}  // namespace sentinella::agent
