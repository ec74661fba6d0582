// sentinella import: old logs into the server, each chunk answered for before the next one goes.
#include <algorithm>
#include <ctime>
#include <expected>
#include <ostream>
#include <random>
#include <thread>

#include <glob.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/config/config.h"
#include "agent/import/import_positions.h"
#include "agent/import/record_chunks.h"
#include "agent/import/text_source.h"
#include "agent/uplink/backoff.h"
#include "agent/uplink/server_link.h"
#include "base/compress.h"
#include "base/file.h"

namespace sentinella::agent {
namespace {

constexpr int kAttempts = 12;  ///< some minutes

struct Failure {
  std::string text;
  int code = EX_DATAERR;
};
using Done = std::expected<void, Failure>;

std::unexpected<Failure> failed(const Error& error, int code = EX_DATAERR) {
  return std::unexpected(Failure{describe(error), code});
}

/// "+01:00": of this machine, now.
std::string local_zone() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  const long minutes = local.tm_gmtoff / 60;
  return fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::labs(minutes) / 60,
                     std::labs(minutes) % 60);
}

/// /var/log/nova/nova-api.log.2.gz is of nova-api, /var/log/neutron/server.log of neutron-server.
std::string service_of(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const std::string stem = name.substr(0, name.find('.'));
  const std::string folder = file.parent_path().filename().string();
  const std::string above = file.parent_path().parent_path().filename().string();
  const bool of_project = above == "log" || above == "kolla";
  return of_project && !stem.starts_with(folder) && folder != "kolla" ? folder + "-" + stem : stem;
}

