#include "agent/collect/haproxy.h"

#include <map>

#include "agent/collect/dialogue.h"
#include "agent/collect/sources.h"
#include "base/crypto.h"
#include "base/text.h"
#include "net/http_client.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxStatistics = 4 << 20;
constexpr std::size_t kMaxLines = 2000;
constexpr std::string_view kHead = "# pxname,svname,";

/// One line, its cells by the names of the first line.
class Row {
 public:
  Row(const std::map<std::string_view, std::size_t>& columns, std::vector<std::string_view> cells)
      : columns_(columns), cells_(std::move(cells)) {}
  std::string_view text(std::string_view column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() || found->second >= cells_.size() ? std::string_view()
                                                                     : cells_[found->second];
  }
  std::optional<double> number(std::string_view column) const { return parse_double(text(column)); }

 private:
  const std::map<std::string_view, std::size_t>& columns_;
  std::vector<std::string_view> cells_;
};

/// Cells between commas; those with commas in them stand in double quotes.
std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && line[i] == '"') quoted = !quoted;
    if (i < line.size() && (line[i] != ',' || quoted)) continue;
    cells.push_back(line.substr(begin, i - begin));
    begin = i + 1;
  }
  return cells;
}

void write_frontend(const Row& row, std::string_view instance, SampleWriter& out) {
  const std::initializer_list<SampleWriter::LabelView> labels = {{"instance", instance},
                                                                 {"proxy", row.text("pxname")}};
  out.add(metric("haproxy_frontend_current_sessions"), row.number("scur"), labels);
  out.add(metric("haproxy_frontend_limit_sessions"), row.number("slim"), labels);
}

void write_backend(const Row& row, std::string_view instance, SampleWriter& out) {
  const std::string_view proxy = row.text("pxname");
  const std::initializer_list<SampleWriter::LabelView> labels = {{"instance", instance}, {"proxy", proxy}};
  out.add(metric("haproxy_backend_up"), row.text("status").starts_with("UP") ? 1 : 0, labels);
  out.add(metric("haproxy_backend_active_servers"), row.number("act"), labels);
  out.add(metric("haproxy_backend_current_queue"), row.number("qcur"), labels);
  out.add(metric("haproxy_backend_current_sessions"), row.number("scur"), labels);
  out.add(metric("haproxy_backend_connection_errors_total"), row.number("econ"), labels);
  out.add(metric("haproxy_backend_response_errors_total"), row.number("eresp"), labels);
  if (const auto milliseconds = row.number("rtime"))
    out.add(metric("haproxy_backend_response_time_average_seconds"), *milliseconds / 1000, labels);
  for (std::string_view code : {"1xx", "2xx", "3xx", "4xx", "5xx", "other"})
    out.add(metric("haproxy_backend_http_responses_total"), row.number("hrsp_" + std::string(code)),
            {{"instance", instance}, {"proxy", proxy}, {"code", code}});
}

void write_server(const Row& row, std::string_view instance, SampleWriter& out) {
  const std::initializer_list<SampleWriter::LabelView> labels = {
      {"instance", instance}, {"proxy", row.text("pxname")}, {"server", row.text("svname")}};
  // Who was taken out on purpose (MAINT, DRAIN) is no failure; "no check" says nothing at all.
  const std::string_view status = row.text("status");
  if (status != "no check") out.add(metric("haproxy_server_up"), status.starts_with("DOWN") ? 0 : 1, labels);
  out.add(metric("haproxy_server_check_failures_total"), row.number("chkfail"), labels);
}

}  // namespace

Result<void> write_haproxy(std::string_view csv, std::string_view instance, SampleWriter& out) {
  const auto lines = split(csv, '\n');
  if (lines.empty() || !lines[0].starts_with(kHead))
    return fail(Errc::kCorrupt, "the answer is not HAProxy's statistics");
  std::map<std::string_view, std::size_t> columns;
  for (std::string_view name : split(lines[0].substr(2), ',')) columns.emplace(trim(name), columns.size());
  out.add(metric("haproxy_up"), 1, "instance", instance);
  for (std::size_t i = 1; i < std::min(lines.size(), kMaxLines); ++i) {
    const Row row(columns, cells_of(lines[i]));
    const std::string_view server = row.text("svname");
    if (server.empty()) continue;
    if (server == "FRONTEND")
      write_frontend(row, instance, out);
    else if (server == "BACKEND")
      write_backend(row, instance, out);
    else
      write_server(row, instance, out);
  }
  return {};
}

Result<std::string> HaproxySource::ask() const {
  if (config_.url.starts_with('/')) {
    SENT_TRY_ASSIGN(Dialogue dialogue, Dialogue::open(config_.url, kLimit));
    SENT_TRY(dialogue.send("show stat\n"));
    return dialogue.receive_until("", kMaxStatistics);
  }
  net::HttpClient client({.ca_file = config_.ca_file, .verify = config_.verify});
  net::ClientRequest request;
  request.url = config_.url.ends_with(";csv") ? config_.url : config_.url + ";csv";
  request.timeout = kLimit;
  request.max_response_bytes = kMaxStatistics;
  if (!config_.user.empty()) {
    SENT_TRY_ASSIGN(const std::string password, password_of(config_));
    request.headers.set("Authorization", "Basic " + to_base64(config_.user + ":" + password));
  }
  SENT_TRY_ASSIGN(net::Response response, client.send(request));
  if (response.status != 200) return fail(Errc::kUnavailable, "it answers {}", response.status);
  return std::move(response.body);
}

Result<void> HaproxySource::collect(SampleWriter& out) {
  const auto answer = ask();
  if (answer) return write_haproxy(*answer, config_.url, out);
  out.add(metric("haproxy_up"), 0, "instance", config_.url);
  return std::unexpected(answer.error());
}

}  // namespace sentinella::agent
