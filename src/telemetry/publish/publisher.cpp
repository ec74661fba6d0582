#include "telemetry/publish/publisher.h"

#include <array>

#include "telemetry/publish/publishers.h"

namespace sentinella::telemetry {

Result<std::unique_ptr<Publisher>> make_publisher(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, MadePublisher (*)(PublisherUrl)>, 18> kKinds{
      {{"http", make_http_publisher},
       {"https", make_http_publisher},
       {"remote-write", make_http_publisher},
       {"remote-writes", make_http_publisher},
       {"otlp", make_http_publisher},
       {"otlps", make_http_publisher},
       {"opentelemetryhttp", make_http_publisher},
       {"prometheus", make_http_publisher},
       {"monasca", make_http_publisher},
       {"monascas", make_http_publisher},
       {"zaqar", make_http_publisher},
       {"zaqars", make_http_publisher},
       {"gnocchi", make_gnocchi_publisher},
       {"gnocchis", make_gnocchi_publisher},
       {"notifier", make_notifier_publisher},
       {"file", make_file_publisher},
       {"udp", make_socket_publisher},
       {"tcp", make_socket_publisher}}};
  SENT_TRY_ASSIGN(auto url, parse_publisher_url(text));
  // The queue's, and Ceilometer's that have no meaning here: they do not belong in an address.
  for (const char* option : {"max_retry", "max_retries", "max_queue_length", "policy"})
    url.take_option(option, "");
  for (const auto& [scheme, make] : kKinds)
    if (scheme == url.scheme) return make(std::move(url));
  return fail(Errc::kUnsupported, "there is no publisher {}://", url.scheme);
}

}  // namespace sentinella::telemetry
