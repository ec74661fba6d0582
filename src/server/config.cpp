#include "server/config.h"

#include <array>
#include <vector>

#include "base/file.h"
#include "base/ini.h"
#include "base/text.h"
#include "net/address_range.h"

namespace sentinella::server {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kMostSeries = 1'000'000'000;

struct Option {
  std::string_view section, key, fallback, help;
  Result<void> (*set)(Config&, const std::string&);
};

template <auto Member>
Result<void> set_text(Config& config, const std::string& value) {
  config.*Member = value;
  return {};
}
template <auto Member>
Result<void> set_duration(Config& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.*Member, parse_duration(value));
  return {};
}
template <auto Member>
Result<void> set_bytes(Config& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.*Member, parse_bytes(value));
  return {};
}
/// So that a slip of the pen does not empty a store.
template <auto Member>
Result<void> set_age(Config& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.*Member, parse_duration(value));
  if (config.*Member < 1h) return fail(Errc::kInvalid, "\"{}\" is less than 1h", value);
  return {};
}
Result<void> set_roll_up(Config& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.metrics_roll_up, parse_duration(value));
  if (config.metrics_roll_up < 1min || config.metrics_roll_up > 24h ||
      24h % config.metrics_roll_up != Duration{0})
    return fail(Errc::kInvalid, "\"{}\" is not 1m to 24h, of which a day is a multiple", value);
  return {};
}
template <auto Member, std::uint64_t Least>
Result<void> set_size(Config& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.*Member, parse_bytes(value));
  if (config.*Member < Least) return fail(Errc::kInvalid, "\"{}\" is less than {}MiB", value, Least >> 20);
  return {};
}
Result<void> set_max_series(Config& config, const std::string& value) {
  const auto number = parse_uint(value);
  if (!number || *number == 0 || *number > kMostSeries)
    return fail(Errc::kInvalid, "\"{}\" is not a number from 1 to {}", value, kMostSeries);
  config.max_series_per_account = *number;
  return {};
}
Result<void> set_listen(Config& config, const std::string& value) {
  SENT_TRY(parse_listen(value));
  config.listen = value;
  return {};
}
Result<void> set_level(Config& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.log_level, log::parse_level(value));
  return {};
}

template <auto Member>
Result<void> set_optional_listen(Config& config, const std::string& value) {
  if (!value.empty()) SENT_TRY(parse_listen(value));
  config.*Member = value;
  return {};
}
Result<void> set_statsd_allow(Config& config, const std::string& value) {
  SENT_TRY(net::AddressRange::parse_list(value));
  config.statsd_allow = value;
  return {};
}
Result<void> set_statsd_interval(Config& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.statsd_interval, parse_duration(value));
  if (config.statsd_interval < 1s) return fail(Errc::kInvalid, "\"{}\" is less than 1s", value);
  return {};
}
Result<void> set_alarm_model(Config& config, const std::string& value) {
  const auto model = alerts::parse_alarm_model(value);
  if (!model) return fail(Errc::kInvalid, "\"{}\" is neither alerta nor isa_18_2", value);
  config.alarm_model = *model;
  return {};
}
Result<void> set_sync(Config& config, const std::string& value) {
  if (value != "commit" && value != "1s")
    return fail(Errc::kInvalid, "\"{}\" is neither commit nor 1s", value);
  config.journal_sync = value == "commit" ? Duration::zero() : Duration(1s);
  return {};
}

template <auto Member, auto Parse>
Result<void> set_caps(Config& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.*Member, Parse(value));
  return {};
}

/// "https://apollo.example.org, http://localhost:5173": scheme, host and port as browsers send them, no path.
Result<void> set_ui_origins(Config& config, const std::string& value) {
  config.ui_origins.clear();
  for (const std::string_view one : split(value, ',')) {
    const std::string_view origin = trim(one);
    if (origin.empty()) continue;
    const std::size_t scheme = origin.find("://");
    const bool known = origin.starts_with("https://") || origin.starts_with("http://");
    if (!known || scheme + 3 == origin.size() || origin.find('/', scheme + 3) != std::string_view::npos)
      return fail(Errc::kInvalid, "\"{}\" is no origin, as https://apollo.example.org", origin);
    config.ui_origins.emplace_back(origin);
  }
  return {};
}

