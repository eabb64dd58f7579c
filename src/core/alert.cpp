#include "suppressd/core/alert.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "suppressd/base/enum_names.h"

namespace suppressd {
namespace {

constexpr double kSureOfWarning = 1.28;   // 90 %, one-sided
constexpr double kSureOfCritical = 2.33;  // 99 %

constexpr std::array<std::string_view, kAlertWhats.size()> kWhatNames = {"hard", "soft", "complaint"};
constexpr std::array<std::string_view, 3> kLevelNames = {"none", "warning", "critical"};
constexpr std::array<RateLimits, kAlertWhats.size()> kLimits = {
    {{0.02, 0.05, 10}, {0.05, 0.10, 10}, {0.001, 0.003, 3}}};

AlertLevel level_of(const RateShare& share, const RateLimits& limits, AlertLevel open) {
  if (share.sends < kFewestSends) return AlertLevel::none;
  const bool enough = share.events >= limits.events;
  const auto is = [&](AlertLevel level, double limit, double z) {
    if (open >= level && share.value() > limit / 2) return true;
    return enough && wilson_lower(share, z) > limit;
  };
  if (is(AlertLevel::critical, limits.critical, kSureOfCritical)) return AlertLevel::critical;
  return is(AlertLevel::warning, limits.warning, kSureOfWarning) ? AlertLevel::warning : AlertLevel::none;
}

std::string_view words_of(AlertWhat what) {
  switch (what) {
    case AlertWhat::hard:
      return "hard failures";
    case AlertWhat::soft:
      return "soft failures";
    case AlertWhat::complaint:
      return "complaints";
  }
  return {};
}

}  // namespace

std::string_view name_of(AlertWhat what) {
  return kWhatNames[static_cast<std::size_t>(what)];
}
std::optional<AlertWhat> alert_what_from(std::string_view name) {
  return enum_from<AlertWhat>(kWhatNames, name);
}
std::string_view name_of(AlertLevel level) {
  return kLevelNames[static_cast<std::size_t>(level)];
}
std::optional<AlertLevel> alert_level_from(std::string_view name) {
  return enum_from<AlertLevel>(kLevelNames, name);
}

RateLimits limits_of(AlertWhat what) {
  return kLimits[static_cast<std::size_t>(what)];
}

std::span<const Duration> windows_of(RateDimension dimension) {
  if (dimension == RateDimension::campaign) return kCampaignWindows;
  return kRateWindows;
}

std::optional<RateShare> WindowCounts::share(AlertWhat what) const {
  switch (what) {
    case AlertWhat::hard:
      return RateShare{counts.dead, counts.base()};
    case AlertWhat::soft:
      return RateShare{counts.soft, counts.base()};
    case AlertWhat::complaint:
      if (reported) return RateShare{counts.complaints, *reported};
  }
  return std::nullopt;
}

double wilson_lower(const RateShare& share, double z) {
  if (share.sends <= 0) return 0;
  const auto sends = static_cast<double>(share.sends);
  const double rate = std::min(1.0, share.value());  // bounces by mail are no sends
  const double square = z * z / sends;
  const double apart = z * std::sqrt((rate * (1 - rate) + square / 4) / sends);
  return std::max(0.0, (rate + square / 2 - apart) / (1 + square));
}

RateJudgement judge_rate(AlertWhat what, std::span<const WindowCounts> windows, AlertLevel open) {
  RateJudgement worst;
  for (const auto& window : windows) {
    const auto share = window.share(what);
    if (!share) continue;
    const auto level = level_of(*share, limits_of(what), open);
    const bool worse = level != worst.level
                           ? level > worst.level
                           : wilson_lower(*share, kSureOfWarning) > wilson_lower(worst.share, kSureOfWarning);
    if (worse || worst.share.sends == 0) worst = {.level = level, .window = window.length, .share = *share};
  }
  return worst;
}

std::string percent(double share) {
  std::array<char, 32> text{};
  const double value = share * 100;
  std::snprintf(text.data(), text.size(), value > 0 && value < 1 ? "%.2f %%" : "%.1f %%", value);
  return text.data();
}

std::string Alert::words() const {
  std::string words(words_of(what));
  words.append(" of ").append(name_of(place.dimension)).append(" ");
  words += (place.name.empty() ? "(unknown)" : place.name) + ": " + percent(share.value()) + " (" +
           std::to_string(share.events) + " of " + std::to_string(share.sends) + ") in " +
           format_duration(window);
  return words;
}

}  // namespace suppressd
