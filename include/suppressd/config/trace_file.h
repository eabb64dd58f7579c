// The file with the keys of the trace header.
//
// Readable by its owner alone (0600): one that others may read or write is refused, because who has a key can
// prove bounces that never were. Written anew as a whole, so that a crash leaves the old or the new one. One
// thread at a time.
#pragma once

#include <string>

#include "suppressd/base/result.h"
#include "suppressd/config/config.h"
#include "suppressd/core/trace.h"

namespace suppressd {

/// `trace.key_file`, or `trace.keys` beside the database.
std::string trace_file_of(const Config& config);

/// Error: it is missing, cannot be read, others may read it, or it is damaged.
Result<TraceKeys> load_trace_keys(const std::string& path);
/// As load_trace_keys, and makes a missing file with one key.
Result<TraceKeys> load_or_make_trace_keys(const std::string& path, Time now);
/// Whether load_or_make_trace_keys() could, as far as that can be told with nothing made.
Status check_trace_keys(const std::string& path);
/// Adds a key, which signs from now on, and removes those that have had their time. A new file gets the owner
/// of its folder.
Result<TraceKeys> rotate_trace_keys(const std::string& path, Time now, Duration life);

}  // namespace suppressd
