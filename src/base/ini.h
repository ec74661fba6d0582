// Configuration in oslo.config's INI form: [section], key = value, # comments, indented lines continue a
// value. Unlike common INI readers it keeps ';' inside values and does not cut long ones (a transport_url
// with three brokers is longer than 200 characters).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sentinella {

struct IniOption {
  std::string section;
  std::string key;
  std::string value;
  int line = 0;
};

/// Keys before any section belong to "DEFAULT". Errors name the line.
Result<std::vector<IniOption>> parse_ini(std::string_view text);

}  // namespace sentinella
