// MariaDB's and Galera's figures, by SHOW GLOBAL STATUS over a connection of our own (mysql_protocol.h): no
// client library is loaded, no program started for it. The account needs no rights at all.
#pragma once

#include <string>
#include <vector>

#include "agent/collect/mysql_protocol.h"
#include "agent/collect/source.h"
#include "agent/config/config.h"

namespace sentinella::agent {

class MariadbSource final : public Source {
 public:
  /// `config.url`: mysql://host:port, or the socket's path.
  explicit MariadbSource(const SourceConfig& config);
  std::string_view kind() const override { return "mariadb"; }
  std::string instance() const override { return address_; }
  Duration every() const override { return std::chrono::seconds(10); }
  bool local() const override { return is_this_machine(address_); }
  Result<void> collect(SampleWriter& out) override;

 private:
  SourceConfig config_;
  std::string address_;
};

/// Names and values of SHOW GLOBAL STATUS and SHOW GLOBAL VARIABLES; what is not known is left out.
void write_mariadb(const std::vector<DatabaseRow>& rows, std::string_view instance, SampleWriter& out);

}  // namespace sentinella::agent
