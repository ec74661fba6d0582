#include "series/embedded/head_snapshot.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "series/embedded/chunk_codec.h"

namespace sentinella::series {
namespace {

constexpr std::uint64_t kMagicRaw = 0x31444145'48544e53;     // "SNTHEAD1"
constexpr std::uint64_t kMagicPacked = 0x32444145'48544e53;  // "SNTHEAD2"
constexpr std::uint8_t kIsChunk = 128;
/// With fewer samples a chunk's head outweighs what its codecs save.
constexpr std::size_t kWorthAChunk = 24;
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

/// Of a series in the snapshot, before its samples are looked at.
struct SeriesText {
  std::uint64_t id_step = 0;
  std::uint8_t flags = 0;
  Time last_at;
  double last_value = 0;
  std::uint64_t count = 0;
  std::string_view stream, chunk;  ///< one of the two
  std::string_view late;
};

bool get_series(ByteReader& in, SeriesText& series) {
  series = {};
  series.id_step = in.varint();
  series.flags = in.fixed<std::uint8_t>();
  if ((series.flags & kIsChunk) != 0) {
    series.chunk = in.text();
  } else {
    series.last_at.ns = in.fixed<std::int64_t>();
    series.last_value = in.fixed<double>();
    series.count = in.varint();
    series.stream = in.text();
  }
  const std::string_view from = in.rest();
  const std::uint64_t late = in.varint();
  if (!in.ok() || late > in.rest().size() / 16 || series.count > OpenStream::kMaxCount) return false;
  in.take(late * 16);
  series.late = from.substr(0, from.size() - in.rest().size());
  return in.ok();
}

void put_series(ByteWriter& out, const SeriesText& series) {
  out.varint(series.id_step);
  out.fixed(series.flags);
  if ((series.flags & kIsChunk) != 0) {
    out.text(series.chunk);
    return;
  }
  out.fixed(series.last_at.ns);
  out.fixed(series.last_value);
  out.varint(series.count);
  out.text(series.stream);
}

bool get_samples(const SeriesText& series, Columns& columns) {
  if ((series.flags & kIsChunk) == 0)
    return unpack_stream(series.stream, static_cast<std::uint32_t>(series.count), columns.times,
                         columns.values);
  return decode_chunk(series.chunk, columns.times, columns.values) && columns.size() <= OpenStream::kMaxCount;
}

bool get_stream(const SeriesText& series, OpenStream& open) {
  Columns columns;
  if (!get_samples(series, columns)) return false;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0 && columns.times[i] <= columns.times[i - 1]) return false;
    open.append(columns.times[i], columns.values[i]);
  }
  if (columns.empty()) open.remember(series.last_at, series.last_value);
  return true;
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
  for (SeriesText text; !in.at_end();) {
    RestoredSeries series;
    if (!get_series(in, text) || !get_stream(text, series.open)) return false;
    ByteReader late(text.late);
    if (!get_columns(late, series.late)) return false;
    series.id = SeriesId{id += text.id_step};
    series.flags = static_cast<std::uint8_t>(text.flags & ~kIsChunk);
    take(std::move(series));
  }
  return true;
}

/// nullopt: the block is damaged.
std::optional<std::string> packed_block(std::string_view block) {
  std::string packed;
  ByteWriter out(packed);
  ByteReader in(block);
  Columns columns;
  std::string chunk;
  for (SeriesText series; !in.at_end();) {
    if (!get_series(in, series)) return std::nullopt;
    if (series.count >= kWorthAChunk) {
      columns.times.clear();
      columns.values.clear();
      if (!get_samples(series, columns)) return std::nullopt;
      chunk = encode_chunk(columns.times, columns.values);
      if (chunk.size() < series.stream.size()) {
        series.flags |= kIsChunk;
        series.chunk = chunk;
      }
    }
    put_series(out, series);
    packed += series.late;
  }
  return packed;
}

struct Opened {
  BlockReader blocks;
  SnapshotHeader header;
  bool packed = false;
};
/// nullopt, kCorrupt, kUnsupported: as read_snapshot() has it.
Result<std::optional<Opened>> open_snapshot(const std::filesystem::path& path) {
  auto blocks = BlockReader::open(path);
  if (!blocks && blocks.error().code == Errc::kNotFound) return std::nullopt;
  if (!blocks) return std::unexpected(blocks.error());
  std::string block;
  bool sound = false;
  SENT_TRY_ASSIGN(const bool begun, blocks->next(block, sound));
  ByteReader in(block);
  const auto magic = in.fixed<std::uint64_t>();
  if (begun && sound && magic >> 56 > kMagicPacked >> 56 &&
      (magic & ~(0xffull << 56)) == (kMagicPacked & ~(0xffull << 56)))
    return fail(Errc::kUnsupported, "{} was written by a newer program: run that one", path.string());
  Opened opened{*std::move(blocks), {}, magic == kMagicPacked};
  opened.header.journal_offset = in.fixed<std::uint64_t>();
  opened.header.last_id = in.fixed<std::uint64_t>();
  if (!begun || !sound || !in.ok() || (magic != kMagicRaw && magic != kMagicPacked))
    return fail(Errc::kCorrupt, "the header of {} is damaged: restore a backup", path.string());
  return opened;
}

}  // namespace

Result<SnapshotWriter> SnapshotWriter::create(std::filesystem::path path, const SnapshotHeader& header,
                                              Form form) {
  SnapshotWriter writer;
  SENT_TRY_ASSIGN(writer.file_, open_file(draft_of(path), O_WRONLY | O_CREAT | O_TRUNC, 0640));
  writer.path_ = std::move(path);
  ByteWriter out(writer.block_);
  out.fixed(form == Form::packed ? kMagicPacked : kMagicRaw);
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

Result<void> SnapshotWriter::add_block(std::string payload) {
  block_ = std::move(payload);
  return write_block();
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

Result<void> pack_snapshot(const std::filesystem::path& path) {
  SENT_TRY_ASSIGN(auto opened, open_snapshot(path));
  if (!opened || opened->packed) return {};
  SENT_TRY_ASSIGN(auto writer, SnapshotWriter::create(path, opened->header, SnapshotWriter::Form::packed));
  std::string block;
  for (;;) {
    bool sound = false;
    SENT_TRY_ASSIGN(const bool more, opened->blocks.next(block, sound));
    if (!more) return writer.finish();
    auto packed = sound ? packed_block(block) : std::nullopt;
    if (!packed) return {};
    SENT_TRY(writer.add_block(*std::move(packed)));
  }
}

Result<std::optional<SnapshotReport>> read_snapshot(const std::filesystem::path& path,
                                                    const std::function<void(RestoredSeries)>& take) {
  SENT_TRY_ASSIGN(auto opened, open_snapshot(path));
  if (!opened) return std::nullopt;
  SnapshotReport report{opened->header};
  std::string block;
  for (;;) {
    bool sound = false;
    SENT_TRY_ASSIGN(const bool more, opened->blocks.next(block, sound));
    if (!more) return report;
    if (!sound || !read_series(block, take)) ++report.damaged_blocks;
  }
}

}  // namespace sentinella::series
