// What every TCP server here does with its sockets.
#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"

namespace sentinella::net {

/// Opens, binds and listens; returns the port, the system's choice for 0. `host` is an address or
/// "localhost". kInvalid: not an address, or none of this machine's, or a port that is not allowed;
/// kUnavailable: taken.
Result<std::uint16_t> listen_on(boost::asio::ip::tcp::acceptor& acceptor, const std::string& host,
                                std::uint16_t port);

/// Small answers leave at once, and a peer that vanished without a word is noticed.
void set_connection_options(boost::asio::ip::tcp::socket& socket);

}  // namespace sentinella::net
