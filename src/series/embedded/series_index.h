// Which series there are, and which of them a selector means. In memory; rebuilt from the store when it
// opens.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/account.h"
#include "model/labels.h"
#include "series/series_store.h"

namespace sentinella::series {

struct Series;  // embedded/series_head.h

/// Thread-safe. Series are shared: one that is removed lives on for whoever is reading it.
class SeriesIndex {
 public:
  using Found = std::vector<std::shared_ptr<Series>>;

  /// null when there is none. `canonical` is Labels::canonical().
  std::shared_ptr<Series> get(AccountId account, const std::string& canonical) const;
  std::shared_ptr<Series> get(AccountId account, SeriesId id) const;
  /// Ids must come in ascending order within an account.
  void add(std::shared_ptr<Series> series);
  void remove(const Series& series);
  /// In order of age. An empty selector finds all. kInvalid: a bad regex. kTooLarge over `max_series`.
  Result<Found> find(AccountId account, const Selector& selector, std::size_t max_series) const;
  Found all() const;
  std::size_t size() const;
  std::size_t size(AccountId account) const;

 private:
  using Ids = std::vector<std::uint64_t>;  // ascending
  struct Account {
    std::unordered_map<std::string, std::shared_ptr<Series>> by_labels;
    std::map<std::uint64_t, std::shared_ptr<Series>> by_id;
    std::map<std::string, std::map<std::string, Ids, std::less<>>, std::less<>> postings;  // name, value
  };

  mutable std::shared_mutex mutex_;
  std::map<AccountId, Account> accounts_;
};

/// kInvalid when a regex is bad, or when no matcher narrows the choice.
Result<void> check_selector(const Selector& selector);

}  // namespace sentinella::series
