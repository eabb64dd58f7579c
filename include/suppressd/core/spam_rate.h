// The share of a sender domain's mail that readers have called spam, as a provider tells it by the day.
//
// It is Google's, of Postmaster Tools: complaints at Gmail, which sends no reports about single messages. It
// is a series of its own, because it is known as a share only. Plain data and pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "suppressd/base/time.h"
#include "suppressd/core/alert.h"

namespace suppressd {

/// Row in `spam_rate`.
struct SpamRate {
  std::string domain;            ///< Of the sender, as the provider names it.
  Time day;                      ///< Its beginning (UTC).
  std::int64_t per_million = 0;  ///< Of the mail that went to inboxes.

  double value() const { return static_cast<double>(per_million) / 1e6; }
  bool operator==(const SpamRate&) const = default;
};

/// A rate says something about the present for this long: it is known some days later.
inline constexpr Duration kSpamRateFor = std::chrono::hours(24 * 7);
inline constexpr Duration kKeepSpamRates = std::chrono::hours(24 * 400);

/// By the limits of complaints. The provider has counted all, so there is no chance to be left out.
AlertLevel level_of(const SpamRate& rate);
/// `spam rate of shop.example at Gmail: 0.35 % on 2026-11-20`
std::string words_of(const SpamRate& rate);

}  // namespace suppressd
