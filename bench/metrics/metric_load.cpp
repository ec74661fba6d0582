// Sends metrics to a server over HTTP as fast as it takes them, over keep-alive connections, and prints what
// became of them as one line of JSON. Bodies are made before they are sent, a stretch of ticks at a time; the
// same arguments make the same bodies. Hosts are spread over the connections in groups of a body's size, so
// that each series arrives in order.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <snappy.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "series/embedded/telemetry_samples.h"

namespace {

using namespace sentinella::series;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kFieldsPerLine = 10;
constexpr std::uint64_t kSamplesAhead = 3'000'000;  // made before they are sent; bounds memory
constexpr std::uint64_t kTicksAhead = 30;  // a connection is never further ahead of another than this

struct Options {
  std::string host = "127.0.0.1", path, authorization, recording;
  std::uint16_t port = 0;
  bool remote_write = false;
  std::uint64_t hosts = 100, metrics = 100, hosts_per_body = 25, connections = 4;
  std::uint64_t first_tick = 0, ticks = 720, step_seconds = 10;
  std::int64_t start_seconds = 0;
};

Options parse(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  Options options;
  const auto text = [&](const char* name, std::string& into) {
    if (const auto found = given.extract(name)) into = found.mapped();
  };
  const auto number = [&](const char* name, auto& into) {
    if (const auto found = given.extract(name))
      into = static_cast<std::remove_reference_t<decltype(into)>>(std::stoll(found.mapped()));
  };
  std::string format = "influx";
  text("--path", options.path);
  text("--authorization", options.authorization);
  text("--recording", options.recording);
  text("--format", format);
  number("--port", options.port);
  number("--hosts", options.hosts);
  number("--metrics", options.metrics);
  number("--hosts-per-body", options.hosts_per_body);
  number("--connections", options.connections);
  number("--first-tick", options.first_tick);
  number("--ticks", options.ticks);
  number("--start", options.start_seconds);
  if (!given.empty()) throw std::invalid_argument("unknown option " + given.begin()->first);
  if (format != "influx" && format != "remote") throw std::invalid_argument("--format is influx or remote");
  options.remote_write = format == "remote";
  return options;
}

// ---- what the hosts measure

std::string number_text(std::uint64_t number, int digits) {
  char buffer[24];
  std::snprintf(buffer, sizeof buffer, "%0*llu", digits, static_cast<unsigned long long>(number));
  return buffer;
}

struct MetricName {
  std::string measurement, field;
};
std::vector<MetricName> metric_names(std::uint64_t count, const std::vector<RecordedSeries>& recording) {
  static const char* const kGroups[] = {"cpu",     "mem",    "disk",      "diskio", "net",
                                        "netstat", "system", "processes", "kernel", "swap"};
  std::vector<MetricName> names;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t group = i / kFieldsPerLine;
    std::string measurement = kGroups[group % 10];
    if (group >= 10) measurement += number_text(group / 10, 1);
    std::string field = "f" + number_text(i % kFieldsPerLine, 1);
    if (!recording.empty()) {
      measurement = "proc" + number_text(group, 2);
      field = recording[i].name;
      std::ranges::replace_if(
          field, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    }
    names.push_back({measurement, field});
  }
  return names;
}

struct Tag {
  const char* name;
  std::string value;
};
std::vector<Tag> tags_of(std::uint64_t host) {
  static const char* const kRoles[] = {"compute", "controller", "network", "storage"};
  return {{"cloud", "prod"},
          {"host", "host-" + number_text(host, 5)},
          {"rack", "r" + number_text(host / 40, 3)},
          {"role", kRoles[host % 4]},
          {"zone", "az" + number_text(host % 3 + 1, 1)}};
}

/// All series of a host, in the order of their names; sources of either kind.
class Host {
 public:
  Host(std::uint64_t number, std::uint64_t metrics, const std::vector<RecordedSeries>& recording) {
    for (std::uint64_t i = 0; i < metrics; ++i) {
      const std::uint64_t seed = number * 1'000'003 + i;
      // Kinds in another order than the names, so that each line has several.
      if (recording.empty())
        made_up_.emplace_back(telemetry_of(static_cast<unsigned>(i * 37 % 100)), seed);
      else
        replayed_.emplace_back(recording[i], seed);
    }
  }
  double next(std::uint64_t metric) {
    return replayed_.empty() ? made_up_[metric].next() : replayed_[metric].next();
  }

