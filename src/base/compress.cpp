#include "base/compress.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <zlib.h>
#include <zstd.h>

namespace sentinella {
namespace {

constexpr std::size_t kStep = 256u << 10;

std::unexpected<Error> too_large(std::size_t max_size) {
  return fail(Errc::kTooLarge, "decompressed data is over the limit of {} bytes", max_size);
}

}  // namespace

std::string zstd_compress(std::string_view data, int level) {
  std::string out(ZSTD_compressBound(data.size()), '\0');
  const std::size_t n = ZSTD_compress(out.data(), out.size(), data.data(), data.size(), level);
  if (ZSTD_isError(n)) std::abort();  // only out of memory remains
  out.resize(n);
  return out;
}

Result<std::string> zstd_decompress(std::string_view data, std::size_t max_size) {
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(),
                                                                          ZSTD_freeDStream);
  // A frame may ask for a window of up to 2 GiB; ours and OTLP exporters' stay far below 8 MiB.
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, 23);
  std::string out;
  ZSTD_inBuffer in{data.data(), data.size(), 0};
  std::size_t state = 1;
  while (in.pos < in.size) {
    const std::size_t had = out.size();
    if (had >= max_size) return too_large(max_size);
    out.resize(std::min(had + kStep, max_size));
    ZSTD_outBuffer buffer{out.data() + had, out.size() - had, 0};
    state = ZSTD_decompressStream(stream.get(), &buffer, &in);
    out.resize(had + buffer.pos);
    if (ZSTD_isError(state)) return fail(Errc::kInvalid, "not valid zstd data: {}", ZSTD_getErrorName(state));
  }
  while (state != 0) {
    const std::size_t had = out.size();
    if (had >= max_size) return too_large(max_size);
    out.resize(std::min(had + kStep, max_size));
    ZSTD_outBuffer buffer{out.data() + had, out.size() - had, 0};
    state = ZSTD_decompressStream(stream.get(), &buffer, &in);
    out.resize(had + buffer.pos);
    if (ZSTD_isError(state) || (state != 0 && buffer.pos == 0))
      return fail(Errc::kInvalid, "zstd data ends too early");
  }
  return out;
}

std::string gzip_compress(std::string_view data, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> gzip_decompress(std::string_view data, std::size_t max_size) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 32) != Z_OK) std::abort();  // 32: gzip or zlib header
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, inflateEnd);
  std::string out;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  for (int status = Z_OK; status != Z_STREAM_END;) {
    const std::size_t had = out.size();
    if (had >= max_size) return too_large(max_size);
    out.resize(std::min(had + kStep, max_size));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    stream.avail_out = static_cast<uInt>(out.size() - had);
    const std::size_t room = out.size() - had;
    status = inflate(&stream, Z_NO_FLUSH);
    out.resize(had + room - stream.avail_out);
    if (status != Z_OK && status != Z_STREAM_END) return fail(Errc::kInvalid, "not valid gzip data");
  }
  return out;
}

}  // namespace sentinella
