// The thread that empties the spool into the server: logs and state first, metrics between them, each in
// order. What the server does not take now waits and is tried again; what it will never take is put aside, so
// that one bad batch does not hold up the rest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "agent/spool/spool.h"
#include "agent/uplink/server_link.h"
#include "base/time.h"

namespace sentinella::agent {

struct UplinkStatus {
  std::string agent_id;
  std::optional<Time> last_contact;  ///< when the server last took a batch
  std::string problem;               ///< "" = none
  std::uint64_t sent = 0;            ///< batches
  std::uint64_t refused = 0;
};

/// Thread-safe.
class Uplink {
 public:
  /// Starts its thread. `acknowledged` is called on it with the note of each log batch that left the spool,
  /// before it leaves. `spool` and `clock` must live until stop() has returned true, or until the process
  /// ends.
  Uplink(LinkOptions link, std::filesystem::path dead_letters, Spool& spool, const Clock& clock,
         std::function<void(const std::string& note)> acknowledged);
  ~Uplink();
  Uplink(const Uplink&) = delete;
  Uplink& operator=(const Uplink&) = delete;

  /// Something was appended.
  void notify();
  /// Waits at most `limit` until the spool is empty. False: it is not.
  bool wait_until_empty(Duration limit);
  /// Ends the thread; a send under way is waited for at most `limit`. False: it still hangs in it, and the
  /// process must end without destroying anything it uses.
  bool stop(Duration limit);
  UplinkStatus status() const;

  /// Has JSON sent to a door between the batches. One question at a time: a second one takes the place of one
  /// that was not asked yet.
  void ask(std::string path, std::string body);
  /// What the server said to the last question; each answer is given once.
  std::optional<Result<std::string>> take_answer();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace sentinella::agent