 private:
  std::vector<TelemetrySeries> made_up_;
  std::vector<ReplayedSeries> replayed_;
};

// ---- bodies

void append_number(std::string& out, double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr;
  out.append(buffer, end);
}

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}
void put_text(std::string& out, char key, std::string_view text) {
  out.push_back(key);
  put_varint(out, text.size());
  out += text;
}

/// Writes one sample of each series of hosts as one body.
class BodyWriter {
 public:
  BodyWriter(const Options& options, const std::vector<MetricName>& names)
      : options_(options), names_(names) {}

  std::string body(std::vector<Host>& hosts, std::uint64_t from, std::uint64_t until,
                   std::uint64_t tick) const {
    const std::int64_t seconds =
        options_.start_seconds + static_cast<std::int64_t>(tick * options_.step_seconds);
    std::string out;
    for (std::uint64_t host = from; host < until; ++host)
      options_.remote_write ? put_series(out, host, hosts[host], seconds)
                            : put_lines(out, host, hosts[host], seconds);
    if (!options_.remote_write) return out;
    std::string compressed;
    snappy::Compress(out.data(), out.size(), &compressed);
    return compressed;
  }

 private:
  void put_lines(std::string& out, std::uint64_t number, Host& host, std::int64_t seconds) const {
    std::string tags;
    for (const Tag& tag : tags_of(number)) tags.append(",").append(tag.name).append("=").append(tag.value);
    for (std::uint64_t i = 0; i < names_.size(); ++i) {
      if (i % kFieldsPerLine == 0) out.append(names_[i].measurement).append(tags);
      out.append(i % kFieldsPerLine == 0 ? " " : ",").append(names_[i].field).append("=");
      append_number(out, host.next(i));
      if (i % kFieldsPerLine == kFieldsPerLine - 1 || i + 1 == names_.size())
        out.append(" ").append(std::to_string(seconds)).append("000000000\n");
    }
  }

  /// prometheus.WriteRequest: timeseries = 1 { labels = 1 { name = 1, value = 2 }, samples = 2 { value = 1,
  /// timestamp = 2 } }.
  void put_series(std::string& out, std::uint64_t number, Host& host, std::int64_t seconds) const {
    std::string tags;
    for (const Tag& tag : tags_of(number)) put_label(tags, tag.name, tag.value);
    for (std::uint64_t i = 0; i < names_.size(); ++i) {
      std::string series, sample;
      put_label(series, "__name__", names_[i].measurement + "_" + names_[i].field);
      series += tags;
      const double value = host.next(i);
      sample.push_back(1 << 3 | 1);
      sample.append(reinterpret_cast<const char*>(&value), 8);
      sample.push_back(2 << 3);
      put_varint(sample, static_cast<std::uint64_t>(seconds) * 1000);
      put_text(series, 2 << 3 | 2, sample);
      put_text(out, 1 << 3 | 2, series);
    }
  }
  static void put_label(std::string& out, std::string_view name, std::string_view value) {
    std::string label;
    put_text(label, 1 << 3 | 2, name);
    put_text(label, 2 << 3 | 2, value);
    put_text(out, 1 << 3 | 2, label);
  }

  const Options& options_;
  const std::vector<MetricName>& names_;
};

// ---- sending

/// One keep-alive connection; opens it again when the server closed it.
class Connection {
 public:
  explicit Connection(const Options& options) : options_(options) {
    head_ = "POST " + options.path + " HTTP/1.1\r\nHost: bench\r\n";
    if (!options.authorization.empty()) head_ += "Authorization: " + options.authorization + "\r\n";
    if (options.remote_write)
      head_ +=
          "Content-Type: application/x-protobuf\r\nContent-Encoding: "
          "snappy\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\n";
  }
  ~Connection() {
    if (socket_ >= 0) close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The status, or 0.
  int post(std::string_view body) {
    if (socket_ < 0 && !open()) return 0;
    const std::string head = head_ + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    if (!send_all(head, MSG_MORE) || !send_all(body, 0)) return shut();
    return read_answer();
  }
  const std::string& last_answer() const { return answer_; }

 private:
  bool open() {
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    inet_pton(AF_INET, options_.host.c_str(), &address.sin_addr);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || shut() != 0;
  }
  int shut() {
    close(socket_);
    socket_ = -1;
    return 0;
  }
  bool send_all(std::string_view bytes, int flags) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), flags | MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  int read_answer() {
    answer_.clear();
    std::optional<std::size_t> end;
    while (!end || answer_.size() < *end) {
      char buffer[4096];
      const ssize_t got = recv(socket_, buffer, sizeof buffer, 0);
      if (got <= 0) return shut();
      answer_.append(buffer, static_cast<std::size_t>(got));
      const std::size_t head = answer_.find("\r\n\r\n");
      if (head != std::string::npos) end = head + 4 + content_length(head);
    }
    const int status = std::atoi(answer_.c_str() + 9);
    if (answer_.find("onnection: close") != std::string::npos) shut();
    return status;
  }
  std::size_t content_length(std::size_t head) const {
    for (std::size_t at = 0; (at = answer_.find("\r\n", at)) < head;) {
      at += 2;
      if (strncasecmp(answer_.c_str() + at, "Content-Length:", 15) == 0)
        return static_cast<std::size_t>(std::atoll(answer_.c_str() + at + 15));
    }
    return 0;
  }

