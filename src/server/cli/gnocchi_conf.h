// `sentinella-server gnocchi-conf`: what a gnocchi.conf says, as sections of server.conf.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sentinella::server {

/// Sections that parse_config() takes. Options that have no meaning here stand in them as comments, with the
/// reason. kInvalid: not an INI file. The passwords in it are carried over.
Result<std::string> map_gnocchi_conf(std::string_view ini);

}  // namespace sentinella::server
