// A Ceph cluster, by `ceph status` and `ceph df` as JSON: health, monitors, OSDs, placement groups, capacity
// and how fast it fills. A child process of some weight, so once a minute, and on one node of the cloud.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/collect/source.h"
#include "agent/config/config.h"

namespace sentinella::agent {

class CephSource final : public Source {
 public:
  /// `config.url`: "ceph://" (the default cluster) or the path of a ceph.conf; `config.user`: "client.NAME",
  /// which needs the capability mon "allow r" and its keyring where `ceph` looks for it.
  explicit CephSource(const SourceConfig& config);
  std::string_view kind() const override { return "ceph"; }
  std::string instance() const override { return config_.url; }
  Duration every() const override { return std::chrono::seconds(60); }
  bool local() const override { return true; }
  Result<void> collect(SampleWriter& out) override;

 private:
  Result<std::string> run(std::string_view command) const;

  SourceConfig config_;
};

/// Of `ceph status --format json`, releases 14 (Nautilus) and later. kCorrupt: not that.
Result<void> write_ceph_status(std::string_view json, SampleWriter& out);
/// Of `ceph df --format json`.
Result<void> write_ceph_df(std::string_view json, SampleWriter& out);

}  // namespace sentinella::agent
