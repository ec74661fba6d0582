#include "api/self/self_doors.h"

#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "telemetry/notification_agent.h"
#include "telemetry/publish/publisher_queue.h"

namespace sentinella::api::self {
namespace {

class MetricsText {
 public:
  void head(std::string_view name, std::string_view type, std::string_view help) {
    out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  template <typename T>
  void sample(std::string_view series, T value) {
    out_ += fmt::format("{} {}\n", series, value);
  }
  template <typename T>
  void one(std::string_view name, std::string_view type, std::string_view help, T value) {
    head(name, type, help);
    sample(name, value);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void intake_metrics(MetricsText& text, const ingest::IntakeStatistics& intake) {
  text.one("sentinella_intake_batches_total", "counter", "Batches taken.", intake.batches);
  text.one("sentinella_intake_duplicates_total", "counter", "Batches sent again and not taken twice.",
           intake.duplicates);
  text.one("sentinella_intake_refused_total", "counter", "Batches that the journal did not take.",
           intake.refused);
  text.one("sentinella_intake_refused_samples_total", "counter",
           "Samples dropped at the account's limit of series.", intake.refused_samples);
  text.head("sentinella_intake_items_total", "counter", "What the batches held.");
  text.sample("sentinella_intake_items_total{kind=\"samples\"}", intake.samples);
  text.sample("sentinella_intake_items_total{kind=\"log_records\"}", intake.log_records);
  text.sample("sentinella_intake_items_total{kind=\"events\"}", intake.events);
  text.sample("sentinella_intake_items_total{kind=\"reports\"}", intake.reports);
  text.one("sentinella_journal_bytes", "gauge", "Size of the journal on disk.", intake.journal_bytes);
  text.one("sentinella_journal_unapplied", "gauge", "Durable batches that the stores do not have yet.",
           intake.last_offset - std::min(intake.last_offset, intake.applied_offset));
}

void log_door_metrics(MetricsText& text, const Context& server) {
  using Counter = std::atomic<std::uint64_t> LogDoorCounts::*;
  static constexpr struct {
    std::string_view name, help;
    Counter counter;
  } kCounters[] = {
      {"records_total", "Log records taken, durable.", &LogDoorCounts::records},
      {"bytes_total", "Of their texts.", &LogDoorCounts::bytes},
      {"refused_total", "Log records at fault.", &LogDoorCounts::refused},
      {"lost_total", "Log records dropped that nobody will send again.", &LogDoorCounts::lost},
      {"cut_total", "Log records over the size limit, whose beginning was kept.", &LogDoorCounts::cut},
      {"waits_total", "Batches that had to be tried again.", &LogDoorCounts::waits}};
  for (const auto& [name, help, counter] : kCounters) {
    text.head(fmt::format("sentinella_log_door_{}", name), "counter", help);
    for (std::size_t i = 0; i < kLogDoors; ++i) {
      const auto door = static_cast<LogDoor>(i);
      text.sample(fmt::format("sentinella_log_door_{}{{door=\"{}\"}}", name, to_string(door)),
                  (server.log_doors->of(door).*counter).load());
    }
  }
}

void listener_metrics(MetricsText& text, const std::vector<ListenerFigures>& listeners) {
  static constexpr struct {
    std::string_view name, type, help;
    std::uint64_t ListenerFigures::* figure;
  } kFigures[] = {
      {"connections_total", "counter", "Connections taken.", &ListenerFigures::connections},
      {"open", "gauge", "Connections open now.", &ListenerFigures::open},
      {"refused_total", "counter",
       "Connections and datagrams from outside of the allowed networks, or too many.",
       &ListenerFigures::refused},
      {"overflow_total", "counter", "Datagrams that the kernel dropped.", &ListenerFigures::overflowed}};
  std::array<ListenerFigures, kLogDoors> sums;
  std::array<bool, kLogDoors> there{};
  for (const auto& one : listeners) {
    const auto door = static_cast<std::size_t>(one.door);
    there[door] = true;
    for (const auto& [name, type, help, figure] : kFigures) sums[door].*figure += one.*figure;
  }
  for (const auto& [name, type, help, figure] : kFigures) {
    text.head(fmt::format("sentinella_log_listener_{}", name), type, help);
    for (std::size_t i = 0; i < kLogDoors; ++i)
      if (there[i])
        text.sample(fmt::format("sentinella_log_listener_{}{{door=\"{}\"}}", name,
                                to_string(static_cast<LogDoor>(i))),
                    sums[i].*figure);
  }
}

void store_metrics(MetricsText& text, const series::Statistics& series, const logs::Statistics& logs) {
  text.one("sentinella_series", "gauge", "Series known.", series.series);
  text.one("sentinella_series_refused_total", "counter", "New series refused at the account's limit.",
           series.refused_series);
  text.one("sentinella_series_damaged_chunks_total", "counter", "Chunks that failed their checksum.",
           series.damaged_chunks);
  text.one("sentinella_series_head_samples", "gauge", "Samples in memory.", series.samples_in_head);
  text.one("sentinella_log_records", "gauge", "Log records kept.", logs.records);
  text.head("sentinella_store_bytes", "gauge", "Size on disk.");
  text.sample("sentinella_store_bytes{store=\"series\"}", series.bytes_on_disk);
  text.sample("sentinella_store_bytes{store=\"logs\"}", logs.bytes_on_disk);
}

/// Publishers by number and scheme: what hosts they are is for those who may ask the API.
void publisher_metrics(MetricsText& text, const std::vector<telemetry::PublisherStatus>& publishers) {
  using telemetry::PublisherStatus;
  static constexpr std::pair<std::string_view, std::uint64_t PublisherStatus::*> kFates[] = {
      {"delivered", &PublisherStatus::delivered},
      {"dropped", &PublisherStatus::dropped},
      {"overflowed", &PublisherStatus::overflowed}};
  const auto labels = [&](std::size_t i) {
    const std::string& name = publishers[i].name;
    return fmt::format("number=\"{}\",scheme=\"{}\"", i + 1, name.substr(0, name.find(':')));
  };
  text.head("sentinella_telemetry_publisher_items_total", "counter",
            "What became of samples and events for publishers other than our own store.");
  for (std::size_t i = 0; i < publishers.size(); ++i)
    for (const auto& [fate, count] : kFates)
      text.sample(
          fmt::format("sentinella_telemetry_publisher_items_total{{{},fate=\"{}\"}}", labels(i), fate),
          publishers[i].*count);
  text.head("sentinella_telemetry_publisher_failures_total", "counter", "Attempts that failed.");
  for (std::size_t i = 0; i < publishers.size(); ++i)
    text.sample(fmt::format("sentinella_telemetry_publisher_failures_total{{{}}}", labels(i)),
                publishers[i].failures);
  text.head("sentinella_telemetry_publisher_queued", "gauge", "Samples and events that wait.");
  for (std::size_t i = 0; i < publishers.size(); ++i)
    text.sample(fmt::format("sentinella_telemetry_publisher_queued{{{}}}", labels(i)), publishers[i].queued);
}

void telemetry_metrics(MetricsText& text, const TelemetryAccess& telemetry) {
  const telemetry::AgentStatus status = telemetry.agent->status();
  text.one("sentinella_telemetry_notifications_total", "counter", "Messages of the clouds' buses.",
           status.counts.notifications);
  text.one("sentinella_telemetry_duplicates_total", "counter", "Of these, those that came before.",
           status.counts.duplicates);
  text.one("sentinella_telemetry_skipped_samples_total", "counter",
           "Samples that a definition could not make.", status.counts.skipped);
  text.one("sentinella_telemetry_dead_letters", "gauge", "Messages that could not be taken, kept.",
           status.dead_letters);
  text.one("sentinella_telemetry_dead_letters_dropped_total", "counter",
           "Of these, those dropped because there were too many.", status.dead_letters_dropped);
  publisher_metrics(text, telemetry.publishers->status());
}

void process_metrics(MetricsText& text, const Context& server) {
  const auto statm = read_file("/proc/self/statm");
  const auto stat = read_file("/proc/self/stat");
  const auto figures = parse_process_figures(statm ? *statm : "", stat ? *stat : "",
                                             static_cast<double>(sysconf(_SC_PAGESIZE)),
                                             static_cast<double>(sysconf(_SC_CLK_TCK)));
  text.one("process_resident_memory_bytes", "gauge", "Resident memory.", figures.resident_bytes);
  text.one("process_cpu_seconds_total", "counter", "User and system time.", figures.cpu_seconds);
  text.one("process_start_time_seconds", "gauge", "When the server started, Unix time.",
           static_cast<double>(server.info.started.ns) / 1e9);
}

}  // namespace

ProcessFigures parse_process_figures(std::string_view statm, std::string_view stat, double page_bytes,
                                     double ticks_per_second) {
  ProcessFigures figures;
  const auto number = [](const std::vector<std::string_view>& words, std::size_t index) {
    return index < words.size() ? static_cast<double>(parse_uint(words[index]).value_or(0)) : 0.0;
  };
  figures.resident_bytes = number(split(trim(statm), ' '), 1) * page_bytes;
  // The name in parentheses may hold spaces; utime and stime are fields 14 and 15 (proc(5)), 11 and 12 after
  // it.
  if (const auto end_of_name = stat.rfind(") "); end_of_name != std::string_view::npos) {
    const auto words = split(trim(stat.substr(end_of_name + 2)), ' ');
    figures.cpu_seconds = (number(words, 11) + number(words, 12)) / ticks_per_second;
  }
  return figures;
}

Result<Reply> metrics(RequestContext& call) {
  const auto& server = call.server;
  MetricsText text;
  text.head("sentinella_build_info", "gauge", "The version of this server.");
  text.sample(fmt::format("sentinella_build_info{{version=\"{}\"}}", server.info.version), 1);
  text.head("sentinella_http_answers_total", "counter", "Answers given, by class of status.");
  for (std::size_t digit = 1; digit < server.answers->size(); ++digit)
    text.sample(fmt::format("sentinella_http_answers_total{{class=\"{}xx\"}}", digit),
                (*server.answers)[digit].load());
  text.one("sentinella_live_streams", "gauge", "Open event streams.", server.live.subscribers());
  if (server.log_tail)
    text.one("sentinella_log_tails", "gauge", "Open live tails.", server.log_tail->watchers());
  intake_metrics(text, server.intake.statistics());
  log_door_metrics(text, server);
  if (server.listeners) listener_metrics(text, server.listeners());
  if (server.telemetry.agent != nullptr) telemetry_metrics(text, server.telemetry);
  store_metrics(text, server.series.statistics(), server.logs.statistics());
  process_metrics(text, server);
  Reply reply;
  reply.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  reply.body = text.take();
  return reply;
}

Result<Reply> healthz(RequestContext&) {
  Reply reply;
  reply.headers.set("Content-Type", "text/plain; charset=utf-8");
  reply.body = "ok\n";
  return reply;
}

Result<Reply> readyz(RequestContext& call) {
  if (call.server.ready && !call.server.ready()) return fail(Errc::kUnavailable, "not ready to take data");
  return healthz(call);
}

}  // namespace sentinella::api::self
