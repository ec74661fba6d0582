#include "agent/status.h"

#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxStatus = 1 << 20;

Result<sockaddr_un> address_of(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& path = socket.native();
  if (path.size() >= sizeof address.sun_path)
    return fail(Errc::kInvalid, "the path {} is too long for a socket (at most {} bytes)", path,
                sizeof address.sun_path - 1);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

/// What is not as it should be, each with what mends it.
std::vector<std::string> problems_of(const AgentStatus& status) {
  std::vector<std::string> problems;
  if (!status.uplink.problem.empty()) problems.push_back(status.uplink.problem);
  if (!status.config_problem.empty())
    problems.push_back("the configuration has changed and cannot be used, the old one is at work: " +
                       status.config_problem);
  if (!status.guard.empty()) problems.push_back("the agent holds itself back: " + status.guard);
  if (!status.settings.problem.empty()) problems.push_back(status.settings.problem);
  for (const ServiceStatus& service : status.services)
    if (!service.hung.empty())
      problems.push_back(fmt::format("{} does not respond: {}", service.name, service.hung));
  for (const ServiceStatus& service : status.services)
    if (service.broker == "lost")
      problems.push_back(
          fmt::format("{} runs and has lost its connection to the message broker; does the broker run, is it "
                      "reachable from here? see the service's log",
                      service.name));
  for (const std::string& problem : status.source_problems) problems.push_back(problem);
  for (const ServiceStatus& service : status.services)
    if (!service.log_problem.empty())
      problems.push_back(fmt::format("{}: {}", service.name, service.log_problem));
  for (const ServiceStatus& service : status.services)
    if (service.dropped_records > 0)
      problems.push_back(fmt::format(
          "{}: {} records of its logs were left out since the start, over log_limits; raise them, or "
          "have the service log less",
          service.name, service.dropped_records));
  if (status.kernel_records_dropped > 0)
    problems.push_back(
        fmt::format("{} records of the kernel's log were left out since the start, over log_limits; see what "
                    "fills it with dmesg, or raise them",
                    status.kernel_records_dropped));
  if (status.kernel_messages_lost > 0)
    problems.push_back(
        fmt::format("{} messages of the kernel's log were overwritten before they were read; give it more "
                    "memory with log_buf_len=4M on the kernel's command line",
                    status.kernel_messages_lost));
  if (status.spool.dropped_logs + status.spool.dropped_metrics > 0)
    problems.push_back(
        fmt::format("the spool was full: {} log and {} metric batches dropped; raise spool_max_bytes",
                    status.spool.dropped_logs, status.spool.dropped_metrics));
  if (status.uplink.refused > 0)
    problems.push_back(
        fmt::format("the server refused {} batches; see the directory refused/ in the state directory",
                    status.uplink.refused));
  if (!status.watch.exit_info && !status.watch.kernel_events)
    problems.push_back(
        "how a service ended cannot be known (Linux 6.15, or kernel process events, would tell); mend with: "
        "setcap cap_net_admin+ep /usr/bin/sentinella");
  if (!status.kernel_log_problem.empty())
    problems.push_back(status.kernel_log_problem +
                       "; mend with: setcap cap_syslog+ep /usr/bin/sentinella, or "
                       "\"kernel_log\": false");
  return problems;
}

std::string ago(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (!value || !value->is_number()) return "never";
  const auto seconds = value->to_number<double>();
  return seconds < 120 ? fmt::format("{:.0f} s ago", seconds) : fmt::format("{:.0f} min ago", seconds / 60);
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

std::string render(const json::object& root) {
  std::string out = fmt::format("sentinella {}, pid {}, host {}\n", text_of(root.at("version")),
                                text_of(root.at("pid")), text_of(root.at("host")));
  const json::object& server = root.at("server").as_object();
  const json::object& spool = root.at("spool").as_object();
  const json::object& watch = root.at("watch").as_object();
  out += fmt::format("server    {}, last contact {}, {} batches sent\n", text_of(server.at("url")),
                     ago(server, "last_contact_seconds_ago"), text_of(server.at("sent")));
  out += fmt::format("spool     {} batches wait, {} of {} bytes\n", text_of(spool.at("waiting")),
                     text_of(spool.at("bytes")), text_of(spool.at("max_bytes")));
  const json::object& settings = root.at("settings").as_object();
  const bool given = settings.at("version").to_number<std::uint64_t>() != 0;
  out +=
      fmt::format("settings  {}{}\n",
                  given ? "of the server, version " + text_of(settings.at("version")) : "of the file alone",
                  settings.at("on_trial").as_bool() ? ", on trial" : "");
  const auto yes = [&](std::string_view key) { return watch.at(key).as_bool() ? "yes" : "no"; };
  out += fmt::format("watch     pidfd: {}, exit info: {}, kernel process events: {}", yes("pidfd"),
                     yes("exit_info"), yes("kernel_events"));
  if (const std::string why = text_of(watch.at("kernel_events_problem")); !why.empty())
    out += fmt::format(" ({})", why);
  out += "\nservices\n";
  for (const auto& item : root.at("services").as_array()) {
    const json::object& service = item.as_object();
    const auto processes = service.at("processes").to_number<std::uint64_t>();
    const bool hung = !text_of(service.at("hung")).empty();
    std::string broker = text_of(service.at("broker"));
    if (!broker.empty())
      broker = fmt::format(", broker {}{}", broker == "lost" ? "LOST" : broker,
                           service.at("broker_by_owner").as_bool() ? " (by its user)" : "");
    const char* absent = service.at("ever_seen").as_bool() ? "absent" : "never seen here";
    out +=
        fmt::format("  {:<28} {}\n", text_of(service.at("name")),
                    processes ? fmt::format("{}, {} process{}, main {}{}", hung ? "HUNG" : "runs", processes,
                                            processes == 1 ? "" : "es", text_of(service.at("mains")), broker)
                              : absent);
  }
  const json::array& problems = root.at("problems").as_array();
  out += problems.empty() ? "no problems\n" : "problems\n";
  for (const auto& problem : problems) out += fmt::format("  - {}\n", text_of(problem));
  return out;
}

}  // namespace

std::string to_json(const AgentStatus& status, Time now) {
  const auto seconds_ago = [&](Time t) { return std::chrono::duration<double>(now - t).count(); };
  JsonWriter json;
  json.object().field("version", status.version).field("pid", static_cast<std::int64_t>(::getpid()));
  json.field("host", status.host).field("started", status.started);
  json.key("server").object().field("url", status.server_url).field("agent_id", status.uplink.agent_id);
  if (status.uplink.last_contact)
    json.field("last_contact", *status.uplink.last_contact)
        .field("last_contact_seconds_ago", seconds_ago(*status.uplink.last_contact));
  json.field("sent", status.uplink.sent).field("refused", status.uplink.refused).end();
  json.key("spool").object().field("waiting", status.spool.waiting_logs + status.spool.waiting_metrics);
  json.field("bytes", status.spool.bytes).field("max_bytes", status.spool_max_bytes);
  json.field("dropped", status.spool.dropped_logs + status.spool.dropped_metrics).end();
  json.key("settings").object().field("version", status.settings.version);
  json.field("on_trial", status.settings.on_trial).field("problem", status.settings.problem).end();
  json.key("guard").object().field("step", static_cast<std::int64_t>(status.guard_step));
  json.field("problem", status.guard).end();
  json.key("watch").object().field("pidfd", status.watch.pidfd).field("exit_info", status.watch.exit_info);
  json.field("kernel_events", status.watch.kernel_events);
  json.field("kernel_events_problem", status.watch.kernel_events_problem).end();
  json.key("services").array();
  for (const ServiceStatus& service : status.services) {
    json.object()
        .field("name", service.name)
        .field("processes", static_cast<std::uint64_t>(service.processes));
    json.key("mains").array();
    for (pid_t pid : service.mains) json.value(static_cast<std::int64_t>(pid));
    json.end().field("ever_seen", service.ever_seen).field("log", service.log);
    json.field("log_problem", service.log_problem).field("hung", service.hung);
    json.field("log_records_dropped", service.dropped_records);
    json.field("broker", service.broker).field("broker_by_owner", service.broker_by_owner).end();
  }
  json.end().key("problems").array();
  for (const std::string& problem : problems_of(status)) json.value(problem);
  json.end().end();
  return json.take();
}

Result<std::string> status_text(std::string_view text) {
  SENT_TRY_ASSIGN(const json::object root, parse_json_object(text));
  try {
    return render(root);
  } catch (const std::exception& e) {
    return fail(Errc::kCorrupt, "the agent's answer is not a status of this version: {}", e.what());
  }
}

Result<FileDescriptor> listen_for_status(const std::filesystem::path& path) {
  SENT_TRY_ASSIGN(const sockaddr_un address, address_of(path));
  ::unlink(path.c_str());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 8) != 0)
    return fail_errno(errno, fmt::format("cannot listen on {}", path.string()));
  ::chmod(path.c_str(), 0660);
  return socket;
}

