// Who may write to a file that decides who gets mail.
#pragma once

#include <sys/stat.h>

#include <string>

#include "suppressd/base/result.h"

namespace suppressd {

/// Error: everyone may write to the file at `path`, whose st_mode is `mode`. The message begins
/// with the path and says which command to run.
Status refuse_world_writable(const std::string& path, mode_t mode);

}  // namespace suppressd
