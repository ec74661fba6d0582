// Quantiles of classic histograms: series of cumulative counts with an upper bound in the label "le".
#pragma once

#include <span>

#include "query/budget.h"
#include "query/matrix.h"

namespace sentinella::query {

struct Bucket {
  double upper_bound = 0;
  double count = 0;  ///< of observations up to the bound
};

/// Linear inside a bucket; sorted by bound beforehand. NaN without a +Inf bucket, a second bucket,
/// observations or a q; infinities for q out of [0, 1]. Counts that decrease are raised to their
/// predecessor's.
double bucket_quantile(double q, std::vector<Bucket>& buckets);

/// One row per histogram; series without a readable "le" are left out. kInvalid: two histograms differ only
/// in their name.
Result<Matrix> histogram_quantile(const Matrix& q, const Matrix& buckets, Budget& budget);

}  // namespace sentinella::query
