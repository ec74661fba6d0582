#include "agent/collect/libvirt.h"

#include <algorithm>

#include <unistd.h>

#include "agent/collect/words.h"
#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::string_view kLibvirtDirectory = "/run/libvirt/qemu";
constexpr std::size_t kMaxDomains = 2000;
constexpr std::size_t kMaxDescriptors = 2000;
constexpr double kOneMebibyte = 1024.0 * 1024;
constexpr std::size_t kMaxThreads = 4096;
/// Interfaces and processors are plugged in and out seldom.
constexpr int kPartsEvery = 30;

/// "guest=instance-1,debug-threads=on" -> "instance-1"; "instance-1,x=y" too, as of older versions.
std::string_view option(std::string_view argument, std::string_view name) {
  bool first = true;
  for (std::string_view part : split(argument, ',')) {
    if (part.starts_with(name) && part.size() > name.size() && part[name.size()] == '=')
      return part.substr(name.size() + 1);
    if (first && part.find('=') == std::string_view::npos) return part;
    first = false;
  }
  return {};
}

/// "size=524288k" and "512" (mebibytes).
std::optional<double> memory_of(std::string_view argument) {
  std::string_view size = option(argument, "size");
  double unit = kOneMebibyte;
  if (!size.empty() && (size.back() < '0' || size.back() > '9')) {
    constexpr std::pair<char, double> kUnits[] = {{'b', 1},
                                                  {'k', 1024},
                                                  {'m', kOneMebibyte},
                                                  {'g', kOneMebibyte * 1024},
                                                  {'t', kOneMebibyte * 1024 * 1024}};
    const auto* known =
        std::ranges::find(kUnits, static_cast<char>(size.back() | 0x20), &std::pair<char, double>::first);
    if (known == std::end(kUnits)) return std::nullopt;
    unit = known->second;
    size.remove_suffix(1);
  }
  const auto number = parse_double(size);
  return number ? std::optional(*number * unit) : std::nullopt;
}

std::optional<double> field(std::string_view text, std::string_view name) {
  for (std::string_view line : split(text, '\n'))
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':'))
      return parse_double(trim(line.substr(name.size() + 1)));
  return std::nullopt;
}

}  // namespace

std::optional<QemuDomain> parse_qemu_arguments(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0].find("qemu") == std::string::npos) return std::nullopt;
  QemuDomain domain;
  for (std::size_t i = 1; i + 1 < arguments.size(); ++i) {
    const std::string& value = arguments[i + 1];
    if (arguments[i] == "-name") domain.name = option(value, "guest");
    if (arguments[i] == "-uuid") domain.uuid = value;
    if (arguments[i] == "-m") domain.memory_bytes = memory_of(value);
    if (arguments[i] == "-smp") domain.processors = parse_double(option(value, "cpus"));
  }
  return domain.name.empty() ? std::nullopt : std::optional(domain);
}

std::optional<ProcessIo> parse_process_io(std::string_view text) {
  const auto read = field(text, "read_bytes"), written = field(text, "write_bytes");
  return read && written ? std::optional(ProcessIo{*read, *written}) : std::nullopt;
}

std::string_view parse_tap_device(std::string_view fdinfo) {
  for (std::string_view line : split(fdinfo, '\n'))
    if (line.starts_with("iff:")) return trim(line.substr(4));
  return {};
}

std::optional<unsigned> parse_vcpu_thread(std::string_view comm) {
  constexpr std::string_view kPrefix = "CPU ";
  const std::size_t slash = comm.find('/');
  if (!comm.starts_with(kPrefix) || slash == std::string_view::npos) return std::nullopt;
  const auto number = parse_uint(comm.substr(kPrefix.size(), slash - kPrefix.size()));
  return number && *number < kMaxThreads ? std::optional(static_cast<unsigned>(*number)) : std::nullopt;
}

std::optional<double> parse_run_delay(std::string_view schedstat) {
  const auto fields = words(trim(schedstat));  // ran, waited, how often
  const auto nanoseconds = fields.size() < 2 ? std::nullopt : parse_uint(fields[1]);
  return nanoseconds ? std::optional(static_cast<double>(*nanoseconds) / 1e9) : std::nullopt;
}

