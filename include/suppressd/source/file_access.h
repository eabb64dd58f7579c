// The error message about a log that cannot be read.
//
// Looks at the file, its folder and this process's user, and names the group, access list or
// setting that fixes it. Safe from any thread.
#pragma once

#include <string>

namespace suppressd {

/// One line about `path`, for which a call failed with `error` (errno).
std::string explain_unreadable(const std::string& path, int error);

}  // namespace suppressd
