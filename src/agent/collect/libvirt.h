// The virtual machines of this host: processor time, memory, disks, network, each from what the kernel says
// of its QEMU process. No libvirt library, no connection to libvirtd, no child process: libvirt leaves the
// process's id in /run/libvirt/qemu/NAME.pid, and QEMU's arguments say what the machine is.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collect/source.h"
#include "agent/config/config.h"
#include "agent/watch/proc_fs.h"

namespace sentinella::agent {

/// What QEMU was started with.
struct QemuDomain {
  std::string name;  ///< "instance-0000002a"
  std::string uuid;  ///< nova's id of the instance
  std::optional<double> processors;
  std::optional<double> memory_bytes;
};
/// `arguments`: those of the process. nullopt: not a machine of libvirt's.
std::optional<QemuDomain> parse_qemu_arguments(const std::vector<std::string>& arguments);

/// /proc/PID/io: bytes that went to and came from storage (proc(5)).
struct ProcessIo {
  double read_bytes = 0;
  double written_bytes = 0;
};
std::optional<ProcessIo> parse_process_io(std::string_view text);

/// Of the text of /proc/PID/fdinfo/N: the tap device that the descriptor is, "" = none.
std::string_view parse_tap_device(std::string_view fdinfo);

/// The virtual processor that one of QEMU's threads is, by its name ("CPU 0/KVM"); nullopt: another thread.
std::optional<unsigned> parse_vcpu_thread(std::string_view comm);

/// /proc/PID/task/TID/schedstat: for how many seconds the thread was ready to run and had to wait (the
/// kernel's sched-stats document).
std::optional<double> parse_run_delay(std::string_view schedstat);

/// Counters of one interface of /proc/net/dev, as the host sees them: what it receives the machine has sent.
struct InterfaceCounters {
  double received_bytes = 0, received_packets = 0, received_errors = 0, received_dropped = 0;
  double sent_bytes = 0, sent_packets = 0, sent_errors = 0, sent_dropped = 0;
};
std::map<std::string, InterfaceCounters, std::less<>> parse_interfaces(std::string_view net_dev);

class LibvirtSource final : public Source {
 public:
  /// `config.url`: the directory of the .pid files; "" = /run/libvirt/qemu.
  explicit LibvirtSource(const SourceConfig& config, ProcFs proc = ProcFs());
  std::string_view kind() const override { return "libvirt"; }
  std::string instance() const override { return directory_.string(); }
  Duration every() const override { return std::chrono::seconds(10); }
  bool local() const override { return true; }
  Result<void> collect(SampleWriter& out) override;

 private:
  struct Known {
    std::uint64_t start_ticks = 0;
    QemuDomain domain;
    std::vector<std::string> taps;
    std::map<unsigned, pid_t> vcpus;  ///< the thread of each virtual processor
    int rounds = 0;
  };
  void write_domain(pid_t process, const ProcessStat& stat, Known& known, SampleWriter& out);
  void write_vcpus(pid_t process, const Known& known, SampleWriter& out) const;
  std::vector<std::string> taps_of(pid_t process) const;
  std::map<unsigned, pid_t> vcpus_of(pid_t process) const;

  std::filesystem::path directory_;
  ProcFs proc_;
  std::map<pid_t, Known> known_;
  std::map<std::string, InterfaceCounters, std::less<>> interfaces_;
};

}  // namespace sentinella::agent
