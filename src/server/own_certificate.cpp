#include "server/own_certificate.h"

#include "base/file.h"
#include "base/log.h"
#include "net/tls_certificate.h"

namespace sentinella::server {
namespace {

net::TlsFiles made_files(const Config& config) {
  return {config.data_dir / "tls/certificate.pem", config.data_dir / "tls/key.pem"};
}

}  // namespace

Result<net::TlsFiles> certificate_files(const Config& config, const ListenAddress& address) {
  if (!config.tls_certificate.empty()) return net::TlsFiles{config.tls_certificate, config.tls_key};
  net::TlsFiles files = made_files(config);
  SENT_TRY(make_directories(files.certificate.parent_path(), 0700));
  SENT_TRY(net::ensure_self_signed(files, {address.host, "localhost"}));
  return files;
}

Result<std::optional<net::TlsFiles>> tls_files(const Config& config, const ListenAddress& address) {
  if (config.tls_certificate.empty() && is_loopback(address.host)) return std::nullopt;
  return certificate_files(config, address);
}

std::string made_fingerprint(const Config& config) {
  const auto address = parse_listen(config.listen);
  if (!address || is_loopback(address->host) || !config.tls_certificate.empty()) return "";
  auto fingerprint = net::certificate_fingerprint(made_files(config).certificate);
  if (!fingerprint)
    log::warning("server", "the certificate cannot be read again: {}", describe(fingerprint.error()));
  return std::move(fingerprint).value_or("");
}

}  // namespace sentinella::server