constexpr std::array kOptions{
    Option{"DEFAULT", "data_dir", "/var/lib/sentinella-server", "Where everything is kept.",
           set_text<&Config::data_dir>},
    Option{"DEFAULT", "listen", "127.0.0.1:8420",
           "HOST:PORT of the one HTTP port. Beyond loopback it speaks TLS.", set_listen},
    Option{"DEFAULT", "public_url", "",
           "How people reach the UI, for links in notifications; default: from listen.",
           set_text<&Config::public_url>},
    Option{"DEFAULT", "ui_dir", "/usr/share/sentinella/ui", "The built web UI.", set_text<&Config::ui_dir>},
    Option{"DEFAULT", "ui_origins", "",
           "Origins of a web UI that is served elsewhere, as https://apollo.example.org; comma between two.",
           set_ui_origins},
    Option{"DEFAULT", "log_file", "", "Our own log, in oslo format; default: standard error.",
           set_text<&Config::log_file>},
    Option{"DEFAULT", "log_level", "INFO", "DEBUG, INFO, WARNING, ERROR or CRITICAL.", set_level},
    Option{"tls", "certificate", "", "PEM chain; default: a self-signed one, made when it is needed.",
           set_text<&Config::tls_certificate>},
    Option{"tls", "key", "", "PEM private key of the certificate.", set_text<&Config::tls_key>},
    Option{"auth", "access_life", "10m", "How long a login's access token is good; it renews itself.",
           set_duration<&Config::access_life>},
    Option{"metrics", "max_series_per_account", "5000000",
           "Samples of further new series are refused, and the sender is told; about 0.3 KB of memory each.",
           set_max_series},
    Option{"metrics", "late_window", "0s",
           "Samples that are older than the newest of their series by more are dropped; 0s: none are.",
           set_duration<&Config::late_window>},
    Option{"metrics", "max_head_bytes", "512MiB",
           "Of the newest samples, in memory; above, they go to disk before their chunks are full.",
           set_size<&Config::max_head_bytes, 16 * kMiB>},
    Option{"retention", "metrics_age", "400d", "Samples older than this are dropped.",
           set_age<&Config::metrics_age>},
    Option{"retention", "metrics_bytes", "50GiB", "The oldest samples are dropped above this.",
           set_size<&Config::metrics_bytes, kMiB>},
    Option{"retention", "metrics_raw_age", "30d",
           "Older samples are rolled up: of each span a gauge keeps mean, extremes and count, a counter "
           "where it "
           "stood first and last.",
           set_age<&Config::metrics_raw_age>},
    Option{"retention", "metrics_roll_up", "5m", "The span, of which a day must be a multiple.", set_roll_up},
    Option{
        "retention", "metrics_limits", "",
        "Stricter limits, separated by commas: ACCOUNT/METRIC AGE raw=AGE BYTES, one of the three or more; * "
        "for any. As */node_* 90d raw=7d, default/* 10GiB.",
        set_caps<&Config::metric_caps, parse_metric_caps>},
    Option{"retention", "logs_age", "30d", "", set_age<&Config::logs_age>},
    Option{"retention", "logs_bytes", "20GiB", "", set_size<&Config::logs_bytes, kMiB>},
    Option{
        "retention", "logs_limits", "",
        "Stricter limits, separated by commas: ACCOUNT/SERVICE AGE BYTES, one of the two or both; * for any. "
        "As */haproxy 3d 1GiB, default/* 60d.",
        set_caps<&Config::log_caps, parse_log_caps>},
    Option{"logs", "formats", "", "A file that says how some sources' logs are to be read.",
           set_text<&Config::log_formats>},
    Option{"retention", "events_age", "400d", "", set_age<&Config::events_age>},
    Option{"retention", "events_bytes", "5GiB", "", set_size<&Config::events_bytes, kMiB>},
    Option{"retention", "alerts_age", "400d", "Closed alerts.", set_age<&Config::alerts_age>},
    Option{"alerts", "alarm_model", "alerta",
           "How status and severity of alerts change: alerta, or isa_18_2, the model of ANSI/ISA 18.2.",
           set_alarm_model},
    Option{"scrape", "config", "", "A prometheus.yml: its scrape_configs are scraped by the server itself.",
           set_text<&Config::scrape_config>},
    Option{"scrape", "account", "default", "Whose the scraped samples are.",
           set_text<&Config::scrape_account>},
    Option{"journal", "max_bytes", "4GiB", "Intake is refused (507) when the journal would grow above this.",
           set_bytes<&Config::journal_bytes>},
    Option{"journal", "sync", "commit",
           "commit: what was answered with success is on disk. 1s: it is handed to the kernel, and on disk "
           "within "
           "a second; it survives a crash of the server, but a power failure may take the last second.",
           set_sync},
    Option{"journal", "checkpoint_interval", "10s",
           "How often the stores write out what they hold in memory; bounds the replay after a crash.",
           set_duration<&Config::checkpoint_interval>},
    Option{"statsd", "listen", "", "HOST:PORT for statsd datagrams (UDP); empty: none are taken.",
           set_optional_listen<&Config::statsd_listen>},
    Option{"statsd", "listen_tcp", "", "HOST:PORT for statsd lines over TCP; empty: none are taken.",
           set_optional_listen<&Config::statsd_listen_tcp>},
    Option{"statsd", "account", "default", "The account that gets what comes there.",
           set_text<&Config::statsd_account>},
    Option{"statsd", "allow", "127.0.0.0/8, ::1",
           "Networks that may send; statsd knows no passwords and no encryption.", set_statsd_allow},
    Option{"statsd", "interval", "10s", "How often the sums become samples.", set_statsd_interval},
};

