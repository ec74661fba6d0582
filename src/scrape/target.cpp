#include "scrape/target.h"

#include "base/hash.h"
#include "base/text.h"
#include "net/http.h"
#include "net/http_client.h"

namespace sentinella::scrape {
namespace {

constexpr std::string_view kAddress = "__address__", kScheme = "__scheme__", kPath = "__metrics_path__",
                           kInterval = "__scrape_interval__", kTimeout = "__scrape_timeout__",
                           kParameter = "__param_", kReserved = "__";

/// Gives `name` a value unless the group has given one.
void offer(Labels& labels, std::string_view name, std::string_view value) {
  if (labels.get(name).empty()) labels.set(name, value);
}

Labels labels_before_relabeling(const ScrapeJob& job, const std::string& address, const Labels& group) {
  Labels labels = group;
  labels.set(kAddress, address);
  offer(labels, "job", job.name);
  offer(labels, kInterval, to_text(job.interval));
  offer(labels, kTimeout, to_text(job.timeout));
  offer(labels, kPath, job.metrics_path);
  offer(labels, kScheme, job.scheme);
  for (const auto& [name, values] : job.params)
    if (!values.empty()) offer(labels, std::string(kParameter) + name, values.front());
  return labels;
}

/// "host", "[::1]", "::1" get the scheme's port.
std::string with_port(std::string_view address, std::string_view scheme) {
  const auto colon = address.rfind(':');
  const bool bare_ipv6 = address.find(':') != colon && !address.contains(']');
  const bool has_port = colon != std::string_view::npos && !bare_ipv6 && !address.ends_with(']');
  if (has_port) return std::string(address);
  return fmt::format("{}{}{}:{}", bare_ipv6 ? "[" : "", address, bare_ipv6 ? "]" : "",
                     scheme == "https" ? 443 : 80);
}

/// The job's parameters, the first value of each as relabelling left it.
std::string query_of(const ScrapeJob& job, const Labels& labels) {
  std::string query;
  const auto add = [&](std::string_view name, std::string_view value) {
    query += query.empty() ? '?' : '&';
    query += net::percent_encode(name) + '=' + net::percent_encode(value);
  };
  for (const Label& label : labels)
    if (label.name.starts_with(kParameter)) add(label.name.substr(kParameter.size()), label.value);
  for (const auto& [name, values] : job.params)
    for (std::size_t i = 1; i < values.size(); ++i) add(name, values[i]);
  return query;
}

Result<Duration> positive_duration(const Labels& labels, std::string_view name) {
  const auto duration = parse_duration(labels.get(name));
  if (!duration || *duration <= Duration::zero())
    return fail_field(Errc::kInvalid, name, "\"{}\" is not a duration over 0", labels.get(name));
  return *duration;
}

}  // namespace

Result<std::optional<Target>> make_target(const ScrapeJob& job, const std::string& address,
                                          const Labels& group) {
  Labels labels = labels_before_relabeling(job, address, group);
  if (!job.relabeling.apply(labels)) return std::nullopt;
  if (labels.get(kAddress).empty())
    return fail_field(Errc::kInvalid, kAddress, "a target of {} has no address", job.name);
  const std::string_view scheme = labels.get(kScheme);
  if (scheme != "http" && scheme != "https")
    return fail_field(Errc::kInvalid, kScheme, "\"{}\" is not http or https", scheme);
  const std::string full = with_port(labels.get(kAddress), scheme);
  if (full.find_first_of("/?#@") != std::string::npos)
    return fail_field(Errc::kInvalid, kAddress, "\"{}\" is not HOST:PORT", full);

  Target target;
  SENT_TRY_ASSIGN(target.interval, positive_duration(labels, kInterval));
  SENT_TRY_ASSIGN(target.timeout, positive_duration(labels, kTimeout));
  if (target.timeout > target.interval)
    return fail_field(Errc::kInvalid, kTimeout, "{} is longer than the interval", labels.get(kTimeout));
  const std::string_view path = labels.get(kPath);
  target.url = fmt::format("{}://{}{}{}{}", scheme, full, path.starts_with('/') ? "" : "/", path,
                           query_of(job, labels));
  SENT_TRY(net::parse_url(target.url));
  offer(labels, "instance", full);
  std::vector<Label> kept;
  for (const Label& label : labels) {
    if (label.name.starts_with(kReserved)) continue;
    if (!is_valid_utf8(label.value)) return fail_field(Errc::kInvalid, label.name, "the value is not UTF-8");
    kept.push_back(label);
  }
  target.labels = Labels(std::move(kept));
  return target;
}

Duration first_delay(const Target& target, Time now, std::uint64_t seed) {
  const std::int64_t interval = target.interval.count();
  const auto place =
      static_cast<std::int64_t>(hash64(target.key(), seed) % static_cast<std::uint64_t>(interval));
  const std::int64_t into = now.ns % interval;
  return Duration(place >= into ? place - into : place - into + interval);
}

}  // namespace sentinella::scrape
