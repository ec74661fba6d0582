// Meters that are asked of OpenStack's APIs, each described in YAML: Ceilometer's dynamic pollsters.
//
//   - name: volume.size
//     sample_type: gauge
//     unit: GB
//     endpoint_type: volumev3            the service in Keystone's catalogue; a list (ours): the first that
//     is there url_path: volumes/detail?all_tenants=True response_entries_key: volumes      default: the
//     answer's first list value_attribute: size              a path into an entry; a number stands for itself
//     value_mapping: {ACTIVE: 1}, default_value: -1 (of what is not mapped), skip_sample_values: [""]
//     resource_id_attribute: id, project_id_attribute: project_id, user_id_attribute: user_id
//     metadata_fields: [name, status], metadata_mapping: {name: display_name}, preserve_mapped_metadata: true
//     next_sample_url_attribute: "volumes_links[?rel = next].href"
//     headers: {OpenStack-API-Version: compute 2.79}, timeout: 30
//
// A name like requests.{category} with the value [categories].ops: a meter of each element of the list, named
// by its category. Without endpoint_type url_path is a whole address of something else than OpenStack, which
// never gets the token; who asks is `username` with the first line of `password_file` (ours). Also ours:
//
//     per_project: true                  asked once for each project: its id stands where ours does in the
//                                        service's address, and before the resource's: PROJECT/ID
//     fold: sum | count                  one sample of all entries, whose resource is the project;
//     fold_by: zone_id                   or one of each of what this finds, whose resource it is
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "telemetry/json_path.h"
#include "telemetry/meter_sample.h"

namespace sentinella::telemetry {

/// Immutable, thread-safe.
class Pollster {
 public:
  /// All of a file. kInvalid names the entry and the field.
  static Result<std::vector<Pollster>> parse_all(std::string_view yaml);

  const std::string& name() const { return name_; }
  /// Empty: url_path() is a whole address.
  const std::vector<std::string>& endpoint_types() const { return endpoint_types_; }
  const std::string& url_path() const { return url_path_; }
  Duration timeout() const { return timeout_; }
  /// Of an address that is no service of OpenStack's; "" = nobody.
  const std::string& username() const { return username_; }
  const std::string& password_file() const { return password_file_; }
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }

  bool per_project() const { return per_project_; }

  /// The samples of one answer, about `project` when it was asked for one. Entries without a resource or a
  /// numeric value give none.
  std::vector<MeterSample> samples(const boost::json::value& answer, Time now,
                                   const std::string& project = "") const;
  /// Those of all pages of one answer: what is folded becomes one sample of each resource.
  std::vector<MeterSample> joined(std::vector<MeterSample> pages) const;
  /// Where the next page is; "" = there is none.
  std::string next_url(const boost::json::value& answer) const;

 private:
  friend class PollsterReader;
  using Samples = std::vector<MeterSample>;

  std::optional<double> value_of(const boost::json::value& entry) const;
  std::optional<double> number_of(const boost::json::value& value) const;
  bool is_skipped(const boost::json::value& value) const;
  Metadata metadata_of(const boost::json::value& entry) const;
  void add_sample(const boost::json::value& entry, Time now, const std::string& project, Samples& out) const;
  void add_each(const MeterSample& of_entry, const boost::json::value& entry, Samples& out) const;
  void add_folded(const boost::json::array& entries, Time now, const std::string& project,
                  Samples& out) const;
  MeterSample sample_of(double value, std::string resource, Time now) const;

  std::string name_, unit_, url_path_, username_, password_file_;
  std::vector<std::string> endpoint_types_;
  Duration timeout_ = std::chrono::seconds(30);
  MeterType type_ = MeterType::gauge;
  std::optional<double> fixed_value_;
  std::optional<JsonPath> entries_, value_, resource_, project_, user_, next_, fold_by_;
  std::string each_name_;  ///< of a list that value_ finds: the member that names the meter; "" = no list
  std::optional<JsonPath> each_value_;
  std::map<std::string, double> mapping_;
  std::optional<double> default_value_;
  std::vector<boost::json::value> skipped_;
  std::vector<std::pair<std::string, JsonPath>> metadata_;
  std::map<std::string, std::string> renamed_;
  bool keep_renamed_ = true;
  bool per_project_ = false;
  enum class Fold : std::uint8_t { none, sum, count } fold_ = Fold::none;
  std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace sentinella::telemetry
