#include "series/embedded/head_snapshot.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace sentinella::series {
namespace {

constexpr std::uint64_t kMagic = 0x31444145'48544e53;  // "SNTHEAD1"
constexpr std::size_t kBlockBytes = 256 * 1024;
constexpr std::size_t kMaxBlockBytes = 64u << 20;
struct BlockHead {
  std::uint32_t size = 0;
  std::uint32_t checksum = 0;
};

std::filesystem::path draft_of(const std::filesystem::path& path) {
  return path.string() + ".new";
}

void put_columns(ByteWriter& out, const Columns& columns) {
  out.varint(columns.size());
  for (const Time at : columns.times) out.fixed(at.ns);
  for (const double value : columns.values) out.fixed(value);
}

bool get_columns(ByteReader& in, Columns& columns) {
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > in.rest().size() / 16) return false;
  for (std::uint64_t i = 0; i < count; ++i) columns.times.push_back({in.fixed<std::int64_t>()});
  for (std::uint64_t i = 0; i < count; ++i) columns.values.push_back(in.fixed<double>());
  return in.ok();
}

bool get_stream(ByteReader& in, OpenStream& open) {
  const Time last_at{in.fixed<std::int64_t>()};
  const auto last_value = in.fixed<double>();
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > OpenStream::kMaxCount) return false;
  Columns columns;
  if (!unpack_stream(in.text(), static_cast<std::uint32_t>(count), columns.times, columns.values))
    return false;
  Time before{INT64_MIN};
  for (std::size_t i = 0; i < count; ++i) {
    if (columns.times[i] <= before && i > 0) return false;
    before = columns.times[i];
    open.append(columns.times[i], columns.values[i]);
  }
  if (count == 0) open.remember(last_at, last_value);
  return in.ok();
}

/// Reads a file block by block.
class BlockReader {
 public:
  static Result<BlockReader> open(const std::filesystem::path& path) {
    BlockReader reader;
    SENT_TRY_ASSIGN(reader.file_, open_file(path, O_RDONLY));
    reader.path_ = path;
    return reader;
  }
  /// False at the end of the file. A block that is damaged or cut is not sound.
  Result<bool> next(std::string& block, bool& sound) {
    sound = false;
    std::string bytes;
    SENT_TRY_ASSIGN(const bool begun, fill(bytes, sizeof(BlockHead)));
    if (!begun || lost_) return false;
    BlockHead head;
    std::memcpy(&head, bytes.data(), sizeof head);
    // With a wrong size there is no telling where the next block begins.
    lost_ = head.size > kMaxBlockBytes;
    if (lost_) return true;
    SENT_TRY_ASSIGN(const bool whole, fill(block, head.size));
    sound = whole && crc32c(block) == head.checksum;
    return true;
  }

 private:
  Result<bool> fill(std::string& bytes, std::size_t size) {
    bytes.resize(size);
    for (std::size_t have = 0; have < size;) {
      const ssize_t n = ::read(file_.get(), bytes.data() + have, size - have);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno(errno, fmt::format("cannot read {}", path_.string()));
      if (n == 0) return false;
      have += static_cast<std::size_t>(n);
    }
    return true;
  }

  FileDescriptor file_;
  std::filesystem::path path_;
  bool lost_ = false;
};

bool read_series(std::string_view block, const std::function<void(RestoredSeries)>& take) {
  ByteReader in(block);
  std::uint64_t id = 0;
  while (in.ok() && !in.at_end()) {
    RestoredSeries series;
    id += in.varint();
    series.id = SeriesId{id};
    series.flags = in.fixed<std::uint8_t>();
    if (!get_stream(in, series.open) || !get_columns(in, series.late)) return false;
    take(std::move(series));
  }
  return in.ok();
}

}  // namespace

Result<SnapshotWriter> SnapshotWriter::create(std::filesystem::path path, const SnapshotHeader& header) {
  SnapshotWriter writer;
  SENT_TRY_ASSIGN(writer.file_, open_file(draft_of(path), O_WRONLY | O_CREAT | O_TRUNC, 0640));
  writer.path_ = std::move(path);
  ByteWriter out(writer.block_);
  out.fixed(kMagic);
  out.fixed(header.journal_offset);
  out.fixed(header.last_id);
  SENT_TRY(writer.write_block());
  return writer;
}

SnapshotWriter::~SnapshotWriter() {
  if (file_) ::unlink(draft_of(path_).c_str());
}

Result<void> SnapshotWriter::write_block() {
  const BlockHead head{static_cast<std::uint32_t>(block_.size()), crc32c(block_)};
  std::string bytes;
  ByteWriter(bytes).fixed(head);
  SENT_TRY(write_all(file_.get(), bytes + block_, draft_of(path_)));
  block_.clear();
  before_ = 0;
  return {};
}

Result<void> SnapshotWriter::add(SeriesId id, const SampleHead::State& state) {
  ByteWriter out(block_);
  out.varint(static_cast<std::uint64_t>(id) - before_);
  before_ = static_cast<std::uint64_t>(id);
  out.fixed(state.flags);
  out.fixed(state.open.last_at().ns);
  out.fixed(state.open.last_value());
  out.varint(state.open.count());
  out.text(state.open.view());
  put_columns(out, state.late ? *state.late : Columns{});
  return block_.size() < kBlockBytes ? Result<void>{} : write_block();
}

Result<void> SnapshotWriter::finish() {
  if (!block_.empty()) SENT_TRY(write_block());
  if (::fsync(file_.get()) != 0)
    return fail_errno(errno, fmt::format("cannot sync {}", draft_of(path_).string()));
  if (::rename(draft_of(path_).c_str(), path_.c_str()) != 0)
    return fail_errno(errno, fmt::format("cannot rename {}", draft_of(path_).string()));
  file_ = FileDescriptor();
  return sync_directory(path_.parent_path());
}

Result<std::optional<SnapshotReport>> read_snapshot(const std::filesystem::path& path,
                                                    const std::function<void(RestoredSeries)>& take) {
  auto blocks = BlockReader::open(path);
  if (!blocks && blocks.error().code == Errc::kNotFound) return std::nullopt;
  if (!blocks) return std::unexpected(blocks.error());
  std::string block;
  bool sound = false;
  SENT_TRY_ASSIGN(const bool begun, blocks->next(block, sound));
  ByteReader in(block);
  const auto magic = in.fixed<std::uint64_t>();
  if (begun && sound && magic >> 56 > kMagic >> 56 &&
      (magic & ~(0xffull << 56)) == (kMagic & ~(0xffull << 56)))
    return fail(Errc::kUnsupported, "{} was written by a newer program: run that one", path.string());
  SnapshotReport report;
  report.header.journal_offset = in.fixed<std::uint64_t>();
  report.header.last_id = in.fixed<std::uint64_t>();
  if (!begun || !sound || !in.ok() || magic != kMagic)
    return fail(Errc::kCorrupt, "the header of {} is damaged: restore a backup", path.string());
  for (;;) {
    SENT_TRY_ASSIGN(const bool more, blocks->next(block, sound));
    if (!more) return report;
    if (!sound || !read_series(block, take)) ++report.damaged_blocks;
  }
}

}  // namespace sentinella::series
