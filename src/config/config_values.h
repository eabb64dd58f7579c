// What the values of the configuration look like: numbers, modes, paths, ladders.
//
// Errors name the value and show a valid one; the caller adds file, line and key. Pure, safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"

namespace suppressd::values {

/// `"text" WHY` as an error, with the text cleaned.
Error wrong(std::string_view text, std::string_view why);

Result<std::int64_t> whole_number(const std::string& text, std::int64_t least, std::int64_t most);

/// A number with or without a fraction.
Result<double> fraction(const std::string& text, std::int64_t least, std::int64_t most);

/// Less than forever: for what is added to a time.
Result<Duration> finite_duration(const std::string& text);
/// And more than zero.
Result<Duration> bounded_duration(const std::string& text);

/// Durations, each longer than the one before; only the last may be `forever`.
Result<std::vector<Duration>> ladder(const std::vector<std::string>& texts);

/// At most two characters, because v_entry supports no more: no letters, no digits, and none that needs
/// quotes in a local part.
Status delimiters(const std::string& text);

/// Four octal digits, as chmod takes them.
Result<unsigned> file_mode(const std::string& text);

/// Absolute, because a service has no useful current folder.
Status absolute_path(const std::string& text);
Status absolute_paths(const std::vector<std::string>& texts);

}  // namespace suppressd::values
