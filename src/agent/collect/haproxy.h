// HAProxy's statistics: "show stat" on its admin socket, or the page ";csv" over HTTP (HAProxy's management
// guide, 9.1).
#pragma once

#include "agent/collect/source.h"
#include "agent/config/config.h"

namespace sentinella::agent {

class HaproxySource final : public Source {
 public:
  /// `config.url`: the socket's path, or the http:// URL of the statistics.
  explicit HaproxySource(const SourceConfig& config) : config_(config) {}
  std::string_view kind() const override { return "haproxy"; }
  std::string instance() const override { return config_.url; }
  Duration every() const override { return std::chrono::seconds(10); }
  bool local() const override { return is_this_machine(config_.url); }
  Result<void> collect(SampleWriter& out) override;

 private:
  Result<std::string> ask() const;
  SourceConfig config_;
};

/// The CSV text, whose first line names the columns. At most 2000 lines count.
Result<void> write_haproxy(std::string_view csv, std::string_view instance, SampleWriter& out);

}  // namespace sentinella::agent
