#include "agent/collect/openvswitch.h"

#include <algorithm>
#include <optional>

#include "agent/collect/json_fields.h"
#include "agent/collect/json_rpc.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::string_view kSwitchDirectory = "/run/openvswitch";
constexpr std::size_t kMaxInterfaces = 4000;

constexpr std::pair<std::string_view, const MetricInfo*> kStatistics[] = {
    {"rx_bytes", &metric("ovs_interface_receive_bytes_total")},
    {"rx_packets", &metric("ovs_interface_receive_packets_total")},
    {"rx_errors", &metric("ovs_interface_receive_errors_total")},
    {"rx_dropped", &metric("ovs_interface_receive_dropped_total")},
    {"tx_bytes", &metric("ovs_interface_transmit_bytes_total")},
    {"tx_packets", &metric("ovs_interface_transmit_packets_total")},
    {"tx_errors", &metric("ovs_interface_transmit_errors_total")},
    {"tx_dropped", &metric("ovs_interface_transmit_dropped_total")},
};

/// The pairs of ["map", [[key, value], ...]].
const json::array& pairs_in(const json::value& row, std::string_view name) {
  static const json::array kNone;
  const auto* field = field_of(row, name);
  if (!field || !field->is_array() || field->get_array().size() != 2) return kNone;
  const json::array& map = field->get_array();
  return map[0].is_string() && map[0].get_string() == "map" && map[1].is_array() ? map[1].get_array() : kNone;
}

void write_interface(const json::value& row, SampleWriter& out) {
  const std::string name = text_in(row, "name"), type = text_in(row, "type");
  if (name.empty()) return;
  const std::initializer_list<SampleWriter::LabelView> labels = {{"interface", name}, {"type", type}};
  const std::string admin = text_in(row, "admin_state"), link = text_in(row, "link_state");
  // What is absent is an empty set in OVSDB, and no text.
  if (!admin.empty()) out.add(metric("ovs_interface_admin_up"), admin == "up" ? 1 : 0, labels);
  if (!link.empty()) out.add(metric("ovs_interface_link_up"), link == "up" ? 1 : 0, labels);
  out.add(metric("ovs_interface_error"), text_in(row, "error").empty() ? 0 : 1, labels);
  for (const json::value& pair : pairs_in(row, "statistics")) {
    if (!pair.is_array() || pair.get_array().size() != 2 || !pair.get_array()[0].is_string()) continue;
    const std::string_view key(pair.get_array()[0].get_string());
    const auto* known =
        std::ranges::find(kStatistics, key, &std::pair<std::string_view, const MetricInfo*>::first);
    if (known == std::end(kStatistics) || !pair.get_array()[1].is_number()) continue;
    out.add(*known->second, pair.get_array()[1].to_number<double>(), labels);
  }
}

std::optional<double> number_after(std::string_view text, std::string_view what) {
  const std::size_t at = text.find(what);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + what.size());
  return parse_double(text.substr(0, text.find_first_not_of("0123456789")));
}

/// "Role: leader" -> "leader"
std::string_view status_value(std::string_view text, std::string_view name) {
  for (std::string_view line : split(text, '\n'))
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':'))
      return trim(line.substr(name.size() + 1));
  return {};
}

/// The control sockets of a program carry its process's id: ovs-vswitchd.4711.ctl.
std::vector<std::string> control_sockets(const std::filesystem::path& directory, std::string_view program) {
  std::vector<std::string> sockets;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(program) && name.ends_with(".ctl") && sockets.size() < 8)
      sockets.push_back(entry->path());
  }
  return sockets;
}

std::string answer_text(const Result<json::value>& answer) {
  return answer && answer->is_string() ? std::string(answer->get_string()) : "";
}

/// What the first that answers says; others are what dead processes left.
std::optional<std::string> ask_first(const std::vector<std::string>& sockets, std::string_view method) {
  for (const std::string& socket : sockets)
    if (const auto answer = ask_json_rpc(socket, method, "[]", Source::kLimit)) return answer_text(answer);
  return std::nullopt;
}

}  // namespace

std::string ovsdb_request() {
  JsonWriter json;
  const auto select = [&](std::string_view table, std::initializer_list<std::string_view> columns) {
    json.object()
        .field("op", "select")
        .field("table", table)
        .key("where")
        .array()
        .end()
        .key("columns")
        .array();
    for (std::string_view column : columns) json.value(column);
    json.end().end();
  };
  json.array().value("Open_vSwitch");
  select("Open_vSwitch", {"cur_cfg", "next_cfg", "ovs_version"});
  select("Bridge", {"name"});
  select("Controller", {"target", "is_connected"});
  select("Interface", {"name", "type", "admin_state", "link_state", "error", "statistics"});
  json.end();
  return json.take();
}

