// Sockets that listen on an address given in numbers.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/result.h"

namespace sentinella::net {

/// A bound socket of `type` (SOCK_DGRAM, SOCK_STREAM) that does not block. `what` completes "cannot ... on
/// HOST port N". kInvalid: `host` is no address of this machine; kUnavailable: the port is taken.
Result<FileDescriptor> bind_socket(const std::string& host, std::uint16_t port, int type,
                                   std::string_view what);

/// The port that a bound socket has.
std::uint16_t port_of(int socket);

}  // namespace sentinella::net
