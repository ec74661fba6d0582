// Who is calling this door, and what that lets them do.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "api/context.h"
#include "api/gnocchi/options.h"
#include "api/gnocchi/problem.h"
#include "catalog/resource.h"
#include "model/account.h"
#include "net/http.h"

namespace sentinella::api::gnocchi {

class Keystone;

struct Identity {
  AccountId account{};
  std::string creator = {};  ///< what things made by this caller are marked with: "user", or "user:project"
  std::string project = {};
  bool admin = false;
  bool service = false;  ///< may write what others have made
  bool reads = true, writes = true;
  bool own_project = false;  ///< sees only what is of its project or its making

  bool may_change(const std::string& creator_of_thing) const {
    return admin || service || creator_of_thing == creator;
  }
  bool may_see(const catalog::Resource& resource) const;
  bool may_see(const std::string& creator_of_thing) const;
};

/// Thread-safe.
class Identifier {
 public:
  /// `server` must outlive it.
  Identifier(Context& server, const Options& options);
  ~Identifier();
  /// 401 or, when who vouches cannot be reached, 503.
  Outcome<Identity> identify(const net::Request& request);

 private:
  Outcome<Identity> own(const net::Request& request);
  Outcome<Identity> named(const std::string& user);
  Outcome<Identity> keystone(const net::Request& request);
  /// Of the options; asked of the catalogue once.
  Outcome<AccountId> account();

  Context& server_;
  const Options& options_;
  const std::unique_ptr<Keystone> keystone_;
  std::atomic<AccountId> account_ = AccountId{};
};

/// 403.
Failure denied();

}  // namespace sentinella::api::gnocchi
