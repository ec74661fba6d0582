// `sentinella-server backup` and `restore`.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "server/cli/api_client.h"

namespace sentinella::server {

/// Of the server that `access` names, or of the one that runs on `data_dir`; of that directory itself when
/// none does. Tells of progress; says in the end what the backup holds.
Result<std::string> backup_command(const ApiAccess& access, const std::filesystem::path& data_dir,
                                   const std::filesystem::path& directory,
                                   const std::function<void(const std::string&)>& tell);

Result<std::string> restore_command(const std::filesystem::path& backup,
                                    const std::filesystem::path& data_dir);

}  // namespace sentinella::server
