// The logs of a real OpenStack (testdata/README.md). For tests and benches only.
#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

#include "base/compress.h"
#include "base/file.h"
#include "codec/log_scan.h"

namespace sentinella::codec {

/// Path below /var/log -> text. `testdata` is src/codec/testdata.
inline std::map<std::string, std::string, std::less<>> read_capture(const std::filesystem::path& testdata) {
  const std::string archive =
      zstd_decompress(read_file(testdata / "capture.archive.zst").value(), 64u << 20).value();
  std::map<std::string, std::string, std::less<>> logs;
  // `path size`, newline, that many bytes; and so on.
  for (std::string_view rest = archive; !rest.empty();) {
    std::string_view head = take_line(rest);
    const std::string_view path = take_word(head);
    const std::size_t size = whole_number<std::size_t>(head).value();
    if (size > rest.size()) throw std::runtime_error("capture.archive.zst ends early");
    logs.emplace(path, rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return logs;
}

}  // namespace sentinella::codec
