// For a first look: the agent as a child of the server, so that there is a host to see. Asked for with
// --demo-self.
#pragma once

#include <filesystem>
#include <string>

#include <sys/types.h>

#include "base/result.h"
#include "server/config.h"

namespace sentinella::server {

/// The child, which ends with this object, and with the server however that ends.
class SelfWatch {
 public:
  /// Starts `sentinella`, from the directory of this program or else from PATH, with a configuration of its
  /// own below DATA/self and the account key of DATA/bootstrap.json. `url` is where the server listens.
  /// kInvalid: that is not on loopback (an agent elsewhere is installed, not borrowed). kNotFound: there is
  /// no such program, or no bootstrap.json.
  static Result<SelfWatch> start(const Config& config, const std::string& url);
  SelfWatch(SelfWatch&& other) noexcept : pid_(other.pid_), login_link_(std::move(other.login_link_)) {
    other.pid_ = 0;
  }
  SelfWatch& operator=(SelfWatch&&) = delete;
  ~SelfWatch();

  /// Of the first start; "" when somebody has logged in since.
  const std::string& login_link() const { return login_link_; }

 private:
  SelfWatch(pid_t pid, std::string link) : pid_(pid), login_link_(std::move(link)) {}
  pid_t pid_;
  std::string login_link_;
};

}  // namespace sentinella::server
