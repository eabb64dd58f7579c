// How entries and times are described to people.
//
// Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/lookup.h"
#include "suppressd/core/suppression.h"

namespace suppressd::ctl {

/// `active`, `pending` or `ended`.
std::string_view state_word(const Suppression& entry, Time now);

/// `3 days ago`, `in 2 hours`, `now`.
std::string relative(Time time, Time now);

/// `2026-11-01T22:58:55Z (3 days ago)`.
std::string time_in_words(Time time, Time now);

/// `permanent`, `until 2026-12-01T22:58:55Z (in 12 days)`, `ended 2026-11-01T22:58:55Z (20 days ago)`.
std::string end_in_words(const std::optional<Time>& until, Time now);

/// What holds a pending entry: `incident 3`, `brake`; empty if it is not pending, or somebody made it so.
/// `incident`: its number; 0: none.
std::string pending_by(const Suppression& entry, std::int64_t incident);

/// What the milter answers if it refuses: `550 5.1.1 recipient suppressed: ...`.
std::string answer_of(const LookupResult& verdict);

/// What a half-open entry means for the next message, in two lines.
std::vector<std::string> half_open_in_words(const LookupResult& verdict, Time now);

/// `kind hard, category bad-mailbox`.
std::string kind_in_words(const Suppression& entry);

}  // namespace suppressd::ctl
