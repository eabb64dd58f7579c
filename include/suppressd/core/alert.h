// Alerts: rates that are too high, in a way that chance does not explain.
//
// A rate crosses a limit if the lower bound of its confidence interval is over it (Wilson, one-sided: 90 %
// for the first limit, 99 % for the second), in the last 24 hours or in the last 7 days; of a campaign, in
// its life. It is over when the rate itself is at most half the limit in each. Pure functions, no clock;
// nothing fails.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "suppressd/base/time.h"
#include "suppressd/core/rate.h"

namespace suppressd {

enum class AlertWhat : std::uint8_t { hard, soft, complaint };
inline constexpr std::array kAlertWhats{AlertWhat::hard, AlertWhat::soft, AlertWhat::complaint};
std::string_view name_of(AlertWhat what);
std::optional<AlertWhat> alert_what_from(std::string_view name);

enum class AlertLevel : std::uint8_t { none, warning, critical };
std::string_view name_of(AlertLevel level);
std::optional<AlertLevel> alert_level_from(std::string_view name);

struct RateLimits {
  double warning;
  double critical;
  std::int64_t events;  ///< Nothing is said of fewer, nor of fewer than kFewestSends.
};
inline constexpr std::int64_t kFewestSends = 100;
RateLimits limits_of(AlertWhat what);

inline constexpr std::array kRateWindows{Duration{std::chrono::hours(24)},
                                         Duration{std::chrono::hours(24 * 7)}};
/// A campaign's life: what one that goes on for longer did before does not count.
inline constexpr std::array kCampaignWindows{Duration{std::chrono::hours(24 * 30)}};
/// In which the rates of a dimension are judged, from the shortest.
std::span<const Duration> windows_of(RateDimension dimension);
/// Of providers that never report, complaints are unknown. One that has sent a report counts for so long.
inline constexpr Duration kReportsFor = std::chrono::hours(24 * 90);

/// So many of so many.
struct RateShare {
  std::int64_t events = 0;
  std::int64_t sends = 0;

  double value() const { return sends > 0 ? static_cast<double>(events) / static_cast<double>(sends) : 0; }
  bool operator==(const RateShare&) const = default;
};

/// What a rate was in one window.
struct WindowCounts {
  RateCounts counts;
  /// Deliveries at providers that report complaints; of a tag, all of them, so that its rate is at least that
  /// high. nullopt: there are none.
  std::optional<std::int64_t> reported;
  Duration length{};

  /// nullopt: it is unknown.
  std::optional<RateShare> share(AlertWhat what) const;
};

/// The lower bound of the one-sided Wilson interval.
double wilson_lower(const RateShare& share, double z);

struct RateJudgement {
  AlertLevel level = AlertLevel::none;
  Duration window{};  ///< The one that is worse.
  RateShare share;    ///< In it.
};

/// `open`: the level of the alert that is open; none: there is none.
RateJudgement judge_rate(AlertWhat what, std::span<const WindowCounts> windows, AlertLevel open);

/// Row in `alert`: a rate that crossed a limit.
struct Alert {
  std::int64_t id = 0;
  RateName place;
  AlertWhat what = AlertWhat::hard;
  AlertLevel level = AlertLevel::warning;
  Time opened;
  std::optional<Time> closed;  ///< nullopt: it is open.
  Duration window{};           ///< These two: in which it crossed, and what was counted then.
  RateShare share;
  bool mailed = false;

  /// `hard failures of sender-domain shop.example: 5.2 % (52 of 1000) in 24h`
  std::string words() const;
};

/// `5.2 %`
std::string percent(double share);

}  // namespace suppressd
