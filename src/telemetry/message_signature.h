// Who tells a sample: Ceilometer's message signatures ([publisher] telemetry_secret). HMAC-SHA256 over names
// and values of a wire form in the order of the names, nested mappings flattened to a:b:c, values as Python's
// str() writes them. Source: ceilometer/publisher/utils.py, compute_signature and verify_signature.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace sentinella::telemetry {

/// In hexadecimal digits, of everything but the member message_signature; "" without a secret. Texts within
/// lists hold as Python's repr() has them; of characters that it does not print the usual ones are known.
std::string signature_of(const boost::json::object& wire, std::string_view secret);
/// In constant time. Without a secret everything is.
bool is_signed(const boost::json::object& wire, std::string_view secret);
/// Adds message_signature.
void sign(boost::json::object& wire, std::string_view secret);

}  // namespace sentinella::telemetry
