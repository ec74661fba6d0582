// What is asked about each entry of a pollster's answer, to be metadata of its sample: Ceilometer's
// extra_metadata_fields.
//
//   extra_metadata_fields_cache_seconds: 3600       how long an answer serves; the default
//   extra_metadata_fields_skip: [{metadata: {status: DELETED}}]        entries that hold all of one of these
//   extra_metadata_fields:                           are not asked about
//     - name: project_name
//       endpoint_type: identity
//       url_path: "'/v3/projects/' + str(sample['project_id'])"        or v3/projects/${sample.project_id}
//       value: name                                  becomes the metadata project_name
//       metadata_fields: [domain_id]                 and so do these
//
// One is a pollster itself: sample_type, unit and value are its parent's when it says none. The places of its
// address or host_command are filled from `sample` (the entry with id, project_id, user_id, value, metadata),
// `extra_metadata_captured` (what those before it gave, by name) and `extra_metadata_by_name`
// (NAME: {value, metadata}).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "base/time.h"
#include "telemetry/polling/pollster.h"

namespace sentinella::telemetry {

struct ExtraField {
  Pollster what;
  Duration keep_for = std::chrono::hours(1);
  std::vector<boost::json::value> skips;
};

/// Not thread-safe.
class ExtraMetadata {
 public:
  /// Blocking: the answer of a field's target.
  using Ask = std::function<Result<boost::json::value>(const Pollster& what, const PollTarget& target)>;
  static constexpr std::size_t kMostAnswers = 10'000;

  /// `clock` must outlive it.
  ExtraMetadata(Ask ask, const Clock& clock) : ask_(std::move(ask)), clock_(clock) {}

  /// Of one entry. A field whose answer does not come, or whose address needs what is not there, is left out;
  /// the former is asked again after a minute.
  boost::json::object about(const std::vector<ExtraField>& fields, const boost::json::value& entry);
  /// Why one was left out since the last call; "" = none was for want of an answer.
  std::string take_error() { return std::exchange(error_, ""); }

 private:
  struct Kept {
    Result<boost::json::value> answer;
    Time until;
  };
  /// Of a field that failed some times in a row nobody is asked for a while: others wait for the thread.
  struct Rest {
    unsigned failures = 0;
    Time until;
  };
  const Result<boost::json::value>& answer_of(const ExtraField& field, const PollTarget& target);

  const Ask ask_;
  const Clock& clock_;
  std::map<std::string, Kept> kept_;   ///< by what was asked
  std::map<std::string, Rest> rests_;  ///< by the field's name
  const Result<boost::json::value> resting_ =
      fail(Errc::kUnavailable, "it does not answer, and is left alone");
  std::string error_;
};

}  // namespace sentinella::telemetry
