#include "agent/collect/rabbitmq.h"

#include <map>

#include "agent/collect/json_fields.h"
#include "agent/collect/sources.h"
#include "base/crypto.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxManagementAnswer = 4 << 20;
constexpr std::size_t kMaxQueues = 300;  // series of one broker
constexpr std::string_view kQueues =
    "/api/queues?page=1&page_size=500&sort=messages&sort_reverse=true&"
    "columns=name,vhost,messages_ready,messages_unacknowledged,consumers";

struct QueueFigures {
  double ready = 0;
  double unacked = 0;
  double consumers = 0;
};

void write_node(const json::value& node, std::string_view instance, double unreachable, SampleWriter& out) {
  const std::string name = text_in(node, "name");
  const std::initializer_list<SampleWriter::LabelView> labels = {{"instance", instance}, {"node", name}};
  const double running = flag_in(node, "running").value_or(0);
  out.add(metric("rabbitmq_node_running"), running, labels);
  if (running == 0) return;
  out.add(metric("rabbitmq_unreachable_cluster_peers_count"), unreachable, labels);
  out.add(metric("rabbitmq_network_partitions"), static_cast<double>(list_in(node, "partitions").size()),
          labels);
  out.add(metric("rabbitmq_alarms_memory_used_watermark"), flag_in(node, "mem_alarm"), labels);
  out.add(metric("rabbitmq_alarms_free_disk_space_watermark"), flag_in(node, "disk_free_alarm"), labels);
  out.add(metric("rabbitmq_process_resident_memory_bytes"), number_in(node, "mem_used"), labels);
  out.add(metric("rabbitmq_resident_memory_limit_bytes"), number_in(node, "mem_limit"), labels);
  out.add(metric("rabbitmq_disk_space_available_bytes"), number_in(node, "disk_free"), labels);
  out.add(metric("rabbitmq_disk_space_available_limit_bytes"), number_in(node, "disk_free_limit"), labels);
  out.add(metric("rabbitmq_process_open_fds"), number_in(node, "fd_used"), labels);
  out.add(metric("rabbitmq_process_max_fds"), number_in(node, "fd_total"), labels);
}

bool all_digits_or_hex(std::string_view text) {
  return text.size() >= 32 && text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

}  // namespace

std::string queue_family(std::string_view queue) {
  if (queue.starts_with("reply_")) return "reply_*";
  if (queue.starts_with("amq.gen-")) return "amq.gen-*";
  const std::size_t fanout = queue.find("_fanout");
  if (fanout != std::string_view::npos) return std::string(queue.substr(0, fanout)) + "_fanout*";
  const std::size_t last = queue.find_last_of("._");
  if (last != std::string_view::npos && all_digits_or_hex(queue.substr(last + 1)))
    return std::string(queue.substr(0, last + 1)) + "*";
  return std::string(queue);
}

Result<void> write_rabbitmq_overview(std::string_view text, std::string_view instance, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(text));
  const json::value none;
  const auto* objects = field_of(root, "object_totals");
  const auto* messages = field_of(root, "queue_totals");
  const auto* statistics = field_of(root, "message_stats");
  if (!objects) return fail(Errc::kCorrupt, "the answer to /api/overview is not RabbitMQ's");
  out.add(metric("rabbitmq_queues"), number_in(*objects, "queues"), {{"instance", instance}});
  out.add(metric("rabbitmq_connections"), number_in(*objects, "connections"), {{"instance", instance}});
  out.add(metric("rabbitmq_channels"), number_in(*objects, "channels"), {{"instance", instance}});
  out.add(metric("rabbitmq_consumers"), number_in(*objects, "consumers"), {{"instance", instance}});
  out.add(metric("rabbitmq_messages_ready"), number_in(messages ? *messages : none, "messages_ready"),
          {{"instance", instance}});
  out.add(metric("rabbitmq_messages_published_total"), number_in(statistics ? *statistics : none, "publish"),
          {{"instance", instance}});
  return {};
}

