#include "agent/uplink/dead_letters.h"

#include <algorithm>
#include <vector>

#include "base/file.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kKeptFiles = 32;  // sixteen bodies with a note on each

void remove_oldest(const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> files;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error))
    files.emplace_back(entry->last_write_time(error), entry->path());
  if (files.size() <= kKeptFiles) return;
  std::ranges::sort(files);
  for (std::size_t i = 0; i < files.size() - kKeptFiles; ++i) std::filesystem::remove(files[i].second, error);
}

}  // namespace

Result<void> keep_dead_letter(const std::filesystem::path& directory, const SpoolItem& item,
                              std::string_view reason) {
  SENT_TRY(make_directories(directory, 0700));
  const auto file = directory / fmt::format("{:x}-{}.{}.otlp.zst", item.epoch, item.sequence,
                                            item.signal == SignalKind::logs ? "logs" : "metrics");
  SENT_TRY(write_file_atomic(file, item.body, 0600));
  SENT_TRY(write_file_atomic(file.string() + ".txt", std::string(reason) + "\n", 0600));
  remove_oldest(directory);
  return {};
}

}  // namespace sentinella::agent
