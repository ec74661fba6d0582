#include "net/event_stream.h"

#include <utility>

namespace sentinella::net {

void EventStreamReader::put(std::string_view piece, const Sink& sink) {
  for (std::size_t end; (end = piece.find('\n')) != std::string_view::npos; piece.remove_prefix(end + 1)) {
    unfinished_.append(piece.substr(0, end));
    if (unfinished_.ends_with('\r')) unfinished_.pop_back();
    line(unfinished_, sink);
    unfinished_.clear();
  }
  if (unfinished_.size() + piece.size() <= kMaxEvent)
    unfinished_.append(piece);
  else
    too_large_ = true;
}

void EventStreamReader::line(std::string_view line, const Sink& sink) {
  if (line.empty()) {
    last_id_ = id_;
    if (!event_.data.empty() && !too_large_) {
      event_.data.pop_back();
      sink(event_);
    }
    event_ = {};
    too_large_ = false;
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") event_.name = value;
  if (field == "id") id_ = value;
  if (field != "data") return;
  too_large_ = too_large_ || event_.data.size() + value.size() > kMaxEvent;
  if (!too_large_) event_.data.append(value).push_back('\n');
}

}  // namespace sentinella::net
