#include "series/series_store.h"

namespace sentinella::series {

Result<void> resolve_into(SeriesStore& store, AccountId account, const SeriesSamples& series,
                          SampleBlock& block) {
  const std::string canonical = series.labels.canonical();
  SENT_TRY_ASSIGN(const Resolved resolved, store.resolve(account, canonical, series.kind));
  if (resolved.needs_definition) block.defined.push_back({resolved.id, series.kind, canonical});
  for (const Sample& sample : series.samples) block.add(resolved.id, sample.at, sample.value);
  return {};
}

}  // namespace sentinella::series
