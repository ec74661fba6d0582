// What to scrape: the `global` and `scrape_configs` parts of a prometheus.yml (Prometheus 2.42), read
// unchanged. The parts of the file that are not about scraping are passed over; a key that Prometheus does
// not have is an error with the nearest one; what Prometheus has and we do not is an error that says so.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/labels.h"
#include "net/stream.h"
#include "scrape/relabel.h"

namespace sentinella::scrape {

/// Addresses that share labels: an entry of static_configs or of a file that file_sd_configs names.
struct TargetGroup {
  std::vector<std::string> targets;  ///< HOST:PORT
  Labels labels;
  friend bool operator==(const TargetGroup&, const TargetGroup&) = default;
};

/// What goes into the Authorization header. The files are read before each scrape.
struct Authorization {
  std::string username, password;
  std::filesystem::path password_file;
  std::string type, credentials;  ///< "Bearer" and the token
  std::filesystem::path credentials_file;
  bool empty() const { return username.empty() && type.empty(); }
};

/// Zero: no limit.
struct ScrapeLimits {
  std::uint64_t body_bytes = 0;  ///< after decompression
  std::uint64_t samples = 0;     ///< after relabelling
  std::uint64_t labels = 0, label_name_bytes = 0, label_value_bytes = 0;
  std::uint64_t targets = 0;
};

using Parameters = std::vector<std::pair<std::string, std::vector<std::string>>>;

struct ScrapeJob {
  std::string name;
  Duration interval = std::chrono::minutes(1);
  Duration timeout = std::chrono::seconds(10);
  std::string metrics_path = "/metrics";
  std::string scheme = "http";
  Parameters params;
  bool honor_labels = false;     ///< an exporter's own labels win over the target's
  bool honor_timestamps = true;  ///< an exporter's own timestamps count
  bool follow_redirects = true;
  Authorization authorization;
  net::TlsClientOptions tls;
  ScrapeLimits limits;
  Relabeling relabeling;         ///< of targets
  Relabeling metric_relabeling;  ///< of samples
  std::vector<TargetGroup> static_groups;
  std::vector<std::filesystem::path> target_files;  ///< of file_sd_configs; the file name may be a pattern
  std::string fingerprint;                          ///< equal only for jobs that are configured alike
};

struct ScrapeConfig {
  std::vector<ScrapeJob> jobs;
  Labels external_labels;
  std::vector<std::string> warnings;
};

inline constexpr std::size_t kMaxConfigBytes = 8u << 20;

/// Relative paths are taken below `directory`. kInvalid, kUnsupported: name line and key.
Result<ScrapeConfig> parse_scrape_config(std::string_view yaml, const std::filesystem::path& directory);

/// Reads and parses FILE; errors name it.
Result<ScrapeConfig> load_scrape_config(const std::filesystem::path& file);

/// The target groups of a file that file_sd_configs names, JSON or YAML.
Result<std::vector<TargetGroup>> parse_target_file(std::string_view text, bool json);

}  // namespace sentinella::scrape