std::unexpected<Error> unknown(const IniOption& given) {
  std::vector<std::string_view> known;
  for (const Option& option : kOptions)
    if (option.section == given.section) known.push_back(option.key);
  if (known.empty()) return fail_field(Errc::kInvalid, given.section, "line {}: unknown section", given.line);
  const auto near = suggest(given.key, known);
  return fail_field(Errc::kInvalid, given.key, "line {}: unknown key in [{}]{}", given.line, given.section,
                    near ? fmt::format("; did you mean \"{}\"?", *near) : "");
}

LogListenerConfig& listener_of(Config& config, const std::string& section) {
  for (auto& listener : config.log_listeners)
    if (listener.section == section) return listener;
  return config.log_listeners.emplace_back(make_log_listener(section));
}

}  // namespace

Result<Config> parse_config(std::string_view ini) {
  SENT_TRY_ASSIGN(const auto given, parse_ini(ini));
  Config config;
  for (const IniOption& one : given) {
    if (is_log_listener_section(one.section)) {
      if (auto set = set_log_listener(listener_of(config, one.section), one); !set)
        return fail_field(Errc::kInvalid, one.key, "line {}: {}", one.line, set.error().message);
      continue;
    }
    if (one.section == kGnocchiSection || one.section == kTelemetrySection) {
      if (auto set = one.section == kGnocchiSection ? set_gnocchi(config.gnocchi, one)
                                                    : set_telemetry(config.telemetry, one);
          !set)
        return fail_field(Errc::kInvalid, one.key, "line {}: {}", one.line, set.error().message);
      continue;
    }
    const Option* found = nullptr;
    for (const Option& option : kOptions)
      if (option.section == one.section && option.key == one.key) found = &option;
    if (found == nullptr) return unknown(one);
    if (auto set = found->set(config, one.value); !set)
      return fail_field(Errc::kInvalid, one.key, "line {}: {}", one.line, set.error().message);
  }
  return config;
}

Result<Config> load_config(const std::filesystem::path& file) {
  SENT_TRY_ASSIGN(const std::string text, read_file(file, 1 << 20));
  auto config = parse_config(text);
  if (!config) config.error().message = file.string() + ": " + config.error().message;
  return config;
}

std::string config_sample() {
  std::string out = "# sentinella-server, every option with its default. Unknown keys are errors.\n";
  std::string_view section;
  for (const Option& option : kOptions) {
    if (option.section != section) out += fmt::format("\n[{}]\n", section = option.section);
    if (!option.help.empty()) out += fmt::format("# {}\n", option.help);
    out += fmt::format("#{} = {}\n", option.key, option.fallback);
  }
  return out + telemetry_sample() + log_listener_sample() + gnocchi_sample();
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  std::uint64_t unit = 1;
  for (auto [suffix, size] :
       {std::pair{"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}, {"TiB", 1ull << 40}})
    if (text.ends_with(suffix)) {
      unit = size;
      text = trim(text.substr(0, text.size() - 3));
      break;
    }
  const auto number = parse_uint(text);
  std::uint64_t bytes = 0;
  if (!number || __builtin_mul_overflow(*number, unit, &bytes))
    return fail(Errc::kInvalid, "\"{}\" is not a size such as 512MiB or 20GiB", text);
  return bytes;
}

Result<ListenAddress> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto port = colon == std::string_view::npos ? std::nullopt : parse_uint(text.substr(colon + 1));
  if (!port || *port > 65535) return fail_field(Errc::kInvalid, "listen", "\"{}\" is not HOST:PORT", text);
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return ListenAddress{host.empty() ? "0.0.0.0" : std::string(host), static_cast<std::uint16_t>(*port)};
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace sentinella::server
