// What OpenStack says of itself, through a Keystone account: nova's services and hypervisors, neutron's
// agents, cinder's services (the projects' API references: identity v3, compute v2.1, networking v2.0, block
// storage v3), and how full the cloud is (openstack_capacity.h).
#pragma once

#include <map>
#include <string>

#include "agent/collect/keystone.h"
#include "agent/collect/source.h"
#include "agent/config/config.h"
#include "net/http_client.h"

namespace sentinella::agent {

/// Where the services of a cloud are, from the token's catalogue: type -> URL without a slash at its end. The
/// internal interface comes before the public one.
std::map<std::string, std::string> read_catalogue(std::string_view token_json, std::string_view region);

Result<void> write_nova_services(std::string_view json, std::string_view instance, SampleWriter& out);
Result<void> write_nova_hypervisors(std::string_view json, std::string_view instance, SampleWriter& out);
Result<void> write_neutron_agents(std::string_view json, std::string_view instance, SampleWriter& out);
Result<void> write_cinder_services(std::string_view json, std::string_view instance, SampleWriter& out);

class OpenstackSource final : public Source {
 public:
  /// `config.url`: http://host:5000/v3. The account needs what the policies ask for these lists: reader, or
  /// admin.
  explicit OpenstackSource(const SourceConfig& config);
  std::string_view kind() const override { return "openstack"; }
  std::string instance() const override;
  Duration every() const override { return std::chrono::seconds(60); }
  bool local() const override { return false; }
  Result<void> collect(SampleWriter& out) override;

 private:
  Result<void> fetch_token();
  Result<void> ask_identity(SampleWriter& out);
  void write_api(std::string_view api, const Result<std::string>& answer, Duration took,
                 SampleWriter& out) const;
  Result<std::string> get(const std::string& url, std::string_view microversion);
  /// As get(), with a new token when the old one is not valid any more.
  Result<std::string> ask(const std::string& url, std::string_view microversion);
  /// Of the first of these types (by '|') that the catalogue has; "" = none.
  std::string endpoint(std::string_view types) const;
  Result<void> collect_quotas(SampleWriter& out);
  Result<void> collect_placement(SampleWriter& out);

  SourceConfig config_;
  net::HttpClient client_;
  std::string token_;
  std::map<std::string, std::string> services_;
  int rounds_ = 0;
};

}  // namespace sentinella::agent
