// argon2id, 19 MiB, t=2, p=1 (OWASP password storage). About 30 ms: call on a worker thread.
#pragma once

#include <string>
#include <string_view>

namespace sentinella::auth {

/// PHC text with a salt of its own; "" when there is not memory enough.
std::string hash_password(std::string_view password);
/// False for anything that is not a hash.
bool verify_password(std::string_view password, const std::string& phc_hash);

}  // namespace sentinella::auth
