// How rates and alerts are described to people and scripts.
//
// Pure functions.
#pragma once

#include <string>

#include "suppressd/base/json.h"
#include "suppressd/core/spam_rate.h"
#include "suppressd/store/rates.h"

namespace suppressd::ctl {

/// `(unknown)` for the empty one.
std::string shown_name(const std::string& name);
/// `hard failures of sender-domain shop.example: 5.2 % (52 of 1000) in 1d`
std::string words_of(const UnusualRate& rate);

Json json_of(const UnusualRate& rate);
/// With `by` and the time from which it counts.
Json json_of(const RateSums& row, const std::string& by, Time since);
Json json_of(const LostTags& tags);
Json json_of(const Alert& alert);
Json json_of(const SpamRate& rate);

}  // namespace suppressd::ctl
