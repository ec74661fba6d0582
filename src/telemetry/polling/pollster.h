// Meters that are asked of OpenStack's APIs, each described in YAML: Ceilometer's dynamic pollsters.
//
//   - name: volume.size
//     sample_type: gauge
//     unit: GB
//     endpoint_type: volumev3
//     url_path: volumes/detail?all_tenants=True
//     response_entries_key: volumes
//     value_attribute: size
//     value_mapping: {ACTIVE: 1}, default_value: -1 (of what is not mapped), skip_sample_values: [""]
//     resource_id_attribute: id, project_id_attribute: project_id, user_id_attribute: user_id
//     metadata_fields: [name, status], metadata_mapping: {name: display_name}, preserve_mapped_metadata: true
//     next_sample_url_attribute: "volumes_links[?rel = next].href"
//     headers: {OpenStack-API-Version: compute 2.79}, timeout: 30
//     response_handlers: [json, text]
//     extra_metadata_fields: [...]
//
// The endpoint's type is the service in Keystone's catalogue; of a list (ours) the first that is there.
// Entries are the answer's first list when no key says otherwise, values are paths into an entry; a number
// stands for itself. The first handler that can read an answer does; text is [{out: TEXT}]. What is asked
// about each entry besides is in polling/extra_metadata.h.
//
// A name like requests.{category} with the value [categories].ops: a meter of each element of the list, named
// by its category. Without endpoint_type url_path is a whole address of something else than OpenStack, which
// never gets the token; who asks is `username` with the first line of `password_file` (ours), or the key of
// `authentication_parameters: "ACCESS,SECRET"` with the signature of S3 (authentication_object: S3Auth;
// module and class are Ceilometer's words for it). With host_command a program of this host answers
// (polling/host_command.h). Also ours:
//
//     per_project: true                  asked once for each project: its id stands where ours does in the
//                                        service's address, or for ${project_id} in url_path, and before the
//                                        resource's: PROJECT/ID
//     fold: sum | count                  one sample of all entries, whose resource is the project;
//     fold_by: zone_id                   or one of each of what this finds, whose resource it is
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "telemetry/filled_text.h"
#include "telemetry/json_path.h"
#include "telemetry/meter_sample.h"
#include "telemetry/polling/host_command.h"

namespace sentinella::telemetry {

struct ExtraField;

/// What is asked for one thing: an address, or a path below the service's; or the words of a command.
struct PollTarget {
  std::string url;
  std::vector<std::string> words;
};

/// Who asks at a whole address.
enum class AsksAs : std::uint8_t { nobody, basic, s3 };

/// Whether the file may name commands (DefinitionFile::is_roots_alone); if not, why.
using CommandsAllowed = Result<void>;

/// Immutable, thread-safe.
class Pollster {
 public:
  /// All of a file. kInvalid names the entry and the field.
  static Result<std::vector<Pollster>> parse_all(
      std::string_view yaml,
      const CommandsAllowed& commands = fail(Errc::kForbidden, "this file may name no commands"));

  const std::string& name() const { return name_; }
  /// Empty: a whole address, or a command.
  const std::vector<std::string>& endpoint_types() const { return endpoint_types_; }
  /// With what `scope` says in the places of the address or command. As HostCommand::words_for().
  Result<PollTarget> target(const boost::json::value& scope) const;
  bool has_places() const { return command_ ? command_->has_places() : url_path_.has_paths(); }
  Duration timeout() const { return timeout_; }
  /// Of an address that is no service of OpenStack's.
  AsksAs asks_as() const { return asks_as_; }
  const std::string& username() const { return username_; }  ///< or the access key
  const std::string& secret() const { return secret_; }      ///< "" = the first line of password_file()
  const std::string& password_file() const { return password_file_; }
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }
  /// Who asks, what and how, besides the target: where two pollsters differ in this, their answers may, too.
  /// Holds the secret.
  std::string way_of_asking() const;

  bool per_project() const { return per_project_; }
  const std::vector<ExtraField>& extra_fields() const { return *extra_; }

  /// The body of an answer. kCorrupt: no handler can read it.
  Result<boost::json::value> read(std::string_view body) const;
  /// More metadata of an entry: its members, and id, project_id, user_id, value and metadata as they are in
  /// its sample.
  using Enrich = std::function<boost::json::object(const boost::json::value& entry)>;
  /// The samples of one answer, about `project` when it was asked for one. Entries without a resource or a
  /// numeric value give none. What a sample's metadata has is not overridden by `enrich`.
  std::vector<MeterSample> samples(const boost::json::value& answer, Time now,
                                   const std::string& project = "", const Enrich& enrich = {}) const;
  /// Of an answer about one thing: values of any kind, mapped, with their metadata.
  struct Detail {
    boost::json::value value;
    Metadata metadata;
  };
  std::vector<Detail> details(const boost::json::value& answer) const;
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
  void add_sample(const boost::json::value& entry, Time now, const std::string& project, const Enrich& enrich,
                  Samples& out) const;
  void add_each(const MeterSample& of_entry, const boost::json::value& entry, Samples& out) const;
  void add_folded(const boost::json::array& entries, Time now, const std::string& project,
                  Samples& out) const;
  MeterSample sample_of(double value, std::string resource, Time now) const;

  Pollster();

  std::string name_, unit_, username_, secret_, password_file_;
  FilledText url_path_;
  std::optional<HostCommand> command_;
  AsksAs asks_as_ = AsksAs::nobody;
  bool reads_json_ = true, reads_text_ = false;
  std::shared_ptr<const std::vector<ExtraField>> extra_;
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
