// The text of a reply in the form that patterns are matched against.
//
// Servers fold, mark and decorate: this removes what says nothing about the failure and could mislead a
// pattern. Only the first kWordingLimit bytes count, so that a long hostile text costs no more than a long
// honest one.
// - Control characters and runs of blanks become one space, letters lower case. The result is UTF-8: other
//   bytes are read as Latin-1, which is what servers mean by them.
// - Addresses become `@`, and a host with its IP address `[]`: `spam@example.com` and
//   `blocked.example[192.0.2.1]:25` are names, not reasons.
// - A reply of several lines becomes one: `550-5.1.1 no such 550 5.1.1 user` becomes
//   `550 5.1.1 no such user`.
//
// Pure function, safe from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace suppressd {

inline constexpr std::size_t kWordingLimit = 2048;

/// Lower case of the alphabets that servers write: Latin with all its marks that European languages and
/// Vietnamese have, Greek, Cyrillic. Both cases have UTF-8 forms of the same length.
char32_t lower(char32_t c);

std::string wording_of(std::string_view text);

}  // namespace suppressd
