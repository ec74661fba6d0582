// Gnocchi's REST API, version 1 (Gnocchi 4.4): for gnocchiclient, Ceilometer, Aodh, Heat, CloudKitty. Under
// /gnocchi at the server's port, and at the root of a listener of its own.
//
// A door of its own kind: its clients send credentials in other ways, and look into its errors. What a
// Gnocchi has in its indexer is in catalog/resource_registry.h; its metrics are series of the store
// (samples.h).
#pragma once

#include <memory>
#include <string_view>

#include "api/context.h"
#include "api/gnocchi/options.h"
#include "catalog/resource_registry.h"
#include "net/http.h"

namespace sentinella::api::gnocchi {

/// The label of series that are metrics here. Their aggregates are computed from measures as they came, so
/// that roll-ups must leave them alone.
inline constexpr const char* kMetricLabel = "metric_id";

/// Thread-safe.
class Door {
 public:
  /// `server` and `registry` must outlive it, and every request that it has taken.
  Door(Context& server, catalog::ResourceRegistry& registry, Options options);
  ~Door();

  /// A net::Handler of the paths under `prefix` ("/gnocchi", "").
  void handle(net::Request request, std::string_view prefix, net::Respond respond);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::api::gnocchi
