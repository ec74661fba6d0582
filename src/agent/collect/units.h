// The systemd units of the watched services: failed, started again and again, not enabled at boot. Asked by
// `systemctl show`, which speaks D-Bus so that we need no library for it; only where systemd runs.
#pragma once

#include <string>
#include <vector>

#include "agent/collect/source.h"
#include "agent/config/config.h"

namespace sentinella::agent {

class UnitSource final : public Source {
 public:
  UnitSource(const std::vector<ServiceConfig>& services, std::string_view host);
  std::string_view kind() const override { return "systemd"; }
  std::string instance() const override { return "systemctl"; }
  Duration every() const override { return std::chrono::seconds(30); }
  bool local() const override { return true; }
  Result<void> collect(SampleWriter& out) override;

 private:
  std::vector<std::string> units_;
};

/// What `systemctl show --property=Id,LoadState,ActiveState,Result,NRestarts,UnitFileState UNIT...` prints:
/// blocks of NAME=value with an empty line between. Units that are not installed are left out; one with two
/// names counts once.
void write_units(std::string_view text, SampleWriter& out);

}  // namespace sentinella::agent
