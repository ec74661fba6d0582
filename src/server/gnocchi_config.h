// The section [gnocchi] of server.conf.
#pragma once

#include <string>
#include <string_view>

#include "api/gnocchi/options.h"
#include "base/ini.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::server {

struct GnocchiConfig {
  std::string listen;         ///< HOST:PORT of a listener of its own, with the API at the root; "" = none
  std::string statsd_listen;  ///< HOST:PORT of a UDP port for statsd; "" = none
  std::string statsd_allow = "127.0.0.0/8, ::1";
  Duration statsd_flush = std::chrono::seconds(10);
  api::gnocchi::Options options = {};
};

inline constexpr std::string_view kGnocchiSection = "gnocchi";
/// One key. kInvalid without a field: the value; with one: no such key in this section.
Result<void> set_gnocchi(GnocchiConfig& config, const IniOption& option);
/// Every option with its meaning and default, as config_sample().
std::string gnocchi_sample();

}  // namespace sentinella::server
