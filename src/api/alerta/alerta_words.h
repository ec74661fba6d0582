// Alerta's q=: a search in Lucene's words over one alert (docs.alerta.io, "Query string syntax").
//
//   disk                   in resource, event, text or value, in any case
//   event:disk  event:"disk full"  resource:web*  text:/5\d\d/
//   duplicateCount:>=5  duplicateCount:[2 TO 10]  severity:(major OR critical)
//   attributes.region:EU  _.region:EU  _exists_:region
//   a AND b, a && b, NOT a, !a, +a -b, ( ); words side by side are alternatives
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/alerta/alarm_terms.h"
#include "base/result.h"
#include "model/alert.h"

namespace sentinella::api::alerta {

class AlertaWords {
 public:
  /// "" matches everything. kInvalid says where it cannot be read; at most 4 KiB, 32 parentheses deep.
  static Result<AlertaWords> parse(std::string_view text, const AlarmTerms& terms);
  bool match(const Alert& alert) const;
  bool empty() const { return root_ == nullptr; }

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
  const AlarmTerms* terms_ = nullptr;  ///< with a root_
};

}  // namespace sentinella::api::alerta