void answer_status(int socket, std::string_view json) {
  const FileDescriptor caller(::accept4(socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!caller) return;
  const int size = static_cast<int>(std::min(json.size() + 4096, kMaxStatus));
  ::setsockopt(caller.get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  // All or a part: a caller that gets a part says so.
  [[maybe_unused]] const ssize_t sent = ::send(caller.get(), json.data(), json.size(), MSG_NOSIGNAL);
}

Result<std::string> ask_status(const std::filesystem::path& path) {
  SENT_TRY_ASSIGN(const sockaddr_un address, address_of(path));
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno(errno, "cannot make a socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EACCES || errno == EPERM)
      return fail(Errc::kForbidden, "{} may only be asked by root and the agent's own user and group",
                  path.string());
    return fail(Errc::kUnavailable,
                "no agent runs with the state directory {}; start one with: sentinella run",
                path.parent_path().string());
  }
  std::string answer;
  char buffer[16384];
  for (;;) {
    pollfd wait{socket.get(), POLLIN, 0};
    if (::poll(&wait, 1, 3000) != 1) return fail(Errc::kUnavailable, "the agent does not answer");
    const ssize_t n = ::recv(socket.get(), buffer, sizeof buffer, 0);
    if (n < 0) return fail_errno(errno, "cannot read the agent's answer");
    if (n == 0) return answer;
    answer.append(buffer, static_cast<std::size_t>(n));
    if (answer.size() > kMaxStatus)
      return fail(Errc::kTooLarge, "the agent's answer is over {} bytes", kMaxStatus);
  }
}

std::set<std::string> load_seen(const std::filesystem::path& file) {
  std::set<std::string> seen;
  const auto text = read_file(file, kMaxStatus);
  const auto root = text ? parse_json_object(*text) : Result<json::object>(std::unexpected(text.error()));
  if (!root) return seen;
  if (const auto names = optional_strings(*root, "services")) seen.insert(names->begin(), names->end());
  return seen;
}

Result<void> save_seen(const std::filesystem::path& file, const std::set<std::string>& services) {
  JsonWriter json;
  json.object().key("services").array();
  for (const std::string& service : services) json.value(service);
  json.end().end();
  return write_file_atomic(file, json.take() + "\n", 0644);
}

}  // namespace sentinella::agent