  const Options& options_;
  int socket_ = -1;
  std::string head_, answer_;
};

struct Outcome {
  std::uint64_t requests = 0, refused = 0, bytes = 0;
  std::string first_refusal;
};

void send_bodies(Connection& connection, const std::vector<std::string>& bodies, Outcome& outcome) {
  for (const std::string& body : bodies) {
    const int status = connection.post(body);
    ++outcome.requests;
    outcome.bytes += body.size();
    if (status / 100 == 2) continue;
    if (outcome.refused++ == 0) outcome.first_refusal = connection.last_answer();
  }
}

int run(Options options) {
  const auto recording =
      options.recording.empty() ? std::vector<RecordedSeries>{} : read_recording(options.recording);
  if (!recording.empty()) options.metrics = recording.size();
  const auto names = metric_names(options.metrics, recording);
  std::vector<Host> hosts;
  for (std::uint64_t host = 0; host < options.hosts; ++host)
    hosts.emplace_back(host, options.metrics, recording);
  for (std::uint64_t tick = 0; tick < options.first_tick; ++tick)
    for (Host& host : hosts)
      for (std::uint64_t i = 0; i < options.metrics; ++i) host.next(i);

  const BodyWriter writer(options, names);
  std::vector<std::unique_ptr<Connection>> connections;
  for (std::uint64_t i = 0; i < options.connections; ++i)
    connections.push_back(std::make_unique<Connection>(options));
  std::vector<Outcome> outcomes(options.connections);
  const std::uint64_t ahead =
      std::clamp<std::uint64_t>(kSamplesAhead / (options.hosts * options.metrics), 1, kTicksAhead);
  double seconds = 0;
  const std::uint64_t last = options.first_tick + options.ticks;
  for (std::uint64_t tick = options.first_tick; tick < last; tick += ahead) {
    std::vector<std::vector<std::string>> bodies(options.connections);
    for (std::uint64_t t = tick; t < std::min(tick + ahead, last); ++t)
      for (std::uint64_t from = 0, group = 0; from < options.hosts; from += options.hosts_per_body, ++group)
        bodies[group % options.connections].push_back(
            writer.body(hosts, from, std::min(from + options.hosts_per_body, options.hosts), t));
    const auto start = Clock::now();
    {
      std::vector<std::jthread> senders;
      for (std::uint64_t i = 0; i < options.connections; ++i)
        senders.emplace_back([&, i] { send_bodies(*connections[i], bodies[i], outcomes[i]); });
    }
    seconds += std::chrono::duration<double>(Clock::now() - start).count();
  }
  Outcome all;
  for (const Outcome& outcome : outcomes) {
    all.requests += outcome.requests;
    all.refused += outcome.refused;
    all.bytes += outcome.bytes;
    if (all.first_refusal.empty()) all.first_refusal = outcome.first_refusal;
  }
  if (all.refused > 0) std::fprintf(stderr, "first refusal: %.600s\n", all.first_refusal.c_str());
  std::printf(
      "{\"samples\": %llu, \"series\": %llu, \"requests\": %llu, \"refused\": %llu, \"bytes\": %llu, "
      "\"seconds\": %.3f}\n",
      static_cast<unsigned long long>(options.hosts * options.metrics * options.ticks),
      static_cast<unsigned long long>(options.hosts * options.metrics),
      static_cast<unsigned long long>(all.requests), static_cast<unsigned long long>(all.refused),
      static_cast<unsigned long long>(all.bytes), seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) try { return run(parse(argc, argv)); } catch (const std::exception& error) {
  std::fprintf(stderr, "metric_load: %s\n", error.what());
  return 2;
}