std::vector<std::string> expand(const std::vector<std::string>& words) {
  std::vector<std::string> files;
  for (const std::string& word : words) {
    glob_t found{};
    const bool any = word != "-" && ::glob(word.c_str(), GLOB_NOMAGIC, nullptr, &found) == 0;
    for (std::size_t i = 0; any && i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
    if (!any) files.push_back(word);
    ::globfree(&found);
  }
  return files;
}

class Import {
 public:
  Import(const Arguments& arguments, Console console, LinkOptions link, ImportPositions positions)
      : arguments_(arguments),
        console_(console),
        host_(arguments.get("host").value_or(link.host)),
        zone_(arguments.get("zone").value_or(local_zone())),
        link_(std::move(link), system_clock()),
        positions_(std::move(positions)),
        on_terminal_(::isatty(STDERR_FILENO) != 0) {}

  Done run(const std::string& file) {
    auto source = TextSource::open(file);
    if (!source) return failed(source.error(), EX_NOINPUT);
    const std::string service = arguments_.get("service").value_or(file == "-" ? "" : service_of(file));
    const std::string path = path_of(file, service);
    RecordChunks chunks;
    std::string key;
    std::uint64_t skip = 0, sent = 0;
    for (bool more = true; more;) {
      const auto piece = (*source)->read();
      if (!piece) return failed(piece.error());
      more = !piece->empty();
      if (key.empty()) {
        key = import_key(*piece, host_, service);
        skip = arguments_.has("again") || file == "-" ? 0 : positions_.of(key);
      }
      if (more)
        chunks.put(*piece);
      else
        chunks.finish();
      while (auto chunk = chunks.next()) {
        if (chunk->end <= skip) continue;
        // A log that has grown goes on in the middle of what was its last chunk.
        if (const std::uint64_t begin = chunk->end - chunk->text.size(); begin < skip)
          chunk->text.erase(0, skip - begin);
        if (auto done = send(path, key, *chunk); !done) return done;
        sent += chunk->text.size();
        if (auto kept = positions_.advance(key, chunk->end); !kept) return failed(kept.error(), EX_CANTCREAT);
        show(file, **source);
      }
    }
    if (on_terminal_) console_.err << "\r\x1b[K";
    console_.out << fmt::format("{}: {} bytes as {} on {}{}\n", file, sent, service.empty() ? "-" : service,
                                host_, skip > 0 ? fmt::format(", after {} imported before", skip) : "");
    return {};
  }

 private:
  std::string path_of(const std::string& file, const std::string& service) const {
    std::error_code ignored;
    const auto source =
        file == "-" ? std::string("stdin") : std::filesystem::absolute(file, ignored).string();
    return fmt::format("/api/v1/logs/lines?host={}&service={}&source={}&format={}&zone={}&history=1",
                       net::percent_encode(host_), net::percent_encode(service), net::percent_encode(source),
                       net::percent_encode(arguments_.get("format").value_or("")),
                       net::percent_encode(zone_));
  }

  Done send(const std::string& path, const std::string& key, const RecordChunk& chunk) {
    SpoolItem item;
    // Sending a chunk once more, after an answer was lost, changes nothing.
    item.epoch = arguments_.has("again") ? epoch_ : std::stoull(key, nullptr, 16);
    item.sequence = chunk.end;
    item.body = zstd_compress(chunk.text);
    Backoff backoff(epoch_);
    for (int attempt = 1;; ++attempt) {
      const SendResult result = link_.send_to(path, "text/plain", item);
      if (result.outcome == SendOutcome::accepted) return {};
      if (result.outcome == SendOutcome::refused) return std::unexpected(Failure{result.problem});
      if (result.outcome == SendOutcome::forbidden)
        return std::unexpected(Failure{result.problem, EX_NOPERM});
      if (attempt == kAttempts) return std::unexpected(Failure{result.problem, EX_TEMPFAIL});
      std::this_thread::sleep_for(result.retry_after.value_or(backoff.next()));
    }
  }

  void show(const std::string& file, const TextSource& source) {
    if (!on_terminal_) return;
    constexpr std::size_t kWidth = 30;
    std::string bar;
    if (source.size() > 0) {
      const std::size_t done = std::min<std::size_t>(source.bytes_read() * kWidth / source.size(), kWidth);
      bar = fmt::format("[{:#<{}}{: <{}}] {:3}%", "", done, "", kWidth - done,
                        std::min<std::uint64_t>(source.bytes_read() * 100 / source.size(), 100));
    }
    console_.err << fmt::format("\r\x1b[K{} {} {} MB", file, bar, source.bytes_read() / 1'000'000)
                 << std::flush;
  }

  const Arguments& arguments_;
  Console console_;
  const std::string host_, zone_;
  const std::uint64_t epoch_ = std::random_device()();
  ServerLink link_;
  ImportPositions positions_;
  const bool on_terminal_;
};

std::expected<LinkOptions, Failure> link_options(const Arguments& arguments) {
  const auto text = read_file(config_path(arguments), 16 << 20);
  const auto loaded = text ? parse_config(*text) : Result<LoadedConfig>(std::unexpected(text.error()));
  if (!loaded)
    return std::unexpected(Failure{fmt::format("{}\n{}", kInvalidConfigText, describe(loaded.error())), 1});
  const Config& config = loaded->config;
  const auto state_dir = config.state_dir.empty() ? default_state_dir() : config.state_dir;
  if (auto made = make_directories(state_dir, 0700); !made) return failed(made.error(), EX_CANTCREAT);
  const auto machine = machine_id(state_dir);
  if (!machine) return failed(machine.error(), EX_CANTCREAT);
  LinkOptions link;
  link.server_url = config.server_url;
  link.more_urls = config.more_server_urls;
  link.tls = {.ca_file = config.ca_file, .pinned_sha256 = config.pinned_sha256, .verify = true};
  link.account_key = config.account_key;
  link.host = config.node.empty() ? host_name() : config.node;
  link.version = kVersion;
  link.machine_id = *machine;
  link.identity_file = state_dir / "identity.json";
  link.timeout = std::chrono::seconds(60);
  return link;
}

}  // namespace

int import_command(const Arguments& arguments, Console console) {
  const auto complain = [&](const Failure& failure) {
    console.err << "sentinella import: " << failure.text << "\n";
    return failure.code;
  };
  if (arguments.words.empty())
    return complain({"usage: sentinella import [OPTIONS] FILE... (- = standard input)", EX_USAGE});
  auto link = link_options(arguments);
  if (!link) return complain(link.error());
  auto positions = ImportPositions::load(link->identity_file.parent_path() / "imported.json");
  if (!positions) return complain({describe(positions.error())});
  Import import(arguments, console, *std::move(link), *std::move(positions));
  int status = 0;
  for (const std::string& file : expand(arguments.words))
    if (const auto done = import.run(file); !done) status = complain(done.error());
  return status;
}

}  // namespace sentinella::agent
