// The logs of a replay, in the order in which they were written.
//
// Files are ordered by the time of their first entry: the list would be the same in any order, but the
// audit tells its history in the order of reading, and the brake counts recent hours only. Errors name
// the file that cannot be read, or that is binary and not a log, before anything is learned from the
// others.
#pragma once

#include <string>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"

namespace suppressd::ctl {

/// `-` (standard input) must be the only one: it cannot be examined before it is read. `zone` is
/// `source.timezone`.
Result<std::vector<std::string>> in_order_of_first_entry(const std::vector<std::string>& files,
                                                         const std::string& zone);

}  // namespace suppressd::ctl