std::map<std::string, InterfaceCounters, std::less<>> parse_interfaces(std::string_view net_dev) {
  std::map<std::string, InterfaceCounters, std::less<>> interfaces;
  for (std::string_view line : split(net_dev, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto columns = words(line.substr(colon + 1));
    if (columns.size() < 16) continue;
    const auto number = [&](std::size_t column) { return parse_double(columns[column]).value_or(0); };
    interfaces.emplace(trim(line.substr(0, colon)),
                       InterfaceCounters{number(0), number(1), number(2), number(3), number(8), number(9),
                                         number(10), number(11)});
  }
  return interfaces;
}

LibvirtSource::LibvirtSource(const SourceConfig& config, ProcFs proc)
    : directory_(config.url.starts_with('/') ? config.url : std::string(kLibvirtDirectory)),
      proc_(std::move(proc)) {}

std::vector<std::string> LibvirtSource::taps_of(pid_t process) const {
  std::vector<std::string> taps;
  // vhost-net and the device itself are descriptors of their own; all of the device's queues name it.
  for (std::size_t fd = 0, absent = 0; fd < kMaxDescriptors && absent < 64; ++fd) {
    const auto text = proc_.read(fmt::format("{}/fdinfo/{}", process, fd));
    absent = text ? 0 : absent + 1;
    const std::string_view tap = text ? parse_tap_device(*text) : std::string_view();
    if (!tap.empty() && std::ranges::find(taps, tap) == taps.end()) taps.emplace_back(tap);
  }
  return taps;
}

std::map<unsigned, pid_t> LibvirtSource::vcpus_of(pid_t process) const {
  std::map<unsigned, pid_t> vcpus;
  const auto threads = proc_.threads(process);
  if (!threads || threads->size() > kMaxThreads) return vcpus;
  for (pid_t thread : *threads)
    if (const auto name = proc_.read(fmt::format("{}/task/{}/comm", process, thread)))
      if (const auto vcpu = parse_vcpu_thread(*name)) vcpus.emplace(*vcpu, thread);
  return vcpus;
}

void LibvirtSource::write_vcpus(pid_t process, const Known& known, SampleWriter& out) const {
  for (const auto& [vcpu, thread] : known.vcpus) {
    const auto text = proc_.read(fmt::format("{}/task/{}/schedstat", process, thread));
    if (!text) continue;
    const std::string number = std::to_string(vcpu);
    out.add(metric("libvirt_domain_vcpu_delay_seconds_total"), parse_run_delay(*text),
            {{"domain", known.domain.name}, {"uuid", known.domain.uuid}, {"vcpu", number}});
  }
}

void LibvirtSource::write_domain(pid_t process, const ProcessStat& stat, Known& known, SampleWriter& out) {
  constexpr double kProcessTicks = 100;
  static const double page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  const std::string_view name = known.domain.name, uuid = known.domain.uuid;
  const std::initializer_list<SampleWriter::LabelView> labels = {{"domain", name}, {"uuid", uuid}};
  out.add(metric("libvirt_domain_info_cpu_time_seconds_total"),
          static_cast<double>(stat.cpu_ticks) / kProcessTicks, labels);
  out.add(metric("libvirt_domain_info_memory_usage_bytes"),
          static_cast<double>(stat.resident_pages) * page_bytes, labels);
  out.add(metric("libvirt_domain_info_maximum_memory_bytes"), known.domain.memory_bytes, labels);
  out.add(metric("libvirt_domain_info_virtual_cpus"), known.domain.processors, labels);
  write_vcpus(process, known, out);
  if (const auto text = proc_.read(fmt::format("{}/io", process)))
    if (const auto io = parse_process_io(*text)) {
      out.add(metric("libvirt_domain_block_stats_read_bytes_total"), io->read_bytes, labels);
      out.add(metric("libvirt_domain_block_stats_write_bytes_total"), io->written_bytes, labels);
    }
  for (const std::string& tap : known.taps) {
    const auto found = interfaces_.find(tap);
    if (found == interfaces_.end()) continue;
    const InterfaceCounters& host = found->second;
    const auto add = [&](const MetricInfo& info, double value) {
      out.add(info, value, {{"domain", name}, {"uuid", uuid}, {"target_device", tap}});
    };
    add(metric("libvirt_domain_interface_stats_receive_bytes_total"), host.sent_bytes);
    add(metric("libvirt_domain_interface_stats_receive_packets_total"), host.sent_packets);
    add(metric("libvirt_domain_interface_stats_receive_errors_total"), host.sent_errors);
    add(metric("libvirt_domain_interface_stats_receive_drops_total"), host.sent_dropped);
    add(metric("libvirt_domain_interface_stats_transmit_bytes_total"), host.received_bytes);
    add(metric("libvirt_domain_interface_stats_transmit_packets_total"), host.received_packets);
    add(metric("libvirt_domain_interface_stats_transmit_errors_total"), host.received_errors);
    add(metric("libvirt_domain_interface_stats_transmit_drops_total"), host.received_dropped);
  }
}

Result<void> LibvirtSource::collect(SampleWriter& out) {
  std::error_code error;
  std::map<pid_t, Known> current;
  interfaces_.clear();
  for (std::filesystem::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".pid" || current.size() == kMaxDomains) continue;
    const auto text = read_file(entry->path(), 32);
    const auto number = text ? parse_uint(trim(*text)) : std::nullopt;
    if (!number || *number > INT32_MAX) continue;
    const auto process = static_cast<pid_t>(*number);
    const auto stat = proc_.stat(process);
    if (!stat || stat->state == 'Z') continue;
    Known known;
    if (const auto before = known_.find(process);
        before != known_.end() && before->second.start_ticks == stat->start_ticks) {
      known = std::move(before->second);
    } else {
      const auto arguments = proc_.command_line(process);
      const auto domain = arguments ? parse_qemu_arguments(*arguments) : std::nullopt;
      if (!domain) continue;
      known = Known{stat->start_ticks, *domain, {}, {}, 0};
    }
    if (known.rounds++ % kPartsEvery == 0) {
      known.taps = taps_of(process);
      known.vcpus = vcpus_of(process);
    }
    if (!known.taps.empty() && interfaces_.empty())
      if (const auto net_dev = proc_.read("net/dev")) interfaces_ = parse_interfaces(*net_dev);
    write_domain(process, *stat, known, out);
    current.emplace(process, std::move(known));
  }
  known_ = std::move(current);
  if (error) return fail(Errc::kUnavailable, "cannot list {}: {}", directory_.string(), error.message());
  out.add(metric("libvirt_domains"), static_cast<double>(known_.size()));
  return {};
}

}  // namespace sentinella::agent
