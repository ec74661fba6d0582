#include "server/log_listeners.h"

#include "api/forward/forward_door.h"
#include "api/lumberjack/lumberjack_door.h"
#include "api/syslog/syslog_door.h"
#include "base/log.h"
#include "catalog/accounts.h"
#include "server/own_host_name.h"

namespace sentinella::server {
namespace {

using Protocol = LogListenerConfig::Protocol;
using api::LogDoor;

constexpr std::string_view kListenersLog = "server";
constexpr std::size_t kMaxMessage = 32u << 20;  ///< of forward and Lumberjack

Result<AccountId> find_account(const LogListenerConfig& config, const catalog::Database& database) {
  AccountId account{};
  const auto found = database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const Account owner, catalog::find_account(tx, config.account));
    account = owner.id;
    return {};
  });
  if (!found)
    return fail_field(found.error().code, config.section + ".account", "cannot find the account \"{}\": {}",
                      config.account, found.error().message);
  return account;
}

LogDoor door_of(Protocol protocol, bool tls) {
  switch (protocol) {
    case Protocol::forward:
      return LogDoor::forward;
    case Protocol::lumberjack:
      return LogDoor::lumberjack;
    case Protocol::syslog:
      break;
  }
  return tls ? LogDoor::syslog_tls : LogDoor::syslog_tcp;
}

net::OpenSession sessions_of(const LogListenerConfig& config, const api::LogBatch::Options& batch,
                             api::Context& context) {
  switch (config.protocol) {
    case Protocol::forward:
      return [&context, options = api::forward::ForwardOptions{batch, config.shared_key, own_host_name()}](
                 auto link, const std::string& peer) {
        return api::forward::open_session(context, options, std::move(link), peer);
      };
    case Protocol::lumberjack:
      return [&context, batch](auto link, const std::string& peer) {
        return api::lumberjack::open_session(context, batch, std::move(link), peer);
      };
    case Protocol::syslog:
      break;
  }
  return [&context, options = api::syslog::SyslogOptions{batch, config.max_line}](auto link,
                                                                                  const std::string& peer) {
    return api::syslog::open_session(context, options, std::move(link), peer);
  };
}

Error in_section(const LogListenerConfig& config, Error error) {
  error.message = fmt::format("[{}]: {}", config.section, error.message);
  return error;
}

}  // namespace

Result<std::unique_ptr<LogListeners>> LogListeners::start(const std::vector<LogListenerConfig>& configs,
                                                          const std::optional<net::TlsFiles>& tls,
                                                          api::Context& context) {
  auto listeners = std::make_unique<LogListeners>();
  for (const auto& config : configs)
    if (auto added = listeners->add(config, tls, context); !added)
      return std::unexpected(in_section(config, std::move(added).error()));
  return listeners;
}

Result<void> LogListeners::add(const LogListenerConfig& config, const std::optional<net::TlsFiles>& tls,
                               api::Context& context) {
  if (config.udp.empty() && config.tcp.empty() && config.tls.empty()) return {};
  SENT_TRY_ASSIGN(const AccountId account, find_account(config, context.database));
  if (!config.udp.empty()) SENT_TRY(add_datagrams(config, account, context));
  if (!config.tcp.empty()) SENT_TRY(add_stream(config, config.tcp, std::nullopt, account, context));
  if (!config.tls.empty()) SENT_TRY(add_stream(config, config.tls, tls, account, context));
  return {};
}

Result<void> LogListeners::add_stream(const LogListenerConfig& config, const std::string& address,
                                      const std::optional<net::TlsFiles>& tls, AccountId account,
                                      api::Context& context) {
  SENT_TRY_ASSIGN(const ListenAddress at, parse_listen(address));
  net::StreamListenOptions options{.host = at.host, .port = at.port, .tls = tls};
  SENT_TRY_ASSIGN(options.allow, net::AddressRange::parse_list(config.allow));
  options.proxy_protocol = config.proxy_protocol;
  options.max_connections = config.max_connections;
  // A syslog message is never left waiting for much more than itself.
  options.max_unread = config.protocol == Protocol::syslog ? config.max_line + (1u << 20) : kMaxMessage;
  const LogDoor door = door_of(config.protocol, tls.has_value());
  const api::LogBatch::Options batch{.account = account, .door = door, .zone = config.zone};
  SENT_TRY_ASSIGN(auto listener,
                  net::start_stream_listener(std::move(options), sessions_of(config, batch, context)));
  log::info(kListenersLog, "{} on {} port {} for the account {}", to_string(door), at.host, listener->port(),
            config.account);
  streams_.push_back({door, std::move(listener)});
  return {};
}

Result<void> LogListeners::add_datagrams(const LogListenerConfig& config, AccountId account,
                                         api::Context& context) {
  SENT_TRY_ASSIGN(const ListenAddress at, parse_listen(config.udp));
  net::UdpOptions options{.host = at.host, .port = at.port};
  SENT_TRY_ASSIGN(options.allow, net::AddressRange::parse_list(config.allow));
  const api::LogBatch::Options batch{.account = account, .door = LogDoor::syslog_udp, .zone = config.zone};
  // On the listener's thread alone, and gone with it.
  auto door = std::make_shared<api::syslog::DatagramDoor>(context,
                                                          api::syslog::SyslogOptions{batch, config.max_line});
  options.drained = [door] { door->flush(); };
  SENT_TRY_ASSIGN(auto listener,
                  net::start_udp_listener(std::move(options),
                                          [door](std::string_view datagram, const sockaddr_storage& from) {
                                            door->take(datagram, net::address_text(from));
                                          }));
  log::info(kListenersLog, "syslog_udp on {} port {} for the account {}", at.host, listener->port(),
            config.account);
  datagrams_.push_back({std::move(listener)});
  return {};
}

void LogListeners::reload() {
  for (const auto& stream : streams_)
    if (const auto done = stream.listener->reload_tls(); !done)
      log::error(kListenersLog, "the old certificate stays in use at port {}: {}", stream.listener->port(),
                 describe(done.error()));
}

std::vector<api::ListenerFigures> LogListeners::figures() const {
  std::vector<api::ListenerFigures> all;
  for (const auto& stream : streams_) {
    const auto seen = stream.listener->statistics();
    all.push_back({.door = stream.door,
                   .connections = seen.connections,
                   .open = seen.open,
                   .refused = seen.refused,
                   .overflowed = 0});
  }
  for (const auto& one : datagrams_) {
    const auto seen = one.listener->statistics();
    all.push_back({.door = LogDoor::syslog_udp,
                   .connections = 0,
                   .open = 0,
                   .refused = seen.refused,
                   .overflowed = seen.overflowed});
  }
  return all;
}

}  // namespace sentinella::server
