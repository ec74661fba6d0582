#include "agent/collect/kernel_collector.h"

#include <algorithm>

#include <sys/timex.h>
#include <unistd.h>

#include "agent/collect/kernel_figures.h"
#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxSensors = 128;
constexpr std::size_t kMaxSensorFile = 256;

std::string first_line(const std::filesystem::path& file) {
  const auto text = read_file(file, kMaxSensorFile);
  return text ? std::string(trim(*text)) : "";
}

}  // namespace

void KernelCollector::collect(SampleWriter& out) {
  collect_pressure(out);
  collect_memory_events(out);
  collect_sockets(out);
  collect_limits(out);
  collect_sensors(out);
}

void KernelCollector::collect_pressure(SampleWriter& out) {
  for (const char* resource : {"cpu", "memory", "io"}) {
    const auto text = proc_.read(fmt::format("pressure/{}", resource));
    if (!text) continue;
    const PressureFigures figures = parse_pressure(*text);
    const auto add = [&](const std::optional<PressureFigures::Line>& line, std::string_view kind) {
      if (!line) return;
      out.add(metric("host_pressure_ratio"), line->ratio, {{"resource", resource}, {"kind", kind}});
      out.add(metric("host_pressure_seconds_total"), line->seconds, {{"resource", resource}, {"kind", kind}});
    };
    add(figures.some, "some");
    add(figures.full, "full");
  }
}

void KernelCollector::collect_memory_events(SampleWriter& out) {
  static const double page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  const auto text = proc_.read("vmstat");
  if (!text) return;
  const auto pages = [&](std::string_view name) -> std::optional<double> {
    const auto value = parse_named_value(*text, name);
    return value ? std::optional(*value * page_bytes) : std::nullopt;
  };
  out.add(metric("host_swap_in_bytes_total"), pages("pswpin"), {});
  out.add(metric("host_swap_out_bytes_total"), pages("pswpout"), {});
  out.add(metric("host_page_faults_major_total"), parse_named_value(*text, "pgmajfault"), {});
  out.add(metric("host_oom_kills_total"), parse_named_value(*text, "oom_kill"), {});
}

void KernelCollector::collect_sockets(SampleWriter& out) {
  if (const auto text = proc_.read("net/sockstat")) {
    static constexpr std::pair<std::string_view, std::string_view> kStates[] = {
        {"inuse", "inuse"}, {"orphan", "orphan"}, {"tw", "timewait"}, {"alloc", "allocated"}};
    for (const auto& [key, state] : kStates)
      out.add(metric("host_tcp_connections"), parse_keyed_value(*text, "TCP:", key), {{"state", state}});
    out.add(metric("host_udp_sockets"), parse_keyed_value(*text, "UDP:", "inuse"), {});
  }
  if (const auto text = proc_.read("net/snmp")) {
    out.add(metric("host_tcp_segments_sent_total"), parse_counter(*text, "Tcp:", "OutSegs"), {});
    out.add(metric("host_tcp_segments_retransmitted_total"), parse_counter(*text, "Tcp:", "RetransSegs"), {});
  }
  if (const auto text = proc_.read("net/netstat"))
    out.add(metric("host_tcp_listen_drops_total"), parse_counter(*text, "TcpExt:", "ListenDrops"), {});
}

void KernelCollector::collect_limits(SampleWriter& out) {
  const auto number = [&](std::string_view name) -> std::optional<double> {
    const auto text = proc_.read(name);
    return text ? parse_double(trim(*text)) : std::nullopt;
  };
  out.add(metric("host_conntrack_entries"), number("sys/net/netfilter/nf_conntrack_count"), {});
  out.add(metric("host_conntrack_limit"), number("sys/net/netfilter/nf_conntrack_max"), {});
  const auto text = proc_.read("sys/fs/file-nr");
  const auto files = text ? parse_file_nr(*text) : std::nullopt;
  if (!files) return;
  out.add(metric("host_open_files"), files->open);
  out.add(metric("host_open_files_limit"), files->limit);
}

/// hwmonN/{name, tempM_input, tempM_label, fanM_input}: thousandths of a degree, rotations a minute (the
/// kernel's document on hwmon's sysfs interface). Which there are is looked up once.
void KernelCollector::find_sensors() {
  std::error_code error;
  for (std::filesystem::directory_iterator chip(hwmon_, error), end; !error && chip != end;
       chip.increment(error)) {
    const std::string name = first_line(chip->path() / "name");
    std::error_code unreadable;
    for (std::filesystem::directory_iterator file(chip->path(), unreadable); !unreadable && file != end;
         file.increment(unreadable)) {
      const std::string base = file->path().filename();
      const bool temperature = base.starts_with("temp"), fan = base.starts_with("fan");
      if (!base.ends_with("_input") || !(temperature || fan) || sensors_.size() == kMaxSensors) continue;
      const std::string sensor = base.substr(0, base.size() - std::string_view("_input").size());
      const std::string label = first_line(chip->path() / (sensor + "_label"));
      sensors_.push_back({file->path(),
                          temperature ? &metric("host_temperature_celsius") : &metric("host_fan_rpm"),
                          temperature ? 0.001 : 1.0, name, label.empty() ? sensor : label});
    }
  }
  std::ranges::sort(sensors_, {}, &Sensor::file);
}

void KernelCollector::collect_sensors(SampleWriter& out) {
  if (!std::exchange(sensors_known_, true)) find_sensors();
  for (const Sensor& sensor : sensors_)
    if (const auto value = parse_double(first_line(sensor.file)))
      out.add(*sensor.info, *value * sensor.unit, {{"chip", sensor.chip}, {"sensor", sensor.name}});
}

void collect_clock(SampleWriter& out) {
  timex clock{};
  const int state = ::adjtimex(&clock);
  if (state < 0) return;
  const double unit = (clock.status & STA_NANO) != 0 ? 1e-9 : 1e-6;
  out.add(metric("host_clock_synchronised"), state == TIME_ERROR || (clock.status & STA_UNSYNC) != 0 ? 0 : 1);
  out.add(metric("host_clock_offset_seconds"), static_cast<double>(clock.offset) * unit);
  out.add(metric("host_clock_max_error_seconds"), static_cast<double>(clock.maxerror) * 1e-6);
}

}  // namespace sentinella::agent
