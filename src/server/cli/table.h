// Plain tables for the terminal.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

namespace sentinella::server {

/// The text without what a terminal would obey; lines and tabs stay.
std::string printable(std::string text);

/// `columns` of every object in `items`, aligned, with a head line.
std::string format_table(const boost::json::array& items, const std::vector<std::string>& columns);

}  // namespace sentinella::server
