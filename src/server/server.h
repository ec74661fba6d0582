// The whole server: stores, intake, rules, alerts, notifications and doors, put together.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "server/config.h"

namespace sentinella::server {

class Server {
 public:
  /// Opens or creates DATA, replays the journal, then listens. kUnsupported: DATA is of a newer version;
  /// kConflict: another server has it; kUnavailable: the port is taken.
  static Result<std::unique_ptr<Server>> start(const Config& config);
  ~Server();  ///< stops listening, makes everything durable

  /// Where it listens: "http://127.0.0.1:8420".
  const std::string& url() const;
  /// Reads the certificate again.
  void reload();

 private:
  Server();
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sentinella::server
