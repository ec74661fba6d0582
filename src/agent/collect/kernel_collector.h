// The kernel's own figures, once an interval: pressure, sockets, faults, the clock, sensors.
#pragma once

#include <filesystem>
#include <vector>

#include "agent/collect/sample_writer.h"
#include "agent/watch/proc_fs.h"

namespace sentinella::agent {

/// Not thread-safe. What a kernel does not have is left out.
class KernelCollector {
 public:
  explicit KernelCollector(ProcFs proc, std::filesystem::path hwmon = "/sys/class/hwmon")
      : proc_(std::move(proc)), hwmon_(std::move(hwmon)) {}
  void collect(SampleWriter& out);

 private:
  struct Sensor {
    std::filesystem::path file;
    const MetricInfo* info;
    double unit;  ///< of the file's number
    std::string chip;
    std::string name;
  };
  void collect_pressure(SampleWriter& out);
  void collect_memory_events(SampleWriter& out);
  void collect_sockets(SampleWriter& out);
  void collect_limits(SampleWriter& out);
  void collect_sensors(SampleWriter& out);
  void find_sensors();

  ProcFs proc_;
  std::filesystem::path hwmon_;
  std::vector<Sensor> sensors_;
  bool sensors_known_ = false;
};

/// What adjtimex(2) says of the clock's discipline.
void collect_clock(SampleWriter& out);

}  // namespace sentinella::agent
