#include "bus/embedded/segment_format.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace sentinella::bus {
namespace {

constexpr std::string_view kMagic = "SENTJRNL";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kReadAhead = 256u << 10;
/// How much checksumming a search for later records may cost before we rather call the file damaged.
constexpr std::uint64_t kResyncBudget = 512u << 20;

struct RecordHeader {
  std::uint32_t length = 0;
  std::uint32_t checksum = 0;
  Offset offset = 0;
  Offset durable = 0;
};

RecordHeader read_record_header(std::string_view bytes) {
  ByteReader reader(bytes);
  RecordHeader header;
  header.length = reader.fixed<std::uint32_t>();
  header.checksum = reader.fixed<std::uint32_t>();
  header.offset = reader.fixed<Offset>();
  header.durable = reader.fixed<Offset>();
  return header;
}

std::uint32_t record_checksum(std::uint32_t length, Offset offset, Offset durable, std::string_view payload,
                              std::uint32_t salt) {
  std::string head;
  ByteWriter writer(head);
  writer.fixed(length);
  writer.fixed(offset);
  writer.fixed(durable);
  return crc32c(payload, crc32c(head, salt));
}

bool checks(const RecordHeader& header, std::string_view payload, std::uint32_t salt) {
  return record_checksum(header.length, header.offset, header.durable, payload, salt) == header.checksum;
}

Result<std::string> read_at(int fd, std::uint64_t from, std::size_t bytes,
                            const std::filesystem::path& path) {
  std::string data(bytes, '\0');
  std::size_t had = 0;
  while (had < bytes) {
    const ssize_t n = ::pread(fd, data.data() + had, bytes - had, static_cast<off_t>(from + had));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(errno, fmt::format("cannot read {} at byte {}", path.string(), from + had));
    if (n == 0) break;
    had += static_cast<std::size_t>(n);
  }
  data.resize(had);
  return data;
}

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
  std::string out(kMagic);
  ByteWriter writer(out);
  writer.fixed(kVersion);
  writer.fixed(header.first);
  writer.fixed(header.salt);
  writer.fixed(crc32c(out));
  return out;
}

Result<SegmentHeader> decode_segment_header(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kSegmentHeaderBytes)
    return fail(Errc::kCorrupt, "does not begin as a journal segment");
  ByteReader reader(bytes.substr(kMagic.size()));
  const auto version = reader.fixed<std::uint32_t>();
  SegmentHeader header;
  header.first = reader.fixed<Offset>();
  header.salt = reader.fixed<std::uint32_t>();
  if (reader.fixed<std::uint32_t>() != crc32c(bytes.substr(0, kSegmentHeaderBytes - 4)))
    return fail(Errc::kCorrupt, "the checksum of its header is wrong");
  if (version != kVersion)
    return fail(Errc::kUnsupported, "has format version {}, this program knows {}: run the newer program",
                version, kVersion);
  return header;
}

std::array<char, kRecordHeaderBytes> encode_record_header(std::string_view payload, Offset offset,
                                                          Offset durable, std::uint32_t salt) {
  const auto length = static_cast<std::uint32_t>(payload.size());
  std::string out;
  ByteWriter writer(out);
  writer.fixed(length);
  writer.fixed(record_checksum(length, offset, durable, payload, salt));
  writer.fixed(offset);
  writer.fixed(durable);
  std::array<char, kRecordHeaderBytes> bytes{};
  std::memcpy(bytes.data(), out.data(), bytes.size());
  return bytes;
}

Result<SegmentReader> SegmentReader::open(const std::filesystem::path& path) {
  SegmentReader reader;
  SENT_TRY_ASSIGN(reader.file_, open_file(path, O_RDONLY));
  reader.path_ = path;
  struct stat status{};
  if (::fstat(reader.file_.get(), &status) != 0)
    return fail_errno(errno, fmt::format("cannot examine {}", path.string()));
  reader.file_bytes_ = static_cast<std::uint64_t>(status.st_size);
  SENT_TRY_ASSIGN(const std::string head, read_at(reader.file_.get(), 0, kSegmentHeaderBytes, path));
  auto header = decode_segment_header(head);
  if (!header) return fail(header.error().code, "{} {}", path.string(), header.error().message);
  reader.header_ = *header;
  reader.expected_ = header->first;
  reader.buffer_at_ = kSegmentHeaderBytes;
  return reader;
}

/// Makes `bytes` bytes from position_ on available at the front of buffer_; false when the file is too short.
Result<bool> SegmentReader::fill(std::size_t bytes) {
  if (bytes > file_bytes_ - position_) return false;
  if (position_ + bytes > buffer_at_ + buffer_.size()) {
    const std::uint64_t wanted =
        std::min<std::uint64_t>(std::max(bytes, kReadAhead), file_bytes_ - position_);
    SENT_TRY_ASSIGN(buffer_, read_at(file_.get(), position_, wanted, path_));
    buffer_at_ = position_;
  }
  return position_ + bytes <= buffer_at_ + buffer_.size();
}

Result<std::optional<SegmentRecord>> SegmentReader::next() {
  SENT_TRY_ASSIGN(const bool has_header, fill(kRecordHeaderBytes));
  if (!has_header) return std::nullopt;
  const auto at = [&] { return std::string_view(buffer_).substr(position_ - buffer_at_); };
  const RecordHeader header = read_record_header(at());
  if (header.length > kMaxRecordBytes || header.offset != expected_) return std::nullopt;
  SENT_TRY_ASSIGN(const bool has_payload, fill(kRecordHeaderBytes + header.length));
  if (!has_payload) return std::nullopt;
  const std::string_view payload = at().substr(kRecordHeaderBytes, header.length);
  if (!checks(header, payload, header_.salt)) return std::nullopt;
  position_ += kRecordHeaderBytes + header.length;
  ++expected_;
  return SegmentRecord{header.offset, header.durable, payload};
}

Result<bool> SegmentReader::broken_record_was_durable() const {
  SENT_TRY_ASSIGN(const std::string rest, read_at(file_.get(), position_, file_bytes_ - position_, path_));
  const std::string_view bytes(rest);
  std::uint64_t spent = 0;
  for (std::size_t at = 1; at + kRecordHeaderBytes <= bytes.size(); ++at) {
    Offset offset;
    std::memcpy(&offset, bytes.data() + at + 8, sizeof(offset));
    if (offset <= expected_ || offset - expected_ > bytes.size() / kRecordHeaderBytes) continue;
    const RecordHeader header = read_record_header(bytes.substr(at));
    if (header.length > bytes.size() - at - kRecordHeaderBytes || header.durable < expected_) continue;
    spent += header.length;
    if (spent > kResyncBudget ||
        checks(header, bytes.substr(at + kRecordHeaderBytes, header.length), header_.salt))
      return true;
  }
  return false;
}

}  // namespace sentinella::bus
