#pragma once

namespace sentinella::agent {

/// Takes the pages of program code and constants out of the resident set; what is still in use comes back
/// from the page cache at its next touch. Most of what the start needed (key exchange, configuration,
/// discovery) does not. Thread-safe; costs some hundred minor page faults. Written pages are never touched.
void release_unused_code();

}  // namespace sentinella::agent
