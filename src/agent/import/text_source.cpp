#include "agent/import/text_source.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <lzma.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>

namespace sentinella::agent {
namespace {

constexpr std::size_t kPiece = 64u << 10;
constexpr std::uint64_t kXzMemory = 128u << 20;  // xz -9 wants 65 MB

/// liblzma, loaded when something is packed that way: few agents ever pay for it.
struct XzLibrary {
  decltype(&lzma_stream_decoder) stream_decoder = nullptr;
  decltype(&lzma_code) code = nullptr;
  decltype(&lzma_end) end = nullptr;
};

/// null: it is not on this host.
const XzLibrary* xz_library() {
  static const XzLibrary library = [] {
    XzLibrary found;
    if (void* const file = ::dlopen("liblzma.so.5", RTLD_NOW | RTLD_LOCAL)) {
      found.stream_decoder =
          reinterpret_cast<decltype(found.stream_decoder)>(::dlsym(file, "lzma_stream_decoder"));
      found.code = reinterpret_cast<decltype(found.code)>(::dlsym(file, "lzma_code"));
      found.end = reinterpret_cast<decltype(found.end)>(::dlsym(file, "lzma_end"));
    }
    return found;
  }();
  return library.stream_decoder && library.code && library.end ? &library : nullptr;
}

}  // namespace

/// Takes packed bytes, gives text; both in the order in which they come.
struct TextSource::Unpacker {
  virtual ~Unpacker() = default;
  /// Appends to `out` at most about a piece; takes what it used off `in`.
  virtual Result<void> unpack(std::string_view& in, std::string& out) = 0;
  virtual bool between_members() const = 0;
};

struct TextSource::Gzip final : Unpacker {
  z_stream stream{};
  bool ended = false;  ///< a member has ended, and no other begun

  Gzip() { inflateInit2(&stream, 15 + 16); }
  ~Gzip() override { inflateEnd(&stream); }
  bool between_members() const override { return ended; }
  Result<void> unpack(std::string_view& in, std::string& out) override {
    if (ended && !in.empty()) {
      inflateReset(&stream);
      ended = false;
    }
    out.resize(kPiece);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    in.remove_prefix(in.size() - stream.avail_in);
    out.resize(kPiece - std::min<std::size_t>(stream.avail_out, kPiece));
    ended = status == Z_STREAM_END;
    if (status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR) return {};
    return fail(Errc::kCorrupt, "the gzip data is damaged");
  }
};

struct TextSource::Zstd final : Unpacker {
  ZSTD_DStream* const stream = ZSTD_createDStream();
  bool ended = true;

  ~Zstd() override { ZSTD_freeDStream(stream); }
  bool between_members() const override { return ended; }
  Result<void> unpack(std::string_view& in, std::string& out) override {
    if (in.empty() && ended) return {};
    out.resize(kPiece);
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    const std::size_t status = ZSTD_decompressStream(stream, &output, &input);
    in.remove_prefix(input.pos);
    out.resize(output.pos);
    if (ZSTD_isError(status)) return fail(Errc::kCorrupt, "the zstd data is damaged");
    ended = status == 0;
    return {};
  }
};

struct TextSource::Xz final : Unpacker {
  const XzLibrary& library;
  lzma_stream stream = LZMA_STREAM_INIT;
  const bool begun;
  bool ended = false;

  explicit Xz(const XzLibrary& with)
      : library(with), begun(library.stream_decoder(&stream, kXzMemory, LZMA_CONCATENATED) == LZMA_OK) {}
  ~Xz() override { library.end(&stream); }
  bool between_members() const override { return ended; }
  Result<void> unpack(std::string_view& in, std::string& out) override {
    if (!begun) return fail(Errc::kUnavailable, "there is no memory to unpack xz data");
    out.resize(kPiece);
    stream.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream.avail_in = in.size();
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    stream.avail_out = out.size();
    const lzma_ret status = library.code(&stream, in.empty() ? LZMA_FINISH : LZMA_RUN);
    in.remove_prefix(in.size() - stream.avail_in);
    out.resize(kPiece - stream.avail_out);
    ended = status == LZMA_STREAM_END;
    if (status == LZMA_OK || status == LZMA_STREAM_END || status == LZMA_BUF_ERROR) return {};
    return fail(Errc::kCorrupt, "the xz data is damaged, or wants over {} MB to unpack", kXzMemory >> 20);
  }
};

TextSource::TextSource(FileDescriptor file, std::string name, std::uint64_t size)
    : file_(std::move(file)), name_(std::move(name)), size_(size) {}
TextSource::~TextSource() = default;

Result<std::unique_ptr<TextSource>> TextSource::open(const std::filesystem::path& file) {
  FileDescriptor opened;
  if (file == "-") {
    opened = FileDescriptor(::dup(STDIN_FILENO));
    if (!opened) return fail_errno(errno, "cannot read standard input");
  } else {
    SENT_TRY_ASSIGN(opened, open_file(file, O_RDONLY));
  }
  struct stat status{};
  const bool regular = ::fstat(opened.get(), &status) == 0 && S_ISREG(status.st_mode);
  if (S_ISDIR(status.st_mode)) return fail(Errc::kInvalid, "{} is a directory", file.string());
  const auto size = regular ? static_cast<std::uint64_t>(status.st_size) : 0;
  std::unique_ptr<TextSource> source(new TextSource(std::move(opened), file.string(), size));
  SENT_TRY(source->choose_unpacker());
  return source;
}

Result<void> TextSource::choose_unpacker() {
  SENT_TRY_ASSIGN(first_, read_file_piece());
  if (first_.starts_with("\x1f\x8b")) unpacker_ = std::make_unique<Gzip>();
  if (first_.starts_with("\x28\xb5\x2f\xfd")) unpacker_ = std::make_unique<Zstd>();
  const auto* xz = first_.starts_with(
                       "\xfd"
                       "7zXZ")
                       ? xz_library()
                       : nullptr;
  if (xz) unpacker_ = std::make_unique<Xz>(*xz);
  for (const auto& [mark, command] : {std::pair{"\xfd"
                                                "7zXZ",
                                                "xz"},
                                      {"BZh", "bzip2"}})
    if (!unpacker_ && first_.starts_with(mark))
      return fail(Errc::kUnsupported, "{} is packed with {}: say {} -dc {} | sentinella import -", name_,
                  command, command, name_);
  return {};
}

Result<std::string> TextSource::read_file_piece() {
  std::string piece(kPiece, '\0');
  for (;;) {
    const ssize_t bytes = ::read(file_.get(), piece.data(), piece.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return fail_errno(errno, "cannot read " + name_);
    piece.resize(static_cast<std::size_t>(bytes));
    bytes_read_ += piece.size();
    ended_ = piece.empty();
    return piece;
  }
}

Result<std::string> TextSource::read() {
  for (;;) {
    if (first_.empty() && !ended_) {
      SENT_TRY_ASSIGN(first_, read_file_piece());
    }
    if (!unpacker_) return std::exchange(first_, {});
    std::string out;
    std::string_view in = first_;
    if (auto done = unpacker_->unpack(in, out); !done)
      return fail(done.error().code, "{}: {}", name_, done.error().message);
    first_.erase(0, first_.size() - in.size());
    if (!out.empty()) return out;
    if (!ended_ || !first_.empty()) continue;
    if (!unpacker_->between_members()) return fail(Errc::kCorrupt, "{}: the packed data is cut", name_);
    return std::string();
  }
}

}  // namespace sentinella::agent
