#include "agent/collect/json_rpc.h"

#include "agent/collect/dialogue.h"
#include "agent/collect/json_fields.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxRpcAnswer = 8 << 20;
constexpr int kMaxMessages = 16;  // besides the answer: whether we are there, mostly

/// The answer, its text taken off the beginning of `buffer`.
Result<boost::json::value> next_message(Dialogue& dialogue, std::string& buffer) {
  JsonEnd end;
  for (;;) {
    SENT_TRY_ASSIGN(const auto found, end.find(buffer));
    if (found) {
      auto message = parse_json(std::string_view(buffer).substr(0, *found));
      buffer.erase(0, *found);
      return message;
    }
    if (buffer.size() > kMaxRpcAnswer)
      return fail(Errc::kTooLarge, "the answer is over {} bytes", kMaxRpcAnswer);
    SENT_TRY_ASSIGN(const std::string piece, dialogue.receive());
    if (piece.empty()) return fail(Errc::kUnavailable, "the connection was closed before the answer came");
    buffer += piece;
  }
}

}  // namespace

Result<std::optional<std::size_t>> JsonEnd::find(std::string_view text) {
  for (; at_ < text.size(); ++at_) {
    const char c = text[at_];
    if (in_string_) {
      if (!escaped_ && c == '"') in_string_ = false;
      escaped_ = !escaped_ && c == '\\';
      continue;
    }
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (depth_ < 0 || (depth_ == 0 && c != '}' && !blank))
      return fail(Errc::kCorrupt, "the answer is not JSON-RPC");
    if (depth_ == 0 && c == '}') return ++at_;
  }
  return std::nullopt;
}

Result<boost::json::value> ask_json_rpc(const std::string& socket, std::string_view method,
                                        std::string_view params, Duration limit) {
  SENT_TRY_ASSIGN(Dialogue dialogue, Dialogue::open(socket, limit));
  JsonWriter request;
  request.object().field("id", 1).field("method", method).key("params").raw(params).end();
  SENT_TRY(dialogue.send(request.take()));
  std::string buffer;
  for (int i = 0; i < kMaxMessages; ++i) {
    SENT_TRY_ASSIGN(const boost::json::value message, next_message(dialogue, buffer));
    if (field_of(message, "method")) continue;
    const auto* error = field_of(message, "error");
    if (error && !error->is_null())
      return fail(Errc::kInvalid, "{} is refused: {}", method, boost::json::serialize(*error).substr(0, 300));
    if (const auto* result = field_of(message, "result")) return *result;
    return fail(Errc::kCorrupt, "the answer to {} has no result", method);
  }
  return fail(Errc::kCorrupt, "{} is not answered among {} messages", method, kMaxMessages);
}

}  // namespace sentinella::agent
