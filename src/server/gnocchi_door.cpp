#include "server/gnocchi_door.h"

#include "base/log.h"
#include "server/config.h"

namespace sentinella::server {
namespace {

constexpr std::string_view kPrefix = "/gnocchi";
constexpr std::size_t kWorkers = 4;

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
  if (http_) http_->stop(grace);
}

}  // namespace sentinella::server
