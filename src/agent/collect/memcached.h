// memcached's figures, by its command "stats" (protocol.txt of memcached).
#pragma once

#include "agent/collect/source.h"
#include "agent/config/config.h"

namespace sentinella::agent {

class MemcachedSource final : public Source {
 public:
  explicit MemcachedSource(const SourceConfig& config);
  std::string_view kind() const override { return "memcached"; }
  std::string instance() const override { return address_; }
  Duration every() const override { return std::chrono::seconds(10); }
  bool local() const override { return is_this_machine(address_); }
  Result<void> collect(SampleWriter& out) override;

 private:
  std::string address_;
};

/// Lines "STAT name value" up to END. kCorrupt when there is no END.
Result<void> write_memcached(std::string_view stats, std::string_view instance, SampleWriter& out);

}  // namespace sentinella::agent
