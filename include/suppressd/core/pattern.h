// How a rule's pattern is given to RE2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <re2/re2.h>

namespace suppressd {

/// Most memory that one pattern may take to match; one that needs more is refused.
inline constexpr std::int64_t kPatternMemory = std::int64_t{16} << 20;

/// True: to a wording, which is in lower case (wording.h), it is the same whether cases are told apart or
/// not, but for two letters that nobody writes in a reply and that RE2 takes for an s and a k (U+017F,
/// U+212A). False: it may not be.
bool in_lower_case(std::string_view pattern);

/// Upper and lower case are alike; not looking for both where in_lower_case() costs half as much to compile.
RE2::Options pattern_options(std::string_view pattern);

/// What is wrong with a pattern (RE2's words); empty: nothing.
std::string pattern_error(const std::string& pattern);

}  // namespace suppressd
