// PostgreSQL's figures: connections against the limit, transactions, cache, locks, replication.
#pragma once

#include "agent/collect/postgres_protocol.h"
#include "agent/collect/source.h"
#include "agent/config/config.h"

namespace sentinella::agent {

class PostgresSource final : public Source {
 public:
  /// `config.url`: postgresql://host:port[/database], or the socket's path. The account needs pg_monitor.
  explicit PostgresSource(const SourceConfig& config);
  std::string_view kind() const override { return "postgresql"; }
  std::string instance() const override { return address_; }
  Duration every() const override { return std::chrono::seconds(30); }
  bool local() const override { return is_this_machine(address_); }
  Result<void> collect(SampleWriter& out) override;

 private:
  Result<DatabaseRows> ask() const;

  SourceConfig config_;
  std::string address_;
  std::string database_ = "postgres";
};

/// Rows of four columns: figure, database, second label, value; what is not known is left out.
void write_postgres(const std::vector<DatabaseRow>& rows, std::string_view instance, SampleWriter& out);

}  // namespace sentinella::agent
