// The server's configuration: an oslo-style INI file, overridden by the command line. One table describes
// every option; the parser, the documented sample and the error messages come from it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/alarm_model.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "server/gnocchi_config.h"
#include "server/log_listener_config.h"
#include "server/retention_cap.h"
#include "server/telemetry_config.h"

namespace sentinella::server {

struct Config {
  std::filesystem::path data_dir = "/var/lib/sentinella-server";
  std::string listen = "127.0.0.1:8420";
  std::string public_url;               ///< "" = derived from listen
  std::vector<std::string> ui_origins;  ///< sites apart from this server whose pages may call the API
  std::filesystem::path ui_dir = "/usr/share/sentinella/ui";
  std::filesystem::path log_file;  ///< "" = standard error
  log::Level log_level = log::Level::info;
  std::filesystem::path tls_certificate,
      tls_key;  ///< "" = made on first start when listening beyond loopback
  Duration metrics_age = std::chrono::hours(24 * 400), logs_age = std::chrono::hours(24 * 30),
           events_age = std::chrono::hours(24 * 400), alerts_age = std::chrono::hours(24 * 400);
  std::uint64_t metrics_bytes = 50ull << 30, logs_bytes = 20ull << 30, events_bytes = 5ull << 30,
                journal_bytes = 4ull << 30;
  Duration late_window = Duration::zero();  ///< 0 = samples may be as late as they like
  std::uint64_t max_series_per_account = 5'000'000;
  std::uint64_t max_head_bytes = 512ull << 20;
  Duration metrics_raw_age = std::chrono::hours(24 * 30), metrics_roll_up = std::chrono::minutes(5);
  std::vector<RetentionCap> metric_caps, log_caps;
  std::filesystem::path log_formats;  ///< see docs/logs-parsing.md; "" = none
  alerts::AlarmModel::Name alarm_model = alerts::AlarmModel::Name::alerta;
  Duration journal_sync = Duration::zero();  ///< 0 = at every commit
  std::filesystem::path scrape_config;       ///< a prometheus.yml; "" = no exporters are scraped
  std::string scrape_account = "default";
  Duration checkpoint_interval = std::chrono::seconds(10);
  std::string statsd_listen;      ///< UDP; "" = off
  std::string statsd_listen_tcp;  ///< "" = off
  std::string statsd_account = "default";
  std::string statsd_allow = "127.0.0.0/8, ::1";
  Duration statsd_interval = std::chrono::seconds(10);
  Duration access_life = std::chrono::minutes(10);
  std::vector<LogListenerConfig> log_listeners;
  GnocchiConfig gnocchi;
  TelemetryConfig telemetry;
};

/// kInvalid: an unknown section or key (with the nearest known one) or a bad value, with its line.
Result<Config> parse_config(std::string_view ini);
Result<Config> load_config(const std::filesystem::path& file);
/// Every option with its meaning and default, ready to be /etc/sentinella/server.conf.
std::string config_sample();

/// "512MiB", "20GiB", a bare number = bytes.
Result<std::uint64_t> parse_bytes(std::string_view text);

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};
/// "127.0.0.1:8420", "[::1]:8420", ":8420" (every address).
Result<ListenAddress> parse_listen(std::string_view text);
bool is_loopback(std::string_view host);

}  // namespace sentinella::server
