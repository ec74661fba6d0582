#include "api/request_body.h"

#include "base/compress.h"
#include "base/text.h"

namespace sentinella::api {

Result<std::string> take_body(net::Request& request) {
  const auto coding = to_lower(trim(request.headers.get("Content-Encoding")));
  if (coding.empty() || coding == "identity") {
    if (request.body.size() > kMaxUnpackedBody)
      return fail(Errc::kTooLarge, "the body is {} bytes, at most {}", request.body.size(), kMaxUnpackedBody);
    return std::move(request.body);
  }
  if (coding == "gzip") return gzip_decompress(request.body, kMaxUnpackedBody);
  if (coding == "zstd") return zstd_decompress(request.body, kMaxUnpackedBody);
  return fail_field(Errc::kUnsupported, "Content-Encoding", "is \"{}\"; this door takes gzip, zstd or none",
                    coding);
}

}  // namespace sentinella::api
