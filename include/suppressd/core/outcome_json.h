// An outcome as JSON, and back: the one form in which it is kept as text (doc/formats.md).
//
// All fields are written, and all must be there; others are ignored, so that a newer program may add
// some. Times are Unix seconds (null: none); enums have their names in the database. JSON is UTF-8:
// each invalid character of a text becomes U+FFFD; everything else is read back as it was. Pure
// functions, safe from any thread; invalid JSON is an Error.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "suppressd/base/json.h"
#include "suppressd/base/result.h"
#include "suppressd/core/outcome.h"

namespace suppressd {

/// Longer text is not read. No log line and no report makes as much.
inline constexpr std::size_t kOutcomeJsonLimit = 2 * 1024 * 1024;

/// The member `message`, also of other things that name one.
Json json_of(const MessageKey& message);
std::string json_of(const Outcome& outcome);
/// Error: `"reason.code" must be a whole number from 0 to 999`.
Result<Outcome> outcome_from(std::string_view json);

}  // namespace suppressd
