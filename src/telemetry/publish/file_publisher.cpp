#include <fcntl.h>

#include "base/file.h"
#include "telemetry/publish/publishers.h"
#include "telemetry/publish/wire_forms.h"

namespace sentinella::telemetry {
namespace {

class FilePublisher final : public Publisher {
 public:
  FilePublisher(std::filesystem::path path, std::uint64_t max_bytes, std::uint64_t backups)
      : path_(std::move(path)), max_bytes_(max_bytes), backups_(backups) {}

  Result<void> publish(const Outgoing& outgoing) override {
    std::string lines;
    for (const MeterSample& sample : outgoing.samples)
      lines += boost::json::serialize(plain_sample(sample)) + '\n';
    for (const Event& event : outgoing.events) lines += boost::json::serialize(plain_event(event)) + '\n';
    SENT_TRY(turn_over(lines.size()));
    SENT_TRY_ASSIGN(const auto file, open_file(path_, O_WRONLY | O_CREAT | O_APPEND, 0640));
    return write_all(file.get(), lines, path_);
  }

  bool takes_events() const override { return true; }

 private:
  /// path -> path.1 -> path.2 ..., when what comes would make the file too large.
  Result<void> turn_over(std::size_t more) const {
    if (max_bytes_ == 0 || backups_ == 0) return {};
    std::error_code error;
    const auto size = std::filesystem::file_size(path_, error);
    if (error || size == 0 || size + more <= max_bytes_) return {};
    const auto numbered = [this](std::uint64_t n) {
      return std::filesystem::path(path_.string() + (n == 0 ? "" : fmt::format(".{}", n)));
    };
    for (std::uint64_t n = backups_; n > 0; --n) {
      std::filesystem::rename(numbered(n - 1), numbered(n), error);
      if (error && n == 1) return fail(Errc::kIo, "cannot rename {}: {}", path_.string(), error.message());
    }
    return {};
  }

  const std::filesystem::path path_;
  const std::uint64_t max_bytes_, backups_;
};

}  // namespace

MadePublisher make_file_publisher(PublisherUrl url) {
  if (!url.path.starts_with('/'))
    return fail(Errc::kInvalid, "the publisher file:// wants a path: file:///var/...");
  SENT_TRY_ASSIGN(const auto max_bytes, url.take_number("max_bytes", 0, 1ull << 50));
  SENT_TRY_ASSIGN(const auto backups, url.take_number("backup_count", 0, 1000));
  return std::make_unique<FilePublisher>(url.path, max_bytes, backups);
}

}  // namespace sentinella::telemetry
