#include "events/change_filter.h"

#include <algorithm>
#include <string_view>

namespace sentinella::events {
namespace {

constexpr std::string_view kBus = "openstack";

/// Steps, repetitions and chatter.
constexpr std::string_view kQuietBeginnings[] = {"instance.",
                                                 "scheduler.",
                                                 "port.",
                                                 "binding.",
                                                 "telemetry.",
                                                 "identity.authenticate",
                                                 "compute.metrics",
                                                 "compute.instance.update",
                                                 "compute.instance.live_migration._",
                                                 "compute.instance.live_migration.pre",
                                                 "compute.instance.resize.prep",
                                                 "compute.instance.shutdown",
                                                 "http.",
                                                 "objectstore.",
                                                 "profiler.",
                                                 "audit."};
constexpr std::string_view kQuietEndings[] = {".start", ".exists", ".update", ".prepare", ".upload"};

}  // namespace

bool is_change(const Event& event) {
  if (event.origin != kBus) return true;
  const std::string_view type = event.type;
  if (type.ends_with(".error") || type.ends_with("exception")) return !type.starts_with("instance.");
  const auto begins = [&](std::string_view quiet) { return type.starts_with(quiet); };
  const auto ends = [&](std::string_view quiet) { return type.ends_with(quiet); };
  return std::ranges::none_of(kQuietBeginnings, begins) && std::ranges::none_of(kQuietEndings, ends);
}

}  // namespace sentinella::events
