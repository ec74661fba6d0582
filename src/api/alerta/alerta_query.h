// Alerta's query parameters: field filters (=, =~, !=, !=~), dates, order and pages.
#pragma once

#include <string>
#include <vector>

#include "api/alerta/alerta_words.h"
#include "model/alert.h"
#include "net/http.h"

namespace sentinella::api::alerta {

struct AlertaQuery {
  explicit AlertaQuery(const AlarmTerms& alarm_terms) : terms(alarm_terms) {}

  const AlarmTerms& terms;
  struct Filter {
    std::string field;
    std::vector<std::string> values;  ///< one must hold; with `negate` none may
    bool negate = false;
    bool part = false;  ///< substring in any case
  };
  std::vector<Filter> filters;
  AlertaWords words;  ///< q
  std::optional<Time> from, to;
  std::vector<std::string> sort_by;  ///< "-" before a name turns it round
  std::size_t page = 1, page_size = 50;
  bool show_history = false, show_raw_data = false;

  /// kInvalid: an unknown field, a bad number or date.
  static Result<AlertaQuery> read(const net::Request& request, const AlarmTerms& terms);
  bool match(const Alert& alert) const;
  /// Those that match, in order.
  std::vector<Alert> select(std::vector<Alert> alerts) const;
};

}  // namespace sentinella::api::alerta
