// Plain tables for the terminal.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

namespace sentinella::server {

/// `columns` of every object in `items`, aligned, with a head line.
std::string format_table(const boost::json::array& items, const std::vector<std::string>& columns);

}  // namespace sentinella::server
