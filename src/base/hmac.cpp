#include "base/hmac.h"

#include <array>
#include <cstdlib>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace sentinella {

struct HmacSha256::Context {
  EVP_MAC_CTX* mac = nullptr;
  ~Context() { EVP_MAC_CTX_free(mac); }
};

HmacSha256::HmacSha256(std::string_view key) : context_(std::make_unique<Context>()) {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
  context_->mac = EVP_MAC_CTX_new(algorithm);
  // A null key would mean "the one before".
  const char* const bytes = key.empty() ? "" : key.data();
  if (context_->mac == nullptr || EVP_MAC_init(context_->mac, reinterpret_cast<const unsigned char*>(bytes),
                                               key.size(), parameters.data()) != 1)
    std::abort();
}

HmacSha256::~HmacSha256() = default;

void HmacSha256::add(std::string_view data) {
  if (EVP_MAC_update(context_->mac, reinterpret_cast<const unsigned char*>(data.data()), data.size()) != 1)
    std::abort();
}

Sha256 HmacSha256::finish() {
  Sha256 digest{};
  std::size_t size = 0;
  if (EVP_MAC_final(context_->mac, digest.data(), &size, digest.size()) != 1) std::abort();
  return digest;
}

}  // namespace sentinella
