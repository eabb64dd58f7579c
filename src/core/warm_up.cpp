#include "suppressd/core/warm_up.h"

#include <algorithm>
#include <cmath>

namespace suppressd {
namespace {

constexpr double kMost = 1e15;

}  // namespace

std::optional<std::int64_t> warm_up_limit(const WarmUpSettings& settings, const WarmUpHistory& history) {
  if (!settings.on() || history.days >= kWarmUpDays) return std::nullopt;
  const auto by_days =
      static_cast<double>(settings.start) * std::pow(settings.growth, static_cast<double>(history.days));
  const auto by_best = static_cast<double>(history.most) * settings.growth;
  return static_cast<std::int64_t>(std::min(kMost, std::max(by_days, by_best)));
}

}  // namespace suppressd
