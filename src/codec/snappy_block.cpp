#include "codec/snappy_block.h"

#include <snappy.h>

namespace sentinella::codec {

Result<std::string> snappy_decompress(std::string_view block, std::size_t max_size) {
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(block.data(), block.size(), &size))
    return fail(Errc::kInvalid, "the body is not a snappy block");
  if (size > max_size)
    return fail(Errc::kTooLarge, "the snappy block holds {} bytes, at most {}", size, max_size);
  // Four bytes of snappy give no more than 86: what claims more would only cost its memory.
  if (size / 32 > block.size()) return fail(Errc::kInvalid, "the snappy block cannot hold {} bytes", size);
  std::string data;
  data.resize(size);
  if (!snappy::RawUncompress(block.data(), block.size(), data.data()))
    return fail(Errc::kInvalid, "the snappy block is damaged");
  return data;
}

std::string snappy_compress(std::string_view data) {
  std::string block;
  snappy::Compress(data.data(), data.size(), &block);
  return block;
}

}  // namespace sentinella::codec
