// The file with the keys of the trace header.
//
// Only its owner may read it (0600): a file that others may read or write is refused, because whoever has a
// key can forge the proof of a bounce. It is always rewritten as a whole, so that a crash leaves the old or
// the new one. One thread at a time.
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
/// Like load_trace_keys, but creates a missing file with one key.
Result<TraceKeys> load_or_make_trace_keys(const std::string& path, Time now);
/// Whether load_or_make_trace_keys() would succeed, as far as this can be told without creating anything.
Status check_trace_keys(const std::string& path);
/// Adds a key, which signs from now on, and removes expired keys. A new file gets the owner of its
/// folder.
Result<TraceKeys> rotate_trace_keys(const std::string& path, Time now, Duration life);

}  // namespace suppressd
