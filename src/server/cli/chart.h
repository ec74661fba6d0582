// Lines over time for the terminal.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sentinella::server {

struct ChartLine {
  std::string name;
  std::vector<std::pair<double, double>> points;  ///< seconds since the epoch, value
};

/// A plot `width` by `height` characters with a scale on its left and the span below, then one line of legend
/// per series, at most 12. Points that are no finite numbers are left out.
std::string draw_chart(const std::vector<ChartLine>& lines, std::size_t width, std::size_t height);

}  // namespace sentinella::server
