#include <cstdlib>
#include <string>

#include "codec/syslog_framing.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using sentinella::codec::SyslogFramer;
  if (size == 0) return 0;
  constexpr std::size_t kMax = 64;
  const std::size_t step = data[0] % 16 + 1u;
  const std::string_view all(reinterpret_cast<const char*>(data + 1), size - 1);
  std::string whole, pieces;
  const auto into = [](std::string& out) {
    return [&out](std::string_view message, bool cut) {
      if (message.empty() || message.size() > kMax) std::abort();
      out.append(message).append(cut ? "|cut\n" : "|\n");
    };
  };
  SyslogFramer one(kMax), two(kMax);
  one.finish(all, into(whole));
  std::string unread;
  for (std::size_t at = 0; at < all.size(); at += step) {
    unread.append(all.substr(at, step));
    unread.erase(0, two.read(unread, into(pieces)));
    if (unread.size() > kMax + step + 16) std::abort();
  }
  two.finish(unread, into(pieces));
  if (whole != pieces) std::abort();
  return 0;
}
