#include "model/state_report.h"

namespace sentinella {

std::string_view to_string(StateReport::Kind kind) {
  switch (kind) {
    case StateReport::Kind::heartbeat:
      return "heartbeat";
    case StateReport::Kind::snapshot:
      return "snapshot";
    case StateReport::Kind::started:
      return "started";
    case StateReport::Kind::exited:
      return "exited";
    case StateReport::Kind::log_unreadable:
      return "log_unreadable";
    case StateReport::Kind::log_readable:
      return "log_readable";
  }
  return "heartbeat";
}

std::string_view to_string(StateReport::Exit exit) {
  switch (exit) {
    case StateReport::Exit::unknown:
      return "unknown";
    case StateReport::Exit::orderly:
      return "orderly";
    case StateReport::Exit::crash:
      return "crash";
  }
  return "unknown";
}

}  // namespace sentinella
