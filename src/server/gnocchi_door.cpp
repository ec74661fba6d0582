#include "server/gnocchi_door.h"

#include "api/gnocchi/expiry.h"
#include "base/log.h"
#include "catalog/accounts.h"
#include "server/config.h"

namespace sentinella::server {
namespace {

constexpr std::string_view kPrefix = "/gnocchi";
constexpr std::size_t kWorkers = 4;
constexpr Duration kExpireEvery = 5min;

/// One round over every account.
Result<void> expire(api::Context& context, catalog::ResourceRegistry& registry,
                    const api::gnocchi::ExpiryOptions& options) {
  std::vector<Account> accounts;
  SENT_TRY(context.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(accounts, catalog::list_accounts(tx));
    return {};
  }));
  for (const Account& account : accounts) {
    SENT_TRY_ASSIGN(const auto report, api::gnocchi::expire_resources(context, registry, account.id, options,
                                                                      context.clock.now()));
    if (report.ended + report.revived + report.removed > 0)
      log::info("api.gnocchi", "resources of {}: {} fell silent, {} came back, {} are removed", account.name,
                report.ended, report.revived, report.removed);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<GnocchiDoor>> GnocchiDoor::open(const GnocchiConfig& config,
                                                       std::optional<net::TlsFiles> tls,
                                                       api::Context& context, api::Router& router) {
  std::unique_ptr<GnocchiDoor> made(new GnocchiDoor(config.options));
  SENT_TRY_ASSIGN(made->registry_, catalog::ResourceRegistry::load(context.database));
  made->door_ = std::make_unique<api::gnocchi::Door>(context, *made->registry_, config.options);
  router.mount(std::string(kPrefix), [door = made->door_.get()](net::Request request, net::Respond respond) {
    door->handle(std::move(request), kPrefix, std::move(respond));
  });
  if (config.options.expiry.on())
    made->expiry_ = std::make_unique<PeriodicTask>(
        [&context, &registry = *made->registry_, options = config.options.expiry] {
          if (const auto done = expire(context, registry, options); !done)
            log::error("api.gnocchi", "resources do not expire: {}", describe(done.error()));
          return kExpireEvery;
        });
  SENT_TRY(made->open_statsd(config, context));
  if (config.listen.empty()) return made;
  SENT_TRY_ASSIGN(const ListenAddress address, parse_listen(config.listen));
  net::ListenOptions options{.host = address.host, .port = address.port};
  if (!is_loopback(address.host)) options.tls = std::move(tls);
  SENT_TRY_ASSIGN(made->http_, net::start_http_server(
                                   options,
                                   [door = made->door_.get()](net::Request request, net::Respond respond) {
                                     door->handle(std::move(request), "", std::move(respond));
                                   },
                                   kWorkers));
  log::info("server", "Gnocchi's API listens on {}:{}", address.host, made->http_->port());
  return made;
}

Result<void> GnocchiDoor::open_statsd(const GnocchiConfig& config, api::Context& context) {
  if (config.statsd_listen.empty()) return {};
  SENT_TRY_ASSIGN(const ListenAddress address, parse_listen(config.statsd_listen));
  AccountId account{};
  const auto found = context.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const Account owner, catalog::find_account(tx, config.options.account));
    account = owner.id;
    return {};
  });
  if (!found)
    return fail_field(found.error().code, "gnocchi.account", "cannot find the account \"{}\": {}",
                      config.options.account, found.error().message);
  statsd_ = std::make_unique<api::gnocchi::StatsdCollector>(context, *registry_, options_, account);
  net::UdpOptions listen{.host = address.host, .port = address.port};
  SENT_TRY_ASSIGN(listen.allow, net::AddressRange::parse_list(config.statsd_allow));
  SENT_TRY_ASSIGN(statsd_listener_,
                  net::start_udp_listener(
                      std::move(listen), [collector = statsd_.get()](std::string_view datagram, const auto&) {
                        collector->take(datagram);
                      }));
  statsd_flushes_ = std::make_unique<PeriodicTask>(
      [this, &context, every = config.statsd_flush, bad_told = 0ULL]() mutable {
        if (const auto flushed = statsd_->flush(context.clock.now()); !flushed)
          log::warning("api.gnocchi", "an interval of statsd was lost: {}", describe(flushed.error()));
        const auto bad = statsd_->bad_lines();
        if (bad > bad_told) log::warning("api.gnocchi", "{} lines of statsd were refused", bad - bad_told);
        bad_told = bad;
        return every;
      });
  log::info("server", "statsd for Gnocchi's metrics on {}:{} (UDP)", address.host, statsd_listener_->port());
  return {};
}

GnocchiDoor::~GnocchiDoor() = default;

void GnocchiDoor::stop(Duration grace) {
  if (expiry_) expiry_->stop();
  if (statsd_flushes_) statsd_flushes_->stop();
  if (http_) http_->stop(grace);
}

}  // namespace sentinella::server
