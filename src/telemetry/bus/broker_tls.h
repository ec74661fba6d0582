// How a broker with TLS is trusted, and what it is shown.
#pragma once

#include <filesystem>

namespace sentinella::telemetry {

struct TlsFilesOfBroker {
  std::filesystem::path ca;                ///< PEM; "" = the system's
  std::filesystem::path certificate, key;  ///< "" = none is shown
  bool verify = true;
};

}  // namespace sentinella::telemetry
