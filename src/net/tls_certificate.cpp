#include "net/tls_certificate.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/crypto.h"
#include "base/file.h"

namespace sentinella::net {
namespace {

constexpr long kValidSeconds = 10L * 365 * 24 * 3600;

struct Deleter {
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
};
using OwnedCertificate = std::unique_ptr<X509, Deleter>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter>;
using BioPtr = std::unique_ptr<BIO, Deleter>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Deleter>;

std::unexpected<Error> fail_openssl(std::string_view what) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return fail(Errc::kInternal, "cannot {}: {}", what, reason == nullptr ? "unknown cause" : reason);
}

/// "DNS:localhost,IP:127.0.0.1", OpenSSL's way of writing subjectAltName. Refuses what would change the
/// list's meaning.
Result<std::string> alternative_names(const std::vector<std::string>& names) {
  if (names.empty()) return fail(Errc::kInvalid, "a certificate needs at least one name");
  std::string list;
  for (const std::string& name : names) {
    const bool clean =
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:_*") ==
        std::string::npos;
    unsigned char buffer[sizeof(in6_addr)];
    const bool address =
        inet_pton(AF_INET, name.c_str(), buffer) == 1 || inet_pton(AF_INET6, name.c_str(), buffer) == 1;
    if (name.empty() || !clean || (!address && name.contains(':')))
      return fail(Errc::kInvalid, "'{}' is not a DNS name or an address, so no certificate can carry it",
                  name);
    if (!list.empty()) list += ',';
    list += (address ? "IP:" : "DNS:") + name;
  }
  return list;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// Signed by its own key. Not a CA: trusting it trusts this one listener.
Result<OwnedCertificate> make_certificate(EVP_PKEY* key, const std::string& first_name,
                                          const std::string& names) {
  OwnedCertificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  const std::string serial = random_bytes(8);
  std::uint64_t number = 0;
  for (const char c : serial) number = number << 8 | static_cast<unsigned char>(c);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), number >> 1);
  // A day back, for peers whose clocks are behind.
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -24L * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValidSeconds);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Sentinella"),
                             -1, -1, 0);
  // RFC 5280 bounds a common name to 64 characters; the alternative names are what counts.
  const std::string common = first_name.substr(0, 64);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  X509_set_pubkey(certificate.get(), key);
  const bool extended = add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                        add_extension(certificate.get(), NID_ext_key_usage, "serverAuth") &&
                        add_extension(certificate.get(), NID_subject_alt_name, names);
  if (!extended || X509_sign(certificate.get(), key, EVP_sha256()) == 0)
    return fail_openssl("make a self-signed certificate");
  return certificate;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

Result<void> ensure_self_signed(const TlsFiles& files, const std::vector<std::string>& names) {
  std::error_code ignored;
  const bool has_certificate = std::filesystem::exists(files.certificate, ignored);
  const bool has_key = std::filesystem::exists(files.key, ignored);
  if (has_certificate && has_key) return {};
  // Half a pair is somebody's mistake; making the other half anew would break whoever pinned it.
  if (has_certificate || has_key)
    return fail(Errc::kInvalid, "{} is there and {} is not: remove it or restore the other",
                (has_certificate ? files.certificate : files.key).string(),
                (has_certificate ? files.key : files.certificate).string());

  SENT_TRY_ASSIGN(const std::string alternative, alternative_names(names));
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (!key) return fail_openssl("make an EC P-256 key");
  SENT_TRY_ASSIGN(const OwnedCertificate certificate,
                  make_certificate(key.get(), names.front(), alternative));

  const BioPtr key_text(BIO_new(BIO_s_mem()));
  const BioPtr certificate_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1)
    return fail_openssl("write a certificate as PEM");
  SENT_TRY(write_file_atomic(files.key, text_of(key_text.get()), 0600));
  return write_file_atomic(files.certificate, text_of(certificate_text.get()), 0644);
}

Result<std::string> certificate_fingerprint(const std::filesystem::path& certificate) {
  SENT_TRY_ASSIGN(const std::string text, read_file(certificate, 1 << 20));
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  const OwnedCertificate parsed(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!parsed) {
    ERR_clear_error();
    return fail(Errc::kInvalid, "{} holds no PEM certificate", certificate.string());
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(parsed.get(), EVP_sha256(), digest, &size);
  return to_hex(std::string_view(reinterpret_cast<const char*>(digest), size));
}

}  // namespace sentinella::net
