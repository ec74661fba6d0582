// Gnocchi's API: the door under /gnocchi and, when configured, a listener of its own at the root.
#pragma once

#include <atomic>
#include <memory>

#include "api/gnocchi/door.h"
#include "api/gnocchi/statsd.h"
#include "api/router.h"
#include "catalog/resource_registry.h"
#include "net/http_server.h"
#include "net/udp_listener.h"
#include "server/gnocchi_config.h"
#include "server/periodic_task.h"

namespace sentinella::server {

class GnocchiDoor {
 public:
  /// Mounts the door on `router`, which must not be in use yet. `tls` is for the listener. All must outlive
  /// it.
  static Result<std::unique_ptr<GnocchiDoor>> open(const GnocchiConfig& config,
                                                   std::optional<net::TlsFiles> tls, api::Context& context,
                                                   api::Router& router);
  ~GnocchiDoor();
  catalog::ResourceRegistry& registry() { return *registry_; }
  /// No new requests at the listener, and nothing expires any more.
  void stop(Duration grace);

 private:
  explicit GnocchiDoor(api::gnocchi::Options options) : options_(std::move(options)) {}
  Result<void> open_statsd(const GnocchiConfig& config, api::Context& context);

  const api::gnocchi::Options options_;
  std::unique_ptr<catalog::ResourceRegistry> registry_;
  std::unique_ptr<api::gnocchi::Door> door_;
  std::unique_ptr<net::HttpServer> http_;
  std::unique_ptr<PeriodicTask> expiry_;
  std::unique_ptr<api::gnocchi::StatsdCollector> statsd_;
  std::unique_ptr<net::UdpListener> statsd_listener_;
  std::unique_ptr<PeriodicTask> statsd_flushes_;
};

}  // namespace sentinella::server
