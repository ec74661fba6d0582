// The commands of sentinella-server that talk to a running server over its API, or work on its data
// directory.
#pragma once

#include <string>

#include "base/result.h"

namespace CLI {
class App;
}

namespace sentinella::server {

/// Adds every command to `app`. A command that runs sets `status` (sysexits). `data_dir` is the global
/// option.
void add_commands(CLI::App& app, const std::string& data_dir, int& status);

/// sysexits.h for an error.
int exit_code(Errc code);

}  // namespace sentinella::server
