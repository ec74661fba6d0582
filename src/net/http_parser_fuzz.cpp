// Any bytes, as a request and as a response, in pieces whose size the first byte chooses: the parser must
// neither fail its own bounds nor read differently than in one piece.
#include <cstdlib>

#include "net/http_parser.h"

namespace {

using namespace sentinella;
using namespace sentinella::net;

constexpr ParserLimits kLimits{.header_bytes = 4096, .body_bytes = 4096};

struct Outcome {
  bool ok = true;
  bool done = false;
  std::size_t used = 0;
  std::string target;
  std::string body;
  bool operator==(const Outcome&) const = default;
};

Outcome parse(MessageKind kind, std::string_view text, std::size_t piece) {
  MessageParser parser(kind, kLimits);
  Outcome outcome;
  while (outcome.used < text.size() && !parser.done()) {
    const auto used = parser.put(text.substr(outcome.used, piece));
    if (!used) {
      outcome = {};
      outcome.ok = false;
      return outcome;
    }
    outcome.used += *used;
  }
  outcome.done = parser.done();
  outcome.target = parser.target();
  outcome.body = parser.body();
  if (outcome.body.size() > kLimits.body_bytes || outcome.target.size() > kLimits.header_bytes) std::abort();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = std::size_t{data[0]} % 32 + 1;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  for (const MessageKind kind : {MessageKind::request, MessageKind::response})
    if (!(parse(kind, text, piece) == parse(kind, text, text.size()))) std::abort();
  Request request;
  if (split_target(text, request) && !request.path.starts_with('/')) std::abort();
  return 0;
}