Result<void> write_ovsdb(const json::value& result, SampleWriter& out) {
  if (!result.is_array() || result.get_array().size() < 4)
    return fail(Errc::kCorrupt, "OVSDB gave no result of four parts");
  const json::array& parts = result.get_array();
  for (const json::value& row : list_in(parts[0], "rows")) {
    const auto current = number_in(row, "cur_cfg"), next = number_in(row, "next_cfg");
    if (current && next) out.add(metric("ovs_configuration_pending"), *current < *next ? 1 : 0);
  }
  out.add(metric("ovs_bridges"), static_cast<double>(list_in(parts[1], "rows").size()));
  for (const json::value& row : list_in(parts[2], "rows"))
    out.add(metric("ovs_controller_connected"), flag_in(row, "is_connected"),
            {{"target", text_in(row, "target")}});
  const json::array& interfaces = list_in(parts[3], "rows");
  out.add(metric("ovs_interfaces"), static_cast<double>(interfaces.size()));
  for (std::size_t i = 0; i < std::min(interfaces.size(), kMaxInterfaces); ++i)
    write_interface(interfaces[i], out);
  return {};
}

void write_upcalls(std::string_view text, SampleWriter& out) {
  // "  flows         : (current 12) (avg 11) (max 40) (limit 200000)"
  for (std::string_view line : split(text, '\n')) {
    if (!trim(line).starts_with("flows")) continue;
    out.add(metric("ovs_datapath_flows"), number_after(line, "(current "), {});
    out.add(metric("ovs_datapath_flows_limit"), number_after(line, "(limit "), {});
    return;
  }
}

void write_cluster_status(std::string_view text, std::string_view database, SampleWriter& out) {
  const std::string_view status = status_value(text, "Status"), role = status_value(text, "Role");
  if (status.empty() || role.empty()) return;
  const std::initializer_list<SampleWriter::LabelView> labels = {{"database", database}};
  out.add(metric("ovn_db_cluster_member"), status == "cluster member" ? 1 : 0, labels);
  out.add(metric("ovn_db_cluster_leader"), role == "leader" ? 1 : 0, labels);
  // A member without a leader cannot write.
  const std::string_view leader = status_value(text, "Leader");
  out.add(metric("ovn_db_cluster_has_leader"), leader.empty() || leader == "unknown" ? 0 : 1, labels);
  out.add(metric("ovn_db_cluster_term"), parse_double(status_value(text, "Term")), labels);
}

OpenvswitchSource::OpenvswitchSource(const SourceConfig& config)
    : directory_(config.url.starts_with('/') ? config.url : std::string(kSwitchDirectory)) {}

Result<void> OpenvswitchSource::ask_switch(SampleWriter& out) const {
  SENT_TRY_ASSIGN(const json::value result,
                  ask_json_rpc((directory_ / "db.sock").string(), "transact", ovsdb_request(), kLimit));
  SENT_TRY(write_ovsdb(result, out));
  const auto upcalls = ask_first(control_sockets(directory_, "ovs-vswitchd."), "upcall/show");
  out.add(metric("ovs_vswitchd_up"), upcalls ? 1 : 0);
  write_upcalls(upcalls.value_or(""), out);
  return {};
}

void OpenvswitchSource::ask_ovn(SampleWriter& out) const {
  const std::filesystem::path ovn = directory_.parent_path() / "ovn";
  const auto controllers = control_sockets(ovn, "ovn-controller.");
  if (!controllers.empty()) {
    const auto status = ask_first(controllers, "connection-status");
    out.add(metric("ovn_controller_connected"), status && trim(*status) == "connected" ? 1 : 0);
  }
  for (const auto& [socket, database] :
       {std::pair{"ovnnb_db.ctl", "OVN_Northbound"}, std::pair{"ovnsb_db.ctl", "OVN_Southbound"}}) {
    std::error_code error;
    if (!std::filesystem::exists(ovn / socket, error)) continue;
    write_cluster_status(answer_text(ask_json_rpc((ovn / socket).string(), "cluster/status",
                                                  fmt::format("[\"{}\"]", database), kLimit)),
                         database, out);
  }
}

Result<void> OpenvswitchSource::collect(SampleWriter& out) {
  const auto asked = ask_switch(out);
  ask_ovn(out);
  return asked;
}

}  // namespace sentinella::agent
