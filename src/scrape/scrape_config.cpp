#include "scrape/scrape_config.h"

#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "scrape/yaml_map.h"

namespace sentinella::scrape {
namespace {

namespace fs = std::filesystem;

const Keys kTopKeys{"global", "scrape_configs"};
const Keys kOtherParts{"rule_files", "alerting", "remote_write", "remote_read", "storage", "tracing"};
const Keys kGlobalKeys{"scrape_interval", "scrape_timeout", "evaluation_interval", "external_labels",
                       "query_log_file"};
const Keys kJobKeys{"job_name",
                    "scrape_interval",
                    "scrape_timeout",
                    "metrics_path",
                    "honor_labels",
                    "honor_timestamps",
                    "scheme",
                    "params",
                    "basic_auth",
                    "authorization",
                    "bearer_token",
                    "bearer_token_file",
                    "tls_config",
                    "follow_redirects",
                    "enable_http2",
                    "static_configs",
                    "file_sd_configs",
                    "relabel_configs",
                    "metric_relabel_configs",
                    "body_size_limit",
                    "sample_limit",
                    "label_limit",
                    "label_name_length_limit",
                    "label_value_length_limit",
                    "target_limit"};
const Keys kUnsupportedJobKeys{"oauth2",
                               "proxy_url",
                               "proxy_connect_header",
                               "azure_sd_configs",
                               "consul_sd_configs",
                               "digitalocean_sd_configs",
                               "docker_sd_configs",
                               "dockerswarm_sd_configs",
                               "dns_sd_configs",
                               "ec2_sd_configs",
                               "eureka_sd_configs",
                               "gce_sd_configs",
                               "hetzner_sd_configs",
                               "http_sd_configs",
                               "ionos_sd_configs",
                               "kubernetes_sd_configs",
                               "kuma_sd_configs",
                               "lightsail_sd_configs",
                               "linode_sd_configs",
                               "marathon_sd_configs",
                               "nerve_sd_configs",
                               "nomad_sd_configs",
                               "openstack_sd_configs",
                               "ovhcloud_sd_configs",
                               "puppetdb_sd_configs",
                               "scaleway_sd_configs",
                               "serverset_sd_configs",
                               "triton_sd_configs",
                               "uyuni_sd_configs",
                               "vultr_sd_configs"};
const Keys kRelabelKeys{"source_labels", "separator",   "target_label", "regex",
                        "modulus",       "replacement", "action"};

/// "10MB": units of 1024, as Prometheus counts.
Result<void> read_size(const YamlMap& map, std::string_view key, std::uint64_t& target) {
  std::string text;
  SENT_TRY(map.read(key, text));
  if (text.empty()) return {};
  constexpr std::string_view kUnits = "KMGTPE";
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_uint(std::string_view(text).substr(0, digits));
  std::string_view unit = std::string_view(text).substr(digits);
  std::uint64_t factor = 1;
  if (const auto power = unit.empty() ? std::string_view::npos : kUnits.find(unit.front());
      power != std::string_view::npos) {
    factor <<= 10 * (power + 1);
    unit.remove_prefix(1);
    if (unit.starts_with('i')) unit.remove_prefix(1);
  }
  const bool unit_known = unit == "B" || (unit.empty() && text == "0");
  if (!number || !unit_known || __builtin_mul_overflow(*number, factor, &target))
    return bad_node(map.child(key), key, "\"{}\" is not a size such as 500KB or 10MB", text);
  return {};
}

Result<RelabelRule> read_rule(const YAML::Node& node, std::string_view key) {
  SENT_TRY_ASSIGN(const YamlMap given, YamlMap::open(node, key, kRelabelKeys));
  RelabelRule rule;
  std::string action;
  SENT_TRY(given.read("source_labels", rule.source_labels));
  SENT_TRY(given.read("separator", rule.separator));
  SENT_TRY(given.read("target_label", rule.target_label));
  SENT_TRY(given.read("regex", rule.regex));
  SENT_TRY(given.read("modulus", rule.modulus));
  SENT_TRY(given.read("replacement", rule.replacement));
  SENT_TRY(given.read("action", action));
  if (!action.empty()) {
    const auto parsed = parse_relabel_action(action);
    if (!parsed) return bad_node(given.child("action"), "action", "{}", parsed.error().message);
    rule.action = *parsed;
  }
  return rule;
}

Result<Relabeling> read_relabeling(const YamlMap& map, std::string_view key) {
  Relabeling relabeling;
  const auto read = map.for_each(key, [&](const YAML::Node& item) -> Result<void> {
    SENT_TRY_ASSIGN(const RelabelRule rule, read_rule(item, key));
    if (auto added = relabeling.add(rule); !added)
      return bad_node(item, added.error().field, "{}", added.error().message);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return relabeling;
}

Result<void> read_path(const YamlMap& map, std::string_view key, const fs::path& directory,
                       fs::path& target) {
  std::string text;
  SENT_TRY(map.read(key, text));
  if (!text.empty()) target = directory / text;
  return {};
}

Result<void> read_basic_auth(const YAML::Node& node, const fs::path& directory, Authorization& out) {
  SENT_TRY_ASSIGN(const YamlMap map,
                  YamlMap::open(node, "basic_auth", {"username", "password", "password_file"}));
  SENT_TRY(map.read("username", out.username));
  SENT_TRY(map.read("password", out.password));
  SENT_TRY(read_path(map, "password_file", directory, out.password_file));
  if (out.username.empty()) return bad_node(node, "username", "basic_auth needs a username");
  if (!out.password.empty() && !out.password_file.empty())
    return bad_node(node, "basic_auth", "either password or password_file");
  return {};
}

Result<void> read_credentials(const YAML::Node& node, const fs::path& directory, Authorization& out) {
  SENT_TRY_ASSIGN(const YamlMap map,
                  YamlMap::open(node, "authorization", {"type", "credentials", "credentials_file"}));
  out.type = "Bearer";
  SENT_TRY(map.read("type", out.type));
  SENT_TRY(map.read("credentials", out.credentials));
  SENT_TRY(read_path(map, "credentials_file", directory, out.credentials_file));
  if (iequals(out.type, "basic")) return bad_node(node, "type", "for basic authentication use basic_auth");
  if (!out.credentials.empty() && !out.credentials_file.empty())
    return bad_node(node, "authorization", "either credentials or credentials_file");
  return {};
}

Result<void> read_authorization(const YamlMap& map, const fs::path& directory, Authorization& out) {
  int ways = 0;
  if (map.has("basic_auth")) {
    ++ways;
    SENT_TRY(read_basic_auth(map.child("basic_auth"), directory, out));
  }
  if (map.has("authorization")) {
    ++ways;
    SENT_TRY(read_credentials(map.child("authorization"), directory, out));
  }
  for (const char* key : {"bearer_token", "bearer_token_file"})
    if (map.has(key)) {
      ++ways;
      out.type = "Bearer";
    }
  SENT_TRY(map.read("bearer_token", out.credentials));
  SENT_TRY(read_path(map, "bearer_token_file", directory, out.credentials_file));
  if (ways > 1) return bad_node(map.node(), "authorization", "only one way to authenticate can be used");
  return {};
}

Result<void> read_tls(const YAML::Node& node, const fs::path& directory, net::TlsClientOptions& out) {
  SENT_TRY_ASSIGN(
      const YamlMap map,
      YamlMap::open(node, "tls_config", {"ca_file", "cert_file", "key_file", "insecure_skip_verify"},
                    {"ca", "cert", "key", "server_name", "min_version", "max_version"}));
  for (const auto& [key, target] : {std::pair{"ca_file", &out.ca_file},
                                    {"cert_file", &out.certificate_file},
                                    {"key_file", &out.key_file}}) {
    fs::path file;
    SENT_TRY(read_path(map, key, directory, file));
    *target = file.string();
  }
  if (out.certificate_file.empty() != out.key_file.empty())
    return bad_node(node, "tls_config", "cert_file and key_file go together");
  bool skip = false;
  SENT_TRY(map.read("insecure_skip_verify", skip));
  out.verify = !skip;
  return {};
}

Result<void> read_params(const YamlMap& map, Parameters& out) {
  const YAML::Node params = map.child("params");
  if (!params.IsDefined()) return {};
  if (!params.IsMap()) return bad_node(params, "params", "a map of name: [value, ...] is expected");
  for (const auto& item : params) {
    if (!item.first.IsScalar()) return bad_node(item.first, "params", "names must be texts");
    auto& values = out.emplace_back(item.first.Scalar(), std::vector<std::string>()).second;
    if (!item.second.IsSequence()) return bad_node(item.second, "params", "a list of values is expected");
    for (const YAML::Node& value : item.second) {
      if (!value.IsScalar()) return bad_node(value, "params", "values must be texts");
      values.push_back(value.Scalar());
    }
  }
  return {};
}

Result<TargetGroup> read_group(const YAML::Node& node) {
  SENT_TRY_ASSIGN(const YamlMap map, YamlMap::open(node, "static_configs", {"targets", "labels"}));
  TargetGroup group;
  SENT_TRY(map.read("targets", group.targets));
  SENT_TRY(map.read("labels", group.labels));
  return group;
}

Result<void> read_files(const YAML::Node& node, const fs::path& directory, ScrapeJob& job) {
  SENT_TRY_ASSIGN(const YamlMap map, YamlMap::open(node, "file_sd_configs", {"files", "refresh_interval"}));
  std::vector<std::string> files;
  Duration refresh{};  // read for its form only: the files are looked at every few seconds
  SENT_TRY(map.read("files", files));
  SENT_TRY(map.read("refresh_interval", refresh));
  if (files.empty()) return bad_node(node, "files", "at least one file is expected");
  for (const std::string& file : files) {
    const fs::path path = directory / file;
    const std::string kind = path.extension().string();
    if (kind != ".json" && kind != ".yml" && kind != ".yaml")
      return bad_node(node, "files", "\"{}\" must end in .json, .yml or .yaml", file);
    if (path.parent_path().string().find_first_of("*?") != std::string::npos)
      return bad_node(node, "files", "\"{}\" may have a pattern in its last part only", file);
    job.target_files.push_back(path);
  }
  return {};
}

Result<void> read_discovery(const YamlMap& map, const fs::path& directory, ScrapeJob& job) {
  SENT_TRY(map.for_each("static_configs", [&](const YAML::Node& item) -> Result<void> {
    SENT_TRY_ASSIGN(TargetGroup group, read_group(item));
    job.static_groups.push_back(std::move(group));
    return {};
  }));
  return map.for_each("file_sd_configs",
                      [&](const YAML::Node& item) { return read_files(item, directory, job); });
}

Result<void> read_times(const YamlMap& map, ScrapeJob& job) {
  SENT_TRY(map.read("scrape_interval", job.interval));
  const bool own_timeout = map.has("scrape_timeout");
  SENT_TRY(map.read("scrape_timeout", job.timeout));
  if (job.interval < 10ms) return bad_node(map.node(), "scrape_interval", "at least 10ms is expected");
  if (own_timeout && job.timeout > job.interval)
    return bad_node(map.node(), "scrape_timeout", "{} is longer than the scrape_interval of {}",
                    to_text(job.timeout), to_text(job.interval));
  job.timeout = std::min(job.timeout, job.interval);
  if (job.timeout <= Duration::zero())
    return bad_node(map.node(), "scrape_timeout", "more than 0 is expected");
  return {};
}

Result<void> read_limits(const YamlMap& map, ScrapeLimits& limits) {
  SENT_TRY(read_size(map, "body_size_limit", limits.body_bytes));
  SENT_TRY(map.read("sample_limit", limits.samples));
  SENT_TRY(map.read("label_limit", limits.labels));
  SENT_TRY(map.read("label_name_length_limit", limits.label_name_bytes));
  SENT_TRY(map.read("label_value_length_limit", limits.label_value_bytes));
  return map.read("target_limit", limits.targets);
}

Result<ScrapeJob> read_job(const YAML::Node& node, const ScrapeJob& defaults, const fs::path& directory) {
  SENT_TRY_ASSIGN(const YamlMap map, YamlMap::open(node, "scrape_configs", kJobKeys, kUnsupportedJobKeys));
  ScrapeJob job = defaults;
  SENT_TRY(map.read("job_name", job.name));
  if (job.name.empty()) return bad_node(node, "job_name", "every entry of scrape_configs needs a job_name");
  SENT_TRY(read_times(map, job));
  SENT_TRY(map.read("metrics_path", job.metrics_path));
  SENT_TRY(map.read("scheme", job.scheme));
  if (job.scheme != "http" && job.scheme != "https")
    return bad_node(map.child("scheme"), "scheme", "http or https is expected");
  SENT_TRY(read_params(map, job.params));
  SENT_TRY(map.read("honor_labels", job.honor_labels));
  SENT_TRY(map.read("honor_timestamps", job.honor_timestamps));
  SENT_TRY(map.read("follow_redirects", job.follow_redirects));
  SENT_TRY(read_authorization(map, directory, job.authorization));
  if (map.has("tls_config")) SENT_TRY(read_tls(map.child("tls_config"), directory, job.tls));
  SENT_TRY(read_limits(map, job.limits));
  SENT_TRY_ASSIGN(job.relabeling, read_relabeling(map, "relabel_configs"));
  SENT_TRY_ASSIGN(job.metric_relabeling, read_relabeling(map, "metric_relabel_configs"));
  SENT_TRY(read_discovery(map, directory, job));
  job.fingerprint = fmt::format("{}|{}|{}|{}", job.interval.count(), job.timeout.count(), directory.string(),
                                YAML::Dump(node));
  return job;
}

Result<ScrapeConfig> read_config(const YAML::Node& root, const fs::path& directory) {
  ScrapeConfig config;
  Keys known = kTopKeys;
  known.insert(known.end(), kOtherParts.begin(), kOtherParts.end());
  SENT_TRY_ASSIGN(const YamlMap top, YamlMap::open(root, "file", known));
  for (const std::string_view part : kOtherParts)
    if (top.has(part))
      config.warnings.push_back(fmt::format("{} is not about scraping and is passed over", part));
  ScrapeJob defaults;
  if (top.has("global")) {
    SENT_TRY_ASSIGN(const YamlMap global, YamlMap::open(top.child("global"), "global", kGlobalKeys));
    SENT_TRY(read_times(global, defaults));
    SENT_TRY(global.read("external_labels", config.external_labels));
  }
  std::set<std::string> names;
  SENT_TRY(top.for_each("scrape_configs", [&](const YAML::Node& item) -> Result<void> {
    SENT_TRY_ASSIGN(ScrapeJob job, read_job(item, defaults, directory));
    if (!names.insert(job.name).second)
      return bad_node(item, "job_name", "two jobs are called \"{}\"", job.name);
    config.jobs.push_back(std::move(job));
    return {};
  }));
  return config;
}

Result<std::vector<TargetGroup>> groups_of_json(const boost::json::value& document) {
  if (!document.is_array()) return fail(Errc::kInvalid, "a list of target groups is expected");
  std::vector<TargetGroup> groups;
  for (const auto& item : document.get_array()) {
    if (!item.is_object()) return fail(Errc::kInvalid, "a target group must be an object");
    const auto& object = item.get_object();
    SENT_TRY(only_fields(object, {"targets", "labels"}));
    TargetGroup group;
    SENT_TRY_ASSIGN(group.targets, optional_strings(object, "targets"));
    if (const auto* labels = object.if_contains("labels"); labels != nullptr && !labels->is_null()) {
      if (!labels->is_object()) return fail_field(Errc::kInvalid, "labels", "an object is expected");
      for (const auto& label : labels->get_object()) {
        const std::string_view name = label.key();
        if (!is_label_name(name) || !label.value().is_string())
          return fail_field(Errc::kInvalid, "labels", "\"{}\" is not a label with a text", name);
        group.labels.set(name, std::string_view(label.value().get_string()));
      }
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace

Result<ScrapeConfig> parse_scrape_config(std::string_view yaml, const std::filesystem::path& directory) {
  SENT_TRY_ASSIGN(const YAML::Node root, load_yaml(yaml, kMaxConfigBytes));
  try {
    return read_config(root, directory);
  } catch (const YAML::Exception& error) {
    return fail(Errc::kInvalid, "line {}: {}", error.mark.line + 1, error.msg);
  }
}

Result<ScrapeConfig> load_scrape_config(const std::filesystem::path& file) {
  SENT_TRY_ASSIGN(const std::string text, read_file(file, kMaxConfigBytes));
  auto config = parse_scrape_config(text, file.parent_path());
  if (!config) config.error().message = fmt::format("{}: {}", file.string(), config.error().message);
  return config;
}

Result<std::vector<TargetGroup>> parse_target_file(std::string_view text, bool json) {
  if (json) {
    SENT_TRY_ASSIGN(const auto document, parse_json(text));
    return groups_of_json(document);
  }
  SENT_TRY_ASSIGN(const YAML::Node root, load_yaml(text, kMaxConfigBytes));
  std::vector<TargetGroup> groups;
  if (root.IsNull()) return groups;
  if (!root.IsSequence()) return bad_node(root, "", "a list of target groups is expected");
  try {
    for (const YAML::Node& item : root) {
      SENT_TRY_ASSIGN(TargetGroup group, read_group(item));
      groups.push_back(std::move(group));
    }
  } catch (const YAML::Exception& error) {
    return fail(Errc::kInvalid, "line {}: {}", error.mark.line + 1, error.msg);
  }
  return groups;
}

}  // namespace sentinella::scrape
