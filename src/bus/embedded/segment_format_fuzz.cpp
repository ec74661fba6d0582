#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "bus/embedded/segment_format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("segment-fuzz-" + std::to_string(::getpid()));
  std::string file = bus::encode_segment_header({1, 0});
  file.append(reinterpret_cast<const char*>(data), size);
  {
    const auto written = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (!written || !write_all(written->get(), file, path)) return 0;
  }
  auto reader = bus::SegmentReader::open(path);
  while (reader) {
    const auto record = reader->next();
    if (!record || !*record) break;
  }
  if (reader) (void)reader->broken_record_was_durable();
  return 0;
}
