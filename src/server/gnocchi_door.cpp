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
  std::unique_ptr<GnocchiDoor> made(new GnocchiDoor());
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

GnocchiDoor::~GnocchiDoor() = default;

void GnocchiDoor::stop(Duration grace) {
  if (expiry_) expiry_->stop();
  if (http_) http_->stop(grace);
}

}  // namespace sentinella::server
