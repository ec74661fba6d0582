// Answers of queries as JSON, written straight into one string.
#pragma once

#include <string>

#include "query/engine.h"

namespace sentinella::api::prometheus {

/// {"status":"success","data":{"resultType":"matrix","result":[...]}}. `range`: the answer of a range query,
/// which has all its steps.
std::string to_json(const query::Answer& answer, bool range);

/// `"text"` with escapes; what is no UTF-8 becomes U+FFFD.
void append_json_text(std::string& out, std::string_view text);
/// {"__name__":"up","job":"x"}.
void append_labels(std::string& out, const query::RowLabels& labels);

}  // namespace sentinella::api::prometheus
