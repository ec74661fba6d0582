// Open vSwitch and OVN, from their own sockets: interfaces and controllers out of OVSDB (RFC 7047; schema
// ovs-vswitchd.conf.db(5)), flows of the datapath, whether ovn-controller has its database, the state of the
// clustered databases. No command is run.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "agent/collect/source.h"
#include "agent/config/config.h"
#include "base/json.h"

namespace sentinella::agent {

class OpenvswitchSource final : public Source {
 public:
  /// `config.url`: the directory of Open vSwitch's sockets; OVN's is its neighbour "ovn". "" =
  /// /run/openvswitch.
  explicit OpenvswitchSource(const SourceConfig& config);
  std::string_view kind() const override { return "openvswitch"; }
  std::string instance() const override { return directory_.string(); }
  Duration every() const override { return std::chrono::seconds(10); }
  bool local() const override { return true; }
  Result<void> collect(SampleWriter& out) override;

 private:
  Result<void> ask_switch(SampleWriter& out) const;
  void ask_ovn(SampleWriter& out) const;

  std::filesystem::path directory_;
};

/// The list of parameters of the transaction whose result write_ovsdb() reads.
std::string ovsdb_request();
/// kCorrupt: not the result of that transaction.
Result<void> write_ovsdb(const boost::json::value& result, SampleWriter& out);
/// What ovs-vswitchd answers to "upcall/show".
void write_upcalls(std::string_view text, SampleWriter& out);
/// What a clustered ovsdb-server answers to "cluster/status NAME".
void write_cluster_status(std::string_view text, std::string_view database, SampleWriter& out);

}  // namespace sentinella::agent
