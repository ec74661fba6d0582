// The systemd units of the watched services: failed, started again and again, not enabled at boot. Asked over
// D-Bus, only where systemd runs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/collect/source.h"
#include "agent/config/config.h"
#include "agent/systemd/unit_bus.h"

namespace sentinella::agent {

class UnitSource final : public Source {
 public:
  UnitSource(const std::vector<ServiceConfig>& services, std::string_view host);
  std::string_view kind() const override { return "systemd"; }
  std::string instance() const override { return "D-Bus"; }
  Duration every() const override { return std::chrono::seconds(10); }
  bool local() const override { return true; }
  Result<void> collect(SampleWriter& out) override;

 private:
  std::vector<std::string> units_;
  UnitBus bus_;
  std::map<std::string, std::string> files_;  ///< states of unit files, by unit, as last asked for
  int rounds_ = 0;
};

/// Units that are not installed are left out; one with two names counts once.
void write_units(const std::vector<UnitState>& units, SampleWriter& out);

}  // namespace sentinella::agent