Result<void> write_rabbitmq_nodes(std::string_view text, std::string_view instance, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(text));
  if (!root.is_array()) return fail(Errc::kCorrupt, "the answer to /api/nodes is not RabbitMQ's");
  double down = 0;
  for (const json::value& node : root.get_array()) down += 1 - flag_in(node, "running").value_or(0);
  for (const json::value& node : root.get_array()) {
    // Members from which it is parted run, and cannot be reached all the same.
    const double unreachable = down + static_cast<double>(list_in(node, "partitions").size());
    write_node(node, instance, unreachable, out);
  }
  return {};
}

Result<void> write_rabbitmq_queues(std::string_view text, std::string_view instance, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(text));
  const auto* page = field_of(root, "items");
  const json::array& items = root.is_array() ? root.get_array() : list_in(root, "items");
  if (!root.is_array() && !page) return fail(Errc::kCorrupt, "the answer to /api/queues is not RabbitMQ's");
  std::map<std::pair<std::string, std::string>, QueueFigures> families;
  for (const json::value& queue : items) {
    const std::pair key{text_in(queue, "vhost"), queue_family(text_in(queue, "name"))};
    if (!families.contains(key) && families.size() == kMaxQueues) continue;
    QueueFigures& figures = families[key];
    figures.ready += number_in(queue, "messages_ready").value_or(0);
    figures.unacked += number_in(queue, "messages_unacknowledged").value_or(0);
    figures.consumers += number_in(queue, "consumers").value_or(0);
  }
  for (const auto& [key, figures] : families) {
    const std::initializer_list<SampleWriter::LabelView> labels = {
        {"instance", instance}, {"vhost", key.first}, {"queue", key.second}};
    out.add(metric("rabbitmq_queue_messages_ready"), figures.ready, labels);
    out.add(metric("rabbitmq_queue_messages_unacked"), figures.unacked, labels);
    out.add(metric("rabbitmq_queue_consumers"), figures.consumers, labels);
  }
  return {};
}

RabbitmqSource::RabbitmqSource(const SourceConfig& config)
    : config_(config), client_({.ca_file = config.ca_file, .verify = config.verify}) {
  while (config_.url.ends_with('/')) config_.url.pop_back();
}

std::string RabbitmqSource::instance() const {
  return config_.url.substr(config_.url.find("://") + 3);
}

Result<std::string> RabbitmqSource::get(std::string_view path) {
  SENT_TRY_ASSIGN(const std::string password, password_of(config_));
  net::ClientRequest request;
  request.url = config_.url + std::string(path);
  request.timeout = kLimit;
  request.max_response_bytes = kMaxManagementAnswer;
  request.headers.set("Authorization", "Basic " + to_base64(config_.user + ":" + password));
  SENT_TRY_ASSIGN(net::Response response, client_.send(request));
  if (response.status == 401)
    return fail(Errc::kUnauthorized,
                "user {} is refused; it needs the tag monitoring: rabbitmqctl set_user_tags {} monitoring",
                config_.user, config_.user);
  if (response.status != 200)
    return fail(Errc::kUnavailable, "{} answers {}", path.substr(0, path.find('?')), response.status);
  return std::move(response.body);
}

Result<void> RabbitmqSource::collect(SampleWriter& out) {
  const std::string name = instance();
  SENT_TRY_ASSIGN(const std::string overview, get("/api/overview"));
  SENT_TRY(write_rabbitmq_overview(overview, name, out));
  SENT_TRY_ASSIGN(const std::string nodes, get("/api/nodes"));
  SENT_TRY(write_rabbitmq_nodes(nodes, name, out));
  SENT_TRY_ASSIGN(const std::string queues, get(kQueues));
  return write_rabbitmq_queues(queues, name, out);
}

}  // namespace sentinella::agent
