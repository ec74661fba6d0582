// Who tells a sample: Ceilometer's message signatures ([publisher] telemetry_secret). HMAC-SHA256 over names
// and values of a wire form in the order of the names, nested mappings flattened to a:b:c, values as Python's
// str() writes them. Source: ceilometer/publisher/utils.py, compute_signature and verify_signature.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace sentinella::telemetry {

/// Of one sample or event; real ones have a few thousand.
inline constexpr std::size_t kMostSignedBytes = 1u << 20;
/// Of all samples of one message.
inline constexpr std::size_t kMostSignedBytesOfMessage = 64u << 20;

/// In hexadecimal digits, of everything but the member message_signature. Texts within lists hold as Python's
/// repr() has them; of characters that it does not print the usual ones are known. "" without a secret, and
/// when it would be of more than kMostSignedBytes: whoever verifies takes neither.
std::string signature_of(const boost::json::object& wire, std::string_view secret);
/// In constant time. Without a secret everything is; what is too long to be signed never is. The bytes that
/// it had to hash, at most `allowance`, are taken from that: what is left is for the message's other samples.
bool is_signed(const boost::json::object& wire, std::string_view secret, std::size_t& allowance);
/// Adds message_signature.
void sign(boost::json::object& wire, std::string_view secret);

}  // namespace sentinella::telemetry
