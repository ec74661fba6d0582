// Asks OpenStack's APIs at intervals and hands on what they answer. One thread, one Keystone token.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "telemetry/polling/extra_metadata.h"
#include "telemetry/polling/keystone_session.h"
#include "telemetry/polling/pollster.h"
#include "telemetry/source_filter.h"

namespace sentinella::telemetry {

/// polling.yaml: sources: [{name, interval (seconds), meters: [globs]}].
struct PollingSource {
  std::string name;
  Duration interval = std::chrono::seconds(300);
  SourceFilter meters;
};
/// kInvalid names the source. At least a second between polls.
Result<std::vector<PollingSource>> parse_polling(std::string_view yaml);

struct PollsterStatus {
  std::string name;
  Time last;  ///< when it was last asked; 0 = never
  std::uint64_t samples = 0;
  std::string last_error;  ///< of the last time; "" = it went well
  bool failing = false;    ///< the last time failed, and not for want of such a service or API
};

/// The RADOS gateway's admin API, which is the service `radosgw` to pollsters; it is asked with a key of S3.
struct RadosGateway {
  std::string url;  ///< without a path; "" = there is none
  std::string access_key;
  std::filesystem::path secret_file;  ///< its first line is the secret, read for each request
  bool implicit_tenants = false;      ///< a project's user is PROJECT$PROJECT there
};
inline constexpr std::string_view kGatewayType = "radosgw";

/// Thread-safe.
class Poller {
 public:
  using Take = std::function<void(const std::vector<MeterSample>&)>;

  Poller(KeystoneOptions keystone, std::vector<Pollster> pollsters, std::vector<PollingSource> sources,
         Take take, const Clock& clock, RadosGateway gateway = {});
  /// What is being asked is given up: takes no longer than a killed command may take to end, or a name that
  /// is being looked up, which cannot be given up.
  ~Poller();
  std::vector<PollsterStatus> status() const;

 private:
  void work();
  void poll(const PollingSource& source);
  Result<std::vector<MeterSample>> ask(const Pollster& pollster, Time now);
  /// All pages of one pollster at one endpoint ("" = its url_path is the whole address), about one project
  /// ("" = all of them). kNotFound: there is no first page; when a later one fails none counts.
  Result<std::vector<MeterSample>> ask_at(const std::string& endpoint, const Pollster& pollster, Time now,
                                          const std::string& project);
  /// What is at an address of OpenStack's, with our token, or at another one, without.
  Result<boost::json::value> fetch(const std::string& url, const Pollster& pollster);
  /// Whatever a pollster asks for one thing.
  Result<boost::json::value> ask_once(const Pollster& pollster, const PollTarget& target);
  Result<std::string> endpoint_of(const Pollster& pollster);
  Result<void> say_who_asks(const Pollster& pollster, net::ClientRequest& request) const;
  bool is_gateway(const Pollster& pollster) const;
  boost::json::value scope_of(const std::string& project) const;
  bool wait_until(Time until);

  const std::vector<Pollster> pollsters_;
  const std::vector<PollingSource> sources_;
  const Take take_;
  const Clock& clock_;
  std::atomic<bool> stopping_ = false;  ///< set under the mutex, for those who wait there
  KeystoneSession keystone_;            ///< the thread's
  net::HttpClient outside_;             ///< of addresses that are not OpenStack's; the thread's
  const RadosGateway gateway_;
  ExtraMetadata extra_;  ///< the thread's
  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<PollsterStatus> status_ SENT_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace sentinella::telemetry
