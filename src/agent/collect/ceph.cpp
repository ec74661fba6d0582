#include "agent/collect/ceph.h"

#include <algorithm>

#include "agent/collect/json_fields.h"
#include "base/child_process.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxCephPools = 1000;
constexpr std::size_t kMaxChecks = 50;
constexpr Duration kCommandLimit = 15s;  // the command is a Python program

const json::value& part(const json::value& value, std::string_view name) {
  static const json::value kNothing;
  const auto* found = field_of(value, name);
  return found ? *found : kNothing;
}

/// 0, 1 or 2, as the cluster's own exporter writes it.
std::optional<double> health_number(std::string_view text) {
  if (text == "HEALTH_OK") return 0;
  if (text == "HEALTH_WARN") return 1;
  if (text == "HEALTH_ERR") return 2;
  return std::nullopt;
}

void write_health(const json::value& health, SampleWriter& out) {
  out.add(metric("ceph_health_status"), health_number(text_in(health, "status")), {});
  const json::value& checks = part(health, "checks");
  if (!checks.is_object()) return;
  std::size_t written = 0;
  for (const auto& item : checks.get_object()) {
    if (++written > kMaxChecks) return;
    out.add(metric("ceph_health_detail"), 1,
            {{"name", std::string_view(item.key())}, {"severity", text_in(item.value(), "severity")}});
  }
}

void write_groups(const json::value& pgmap, SampleWriter& out) {
  out.add(metric("ceph_pg_total"), number_in(pgmap, "num_pgs"), {});
  out.add(metric("ceph_cluster_total_bytes"), number_in(pgmap, "bytes_total"), {});
  out.add(metric("ceph_cluster_total_used_bytes"), number_in(pgmap, "bytes_used"), {});
  out.add(metric("ceph_objects_degraded"), number_in(pgmap, "degraded_objects").value_or(0));
  out.add(metric("ceph_objects_misplaced"), number_in(pgmap, "misplaced_objects").value_or(0));
  out.add(metric("ceph_objects_unfound"), number_in(pgmap, "unfound_objects").value_or(0));
  out.add(metric("ceph_client_read_bytes_per_second"), number_in(pgmap, "read_bytes_sec").value_or(0));
  out.add(metric("ceph_client_write_bytes_per_second"), number_in(pgmap, "write_bytes_sec").value_or(0));
  out.add(metric("ceph_recovery_bytes_per_second"), number_in(pgmap, "recovering_bytes_per_sec").value_or(0));
  // A group is in several states at once: "active+undersized+degraded".
  double active = 0, clean = 0, down = 0;
  for (const json::value& state : list_in(pgmap, "pgs_by_state")) {
    const std::string name = text_in(state, "state_name");
    const double count = number_in(state, "count").value_or(0);
    const auto parts = split(name, '+');
    const auto is = [&](std::string_view wanted) { return std::ranges::find(parts, wanted) != parts.end(); };
    if (is("active")) active += count;
    if (is("active") && is("clean")) clean += count;
    if (is("down") || is("incomplete")) down += count;
  }
  out.add(metric("ceph_pg_active"), active);
  out.add(metric("ceph_pg_clean"), clean);
  out.add(metric("ceph_pg_down"), down);
}

}  // namespace

Result<void> write_ceph_status(std::string_view text, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(text));
  const json::value& health = part(root, "health");
  if (!health.is_object()) return fail(Errc::kCorrupt, "the answer of ceph status has no object \"health\"");
  write_health(health, out);
  const json::array& quorum = list_in(root, "quorum_names");
  out.add(metric("ceph_mon_quorum_count"), static_cast<double>(quorum.size()));
  // Since release 15 a summary; before, the whole map.
  const json::value& monmap = part(root, "monmap");
  const json::array& monitors = list_in(monmap, "mons");
  out.add(metric("ceph_mon_count"),
          number_in(monmap, "num_mons").value_or(static_cast<double>(monitors.size())));
  const json::value& osdmap =
      field_of(part(root, "osdmap"), "osdmap") ? part(part(root, "osdmap"), "osdmap") : part(root, "osdmap");
  out.add(metric("ceph_osd_count"), number_in(osdmap, "num_osds"), {});
  out.add(metric("ceph_osd_up_count"), number_in(osdmap, "num_up_osds"), {});
  out.add(metric("ceph_osd_in_count"), number_in(osdmap, "num_in_osds"), {});
  if (const auto available = flag_in(part(root, "mgrmap"), "available"))
    out.add(metric("ceph_mgr_available"), *available);
  write_groups(part(root, "pgmap"), out);
  return {};
}

Result<void> write_ceph_df(std::string_view text, SampleWriter& out) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(text));
  const auto* pools = field_of(root, "pools");
  if (!pools || !pools->is_array())
    return fail(Errc::kCorrupt, "the answer of ceph df has no list \"pools\"");
  for (std::size_t i = 0; i < std::min(pools->get_array().size(), kMaxCephPools); ++i) {
    const json::value& pool = pools->get_array()[i];
    const std::string name = text_in(pool, "name");
    const json::value& stats = part(pool, "stats");
    const std::initializer_list<SampleWriter::LabelView> labels = {{"name", name}};
    out.add(metric("ceph_pool_stored_bytes"), number_in(stats, "stored"), labels);
    out.add(metric("ceph_pool_used_bytes"), number_in(stats, "bytes_used"), labels);
    out.add(metric("ceph_pool_max_avail_bytes"), number_in(stats, "max_avail"), labels);
    out.add(metric("ceph_pool_percent_used"), number_in(stats, "percent_used"), labels);
    out.add(metric("ceph_pool_objects"), number_in(stats, "objects"), labels);
  }
  return {};
}

CephSource::CephSource(const SourceConfig& config) : config_(config) {}

Result<std::string> CephSource::run(std::string_view command) const {
  ChildOptions options;
  options.arguments = {"ceph", std::string(command), "--format", "json", "--connect-timeout", "10"};
  if (config_.url.starts_with('/'))
    options.arguments.insert(options.arguments.end(), {"--conf", config_.url});
  if (!config_.user.empty()) options.arguments.insert(options.arguments.end(), {"--name", config_.user});
  options.timeout = kCommandLimit;
  SENT_TRY_ASSIGN(ChildResult result, run_child(options));
  if (result.exit_code != 0)
    return fail(Errc::kUnavailable, "ceph {} ended with {}: {}", command, result.exit_code,
                trim(result.errors));
  return std::move(result.output);
}

Result<void> CephSource::collect(SampleWriter& out) {
  const auto status = run("status");
  out.add(metric("ceph_up"), status ? 1 : 0);
  if (!status) return std::unexpected(status.error());
  SENT_TRY(write_ceph_status(*status, out));
  SENT_TRY_ASSIGN(const std::string pools, run("df"));
  return write_ceph_df(pools, out);
}

}  // namespace sentinella::agent
