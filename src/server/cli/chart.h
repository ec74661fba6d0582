// Lines and counts over time for the terminal.
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

/// One character a count (UTF-8), as high as its share of the greatest; a dot for none.
std::string draw_counts(const std::vector<double>& counts);

}  // namespace sentinella::server
