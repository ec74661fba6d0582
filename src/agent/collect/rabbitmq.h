// RabbitMQ's figures, by its management API (the HTTP API's own reference, /api/index.html of the management
// plug-in).
#pragma once

#include "agent/collect/source.h"
#include "agent/config/config.h"
#include "net/http_client.h"

namespace sentinella::agent {

class RabbitmqSource final : public Source {
 public:
  /// `config.url`: http://host:15672. The account needs the tag "monitoring".
  explicit RabbitmqSource(const SourceConfig& config);
  std::string_view kind() const override { return "rabbitmq"; }
  std::string instance() const override;
  Duration every() const override { return std::chrono::seconds(10); }
  bool local() const override { return is_this_machine(config_.url); }
  Result<void> collect(SampleWriter& out) override;

 private:
  Result<std::string> get(std::string_view path);
  SourceConfig config_;
  net::HttpClient client_;
};

/// The answers of /api/overview, /api/nodes, /api/queues (a page of it). kCorrupt, kInvalid: not such a
/// document.
Result<void> write_rabbitmq_overview(std::string_view json, std::string_view instance, SampleWriter& out);
Result<void> write_rabbitmq_nodes(std::string_view json, std::string_view instance, SampleWriter& out);
Result<void> write_rabbitmq_queues(std::string_view json, std::string_view instance, SampleWriter& out);

/// The name under which a queue is counted. Queues of one process's life (reply_*, *_fanout_*, amq.gen-*)
/// come and go by the thousand; each such kind is one.
std::string queue_family(std::string_view queue);

}  // namespace sentinella::agent
