// For tests: a store behind a journal, whichever adapter keeps it. A journal record is applied when it is
// made, and again after a crash.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/temporary_directory.h"
#include "series/embedded/embedded_series_store.h"
#include "series/series_store.h"

namespace sentinella::series {
struct Adapter {
  const char* name;
  Result<std::unique_ptr<SeriesStore>> (*open)(const std::filesystem::path&);
};

inline std::vector<Adapter> all_stores() {
  return {{"embedded", [](const std::filesystem::path& path) {
             return open_embedded_series_store({.directory = path, .max_series_per_account = 50});
           }}};
}

inline constexpr AccountId kOurs{1}, kTheirs{2};

inline Labels labels(std::vector<Label> list) {
  return Labels(std::move(list));
}
inline Labels cpu(std::string host) {
  return labels({{"__name__", "cpu"}, {"host", std::move(host)}});
}
inline LabelMatcher equal(std::string name, std::string value) {
  return {LabelMatcher::Op::equal, std::move(name), std::move(value)};
}

class SeriesStoreContract : public testing::TestWithParam<Adapter> {
 protected:
  using Points = std::vector<std::pair<std::int64_t, double>>;

  void SetUp() override { reopen(); }
  void reopen() {
    store.reset();
    auto opened = GetParam().open(directory.path());
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
  }
  AppendReport append(const Labels& series, const Points& points, AccountId account = kOurs) {
    SeriesSamples samples{series, SeriesKind::gauge, {}};
    for (const auto& [at, value] : points) samples.samples.push_back({{at}, value});
    SampleBlock block;
    if (!resolve_into(*store, account, samples, block)) return {.refused = points.size()};
    journal.push_back({account, block, {}});
    return apply(journal.size());
  }
  void erase(const Selector& selector, TimeRange range) {
    journal.push_back({kOurs, {}, SeriesErasure{selector.matchers, range}});
    apply(journal.size());
  }
  AppendReport apply(std::uint64_t offset) {
    const Record& record = journal[offset - 1];
    if (record.erasure) {
      EXPECT_TRUE(store->erase(record.account, *record.erasure, offset));
      return {};
    }
    const auto report = store->append(record.account, record.block, offset);
    EXPECT_TRUE(report);
    return report.value_or(AppendReport{});
  }
  /// What a crash and a start do.
  void crash() {
    reopen();
    for (std::uint64_t offset = store->durable_offset() + 1; offset <= journal.size(); ++offset)
      apply(offset);
  }
  Points read(const Labels& series, TimeRange range = {{INT64_MIN}, {INT64_MAX}}, AccountId account = kOurs) {
    Selector selector;
    for (const Label& label : series) selector.matchers.push_back(equal(label.name, label.value));
    const auto columns = store->select(account, selector, range);
    EXPECT_TRUE(columns) << columns.error().message;
    Points points;
    if (columns && !columns->empty())
      for (std::size_t i = 0; i < columns->front().times.size(); ++i)
        points.emplace_back(columns->front().times[i].ns, columns->front().values[i]);
    return points;
  }
  std::size_t count(std::vector<LabelMatcher> matchers) {
    const auto found = store->find(kOurs, {std::move(matchers)});
    EXPECT_TRUE(found) << found.error().message;
    return found ? found->size() : 0;
  }

  struct Record {
    AccountId account{};
    SampleBlock block;
    std::optional<SeriesErasure> erasure;
  };
  TemporaryDirectory directory;
  std::unique_ptr<SeriesStore> store;
  std::vector<Record> journal;  ///< the first has the offset 1
};

}  // namespace sentinella::series
