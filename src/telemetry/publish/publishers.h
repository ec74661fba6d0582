// How each kind of publisher is made; for make_publisher() alone.
#pragma once

#include "telemetry/publish/publisher.h"
#include "telemetry/publish/publisher_url.h"

namespace sentinella::telemetry {

using MadePublisher = Result<std::unique_ptr<Publisher>>;

/// http, https, remote-write(s), otlp(s), opentelemetryhttp, prometheus, monasca(s), zaqar(s). Options:
/// timeout (5 s), verify_ssl (or a CA's path), cacert, ssl (of the two that have no scheme for TLS),
/// clientcert, clientkey, token_file (X-Auth-Token, read for each request), batch, template (http and https:
/// a file as body_template.h has it, or the name of one that is shipped), control_plane, cluster, cloud_name,
/// region (monasca: dimensions), monasca_mappings (a file as monasca_mapping.h has it), queue and ttl (zaqar;
/// 3600 s); others stay in the address.
MadePublisher make_http_publisher(PublisherUrl url);
/// gnocchi, gnocchis (8041). Options: archive_policy (of metrics whose definition says none), token_file,
/// resources_definition_file, timeout (30 s), verify_ssl, cacert. Of events those that the definitions name.
MadePublisher make_gnocchi_publisher(PublisherUrl url);
/// notifier://USER:PASSWORD@HOST:PORT/VHOST. Options: topic (metering for samples, event for events),
/// per_meter_topic=1 (each sample also as TOPIC.METER), exchange (ceilometer), ssl=1, cacert, verify_ssl,
/// secret_file (the first line is Ceilometer's telemetry_secret: samples and events are signed).
MadePublisher make_notifier_publisher(PublisherUrl url);
/// Options: max_bytes and backup_count, as of Python's RotatingFileHandler.
MadePublisher make_file_publisher(PublisherUrl url);
/// udp (4952) and tcp. Option: secret_file, as above.
MadePublisher make_socket_publisher(PublisherUrl url);

}  // namespace sentinella::telemetry
