#include "server/cli/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "base/time.h"

namespace sentinella::server {
namespace {

constexpr std::string_view kMarks = "*+ox#@%&=~^:";
constexpr std::size_t kScale = 12;  ///< columns left of the plot

struct Span {
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();

  void take(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  /// 0 to `cells` - 1.
  std::size_t place(double value, std::size_t cells) const {
    if (most <= least) return 0;
    const double share = (value - least) / (most - least);
    return std::min(static_cast<std::size_t>(share * static_cast<double>(cells)), cells - 1);
  }
};

std::string time_text(double seconds) {
  return to_rfc3339(Time{static_cast<std::int64_t>(seconds) * 1'000'000'000}).substr(0, 19);
}

}  // namespace

std::string draw_chart(const std::vector<ChartLine>& lines, std::size_t width, std::size_t height) {
  Span times;
  Span values;
  for (const ChartLine& line : lines)
    for (const auto& [time, value] : line.points)
      if (std::isfinite(value)) times.take(time), values.take(value);
  if (times.most < times.least) return "no points\n";
  std::vector<std::string> plot(height, std::string(width, ' '));
  // The first series lies on top.
  for (std::size_t i = std::min(lines.size(), kMarks.size()); i-- > 0;)
    for (const auto& [time, value] : lines[i].points)
      if (std::isfinite(value))
        plot[height - 1 - values.place(value, height)][times.place(time, width)] = kMarks[i];

  std::string out;
  for (std::size_t row = 0; row < height; ++row) {
    const double share = height == 1 ? 1 : 1 - static_cast<double>(row) / static_cast<double>(height - 1);
    const bool labelled = row % 4 == 0 || row + 1 == height;
    const double at = values.least + share * (values.most - values.least);
    auto line = fmt::format("{:>{}} |{}", labelled ? fmt::format("{:.6g}", at) : "", kScale - 2, plot[row]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  out += fmt::format("{:>{}}+{}\n", "", kScale - 1, std::string(width, '-'));
  const auto begin = time_text(times.least);
  const auto end = time_text(times.most);
  const std::size_t gap = width > begin.size() + end.size() ? width - begin.size() - end.size() : 1;
  out += fmt::format("{:>{}}{}{}{}\n", "", kScale, begin, std::string(gap, ' '), end);
  for (std::size_t i = 0; i < lines.size() && i < kMarks.size(); ++i)
    out += fmt::format("{:>{}} {}\n", kMarks[i], kScale - 1, lines[i].name);
  if (lines.size() > kMarks.size())
    out +=
        fmt::format("{:>{}} and {} more that are not drawn\n", "", kScale - 1, lines.size() - kMarks.size());
  return out;
}

std::string draw_counts(const std::vector<double>& counts) {
  static constexpr std::array<std::string_view, 8> kHeights{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const double most = counts.empty() ? 0 : std::ranges::max(counts);
  std::string out;
  for (const double count : counts) {
    const auto height = static_cast<std::size_t>(std::ceil(count / std::max(most, 1.0) * kHeights.size()));
    out += count <= 0 ? "." : kHeights[std::clamp<std::size_t>(height, 1, kHeights.size()) - 1];
  }
  return out;
}

}  // namespace sentinella::server
