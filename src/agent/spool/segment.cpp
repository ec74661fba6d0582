#include "agent/spool/segment.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/log.h"

namespace sentinella::agent {
namespace {

constexpr std::string_view kMagic = "SNTSPL01";
constexpr std::size_t kRecordHead = 8;

Result<std::string> read_at(int fd, std::uint64_t offset, std::size_t size,
                            const std::filesystem::path& path) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(fd, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(errno, fmt::format("cannot read {}", path.string()));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace

std::string encode_segment_record(std::uint64_t sequence, std::string_view note, std::string_view body) {
  std::string payload;
  ByteWriter writer(payload);
  writer.varint(sequence);
  writer.text(note);
  writer.text(body);
  std::string record;
  ByteWriter head(record);
  head.fixed(static_cast<std::uint32_t>(payload.size()));
  head.fixed(crc32c(payload));
  return record + payload;
}

std::optional<SegmentRecord> parse_segment_record(std::string_view bytes, std::size_t& used) {
  ByteReader head(bytes);
  const auto size = head.fixed<std::uint32_t>();
  const auto checksum = head.fixed<std::uint32_t>();
  if (!head.ok() || size > kMaxSpoolRecord || size > head.rest().size()) return std::nullopt;
  const std::string_view payload = head.rest().substr(0, size);
  if (crc32c(payload) != checksum) return std::nullopt;
  ByteReader reader(payload);
  SegmentRecord record;
  record.sequence = reader.varint();
  record.note = reader.text();
  record.body = reader.text();
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  used = kRecordHead + size;
  return record;
}

Result<Segment> Segment::create(const std::filesystem::path& path, std::uint64_t epoch) {
  Segment segment;
  segment.path_ = path;
  segment.epoch_ = epoch;
  SENT_TRY_ASSIGN(segment.file_, open_file(path, O_RDWR | O_CREAT | O_EXCL, 0600));
  std::string header(kMagic);
  ByteWriter(header).fixed(epoch);
  auto made = write_all(segment.file_.get(), header, path);
  if (made) made = segment.sync();
  if (made) made = sync_directory(path.parent_path());
  if (!made) {
    ::unlink(path.c_str());
    return std::unexpected(std::move(made).error());
  }
  return segment;
}

Result<Segment> Segment::open(const std::filesystem::path& path) {
  Segment segment;
  segment.path_ = path;
  SENT_TRY_ASSIGN(segment.file_, open_file(path, O_RDWR));
  SENT_TRY_ASSIGN(const std::string header, read_at(segment.file_.get(), 0, kHeaderBytes, path));
  if (header.size() != kHeaderBytes || !std::string_view(header).starts_with(kMagic))
    return fail(Errc::kCorrupt, "{} is not a spool segment", path.string());
  segment.epoch_ = ByteReader(std::string_view(header).substr(kMagic.size())).fixed<std::uint64_t>();
  struct stat status{};
  if (::fstat(segment.file_.get(), &status) != 0) return fail_errno(errno, path.string());
  const auto file_size = static_cast<std::uint64_t>(status.st_size);
  segment.size_ = file_size;
  std::uint64_t offset = kHeaderBytes;
  for (;;) {
    SENT_TRY_ASSIGN(const auto record, segment.read(offset));
    if (!record) break;
    ++segment.records_;
    segment.last_sequence_ = record->sequence;
  }
  segment.size_ = offset;
  if (offset != file_size) {
    log::warning("agent.spool", "{}: {} torn bytes at {} cut off", path.string(), file_size - offset, offset);
    if (::ftruncate(segment.file_.get(), static_cast<off_t>(offset)) != 0)
      return fail_errno(errno, fmt::format("cannot cut {}", path.string()));
  }
  return segment;
}

Result<void> Segment::append(std::uint64_t sequence, std::string_view note, std::string_view body,
                             bool durable) {
  const std::string record = encode_segment_record(sequence, note, body);
  if (::lseek(file_.get(), static_cast<off_t>(size_), SEEK_SET) < 0)
    return fail_errno(errno, fmt::format("cannot seek in {}", path_.string()));
  errno = 0;
  auto written = write_all(file_.get(), record, path_);
  if (written && durable) written = sync();
  if (!written) {
    const bool full = errno == ENOSPC || errno == EDQUOT;
    Error error = std::move(written).error();
    if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0)
      error.message += "; and it cannot be cut back";
    if (full) error.code = Errc::kNoSpace;
    return std::unexpected(std::move(error));
  }
  size_ += record.size();
  ++records_;
  last_sequence_ = sequence;
  return {};
}

Result<void> Segment::sync() {
  if (::fdatasync(file_.get()) != 0) return fail_errno(errno, fmt::format("cannot sync {}", path_.string()));
  return {};
}

Result<std::optional<SegmentRecord>> Segment::read(std::uint64_t& offset) const {
  if (offset + kRecordHead > size_) return std::nullopt;
  SENT_TRY_ASSIGN(const std::string head, read_at(file_.get(), offset, kRecordHead, path_));
  const auto size = ByteReader(head).fixed<std::uint32_t>();
  if (size > kMaxSpoolRecord || offset + kRecordHead + size > size_) return std::nullopt;
  SENT_TRY_ASSIGN(const std::string bytes, read_at(file_.get(), offset, kRecordHead + size, path_));
  std::size_t used = 0;
  auto record = parse_segment_record(bytes, used);
  if (record) offset += used;
  return record;
}

Result<void> Segment::remove() {
  if (::unlink(path_.c_str()) != 0) return fail_errno(errno, fmt::format("cannot remove {}", path_.string()));
  return {};
}

}  // namespace sentinella::agent
