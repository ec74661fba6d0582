#include "query/histogram_quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/text.h"
#include "query/grouping.h"

namespace sentinella::query {
namespace {

constexpr std::string_view kBound = "le";
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::optional<double> read_bound(std::string_view text) {
  const auto bound = parse_double(text);
  return bound && !std::isnan(*bound) ? bound : std::nullopt;
}

/// Buckets of one bound become one; afterwards counts never decrease.
void tidy(std::vector<Bucket>& buckets) {
  std::size_t last = 0;
  for (std::size_t i = 1; i < buckets.size(); ++i) {
    if (buckets[i].upper_bound == buckets[last].upper_bound)
      buckets[last].count += buckets[i].count;
    else
      buckets[++last] = buckets[i];
  }
  buckets.resize(last + 1);
  double most = buckets[0].count;
  for (Bucket& bucket : buckets) {
    if (bucket.count > most) most = bucket.count;
    if (bucket.count < most) bucket.count = most;
  }
}

}  // namespace

double bucket_quantile(double q, std::vector<Bucket>& buckets) {
  if (std::isnan(q)) return kNaN;
  if (q < 0) return -kInfinity;
  if (q > 1) return kInfinity;
  if (buckets.empty() || buckets.back().upper_bound != kInfinity) return kNaN;
  tidy(buckets);
  if (buckets.size() < 2) return kNaN;
  const double observations = buckets.back().count;
  if (observations == 0) return kNaN;
  double rank = q * observations;
  std::size_t at = 0;
  while (at + 1 < buckets.size() && !(buckets[at].count >= rank)) ++at;
  if (at + 1 == buckets.size()) return buckets[at - 1].upper_bound;
  if (at == 0 && buckets[0].upper_bound <= 0) return buckets[0].upper_bound;
  const double begin = at > 0 ? buckets[at - 1].upper_bound : 0;
  const double below = at > 0 ? buckets[at - 1].count : 0;
  rank -= below;
  return begin + (buckets[at].upper_bound - begin) * (rank / (buckets[at].count - below));
}

Result<Matrix> histogram_quantile(const Matrix& q, const Matrix& input, Budget& budget) {
  // The name tells histograms apart, though the result has none.
  const LabelChoice choice{{std::string(kBound)}, true};
  const auto groups = make_groups(choice, input.labels);
  const auto members = groups.members();
  Matrix out{.steps = input.steps};
  struct BoundedRow {
    double bound;
    std::size_t row;
  };
  std::vector<BoundedRow> sources;
  std::vector<Bucket> buckets;
  for (std::size_t group = 0; group < members.size(); ++group) {
    SENT_TRY(budget.check());
    sources.clear();
    for (const auto row : members[group])
      if (const auto bound = read_bound(input.labels[row].get(kBound))) sources.push_back({*bound, row});
    if (sources.empty()) continue;
    std::ranges::stable_sort(sources, {}, &BoundedRow::bound);
    auto labels = choice.pick(input.labels[groups.first_row[group]]);
    labels.set(kMetricName, "");
    const auto cells = out.add_row(RowLabels(std::move(labels)));
    for (std::size_t step = 0; step < input.steps; ++step) {
      buckets.clear();
      for (const BoundedRow& source : sources)
        if (const double count = input.row(source.row)[step]; is_present(count))
          buckets.push_back({source.bound, count});
      if (!buckets.empty()) cells[step] = bucket_quantile(q.cells[step], buckets);
    }
  }
  drop_empty_rows(out);
  SENT_TRY(join_equal_rows(out));
  out.unique_without_name = true;
  return out;
}

}  // namespace sentinella::query
