#include "base/ed25519.h"

#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>

namespace sentinella {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, FreeKey>;
using DigestPointer = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Result<KeyPointer> read_private(const std::string& pem) {
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // No question at the terminal for a key with a passphrase: it is refused.
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  KeyPointer key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  if (!key || EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519)
    return fail(Errc::kInvalid, "not a private Ed25519 key in PEM without a passphrase");
  return key;
}

}  // namespace

bool ed25519_verifies(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != kEd25519KeyBytes || signature.size() != kEd25519SignatureBytes) return false;
  const KeyPointer key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(public_key), public_key.size()));
  const DigestPointer context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                          message.size()) == 1;
}

Result<std::string> ed25519_sign(const std::string& private_pem, std::string_view message) {
  SENT_TRY_ASSIGN(const KeyPointer key, read_private(private_pem));
  const DigestPointer context(EVP_MD_CTX_new());
  std::string signature(kEd25519SignatureBytes, '\0');
  std::size_t size = signature.size();
  const bool signed_it = context &&
                         EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                         EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                                        &size, octets(message), message.size()) == 1;
  if (!signed_it || size != kEd25519SignatureBytes) return fail(Errc::kInternal, "OpenSSL could not sign");
  return signature;
}

Result<std::string> ed25519_public_key(const std::string& private_pem) {
  SENT_TRY_ASSIGN(const KeyPointer key, read_private(private_pem));
  std::string raw(kEd25519KeyBytes, '\0');
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(raw.data()), &size) != 1 ||
      size != kEd25519KeyBytes)
    return fail(Errc::kInternal, "OpenSSL could not tell the public key");
  return raw;
}

}  // namespace sentinella
