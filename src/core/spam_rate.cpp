#include "suppressd/core/spam_rate.h"

namespace suppressd {

AlertLevel level_of(const SpamRate& rate) {
  const auto limits = limits_of(AlertWhat::complaint);
  if (rate.value() >= limits.critical) return AlertLevel::critical;
  return rate.value() >= limits.warning ? AlertLevel::warning : AlertLevel::none;
}

std::string words_of(const SpamRate& rate) {
  return "spam rate of " + rate.domain + " at Gmail: " + percent(rate.value()) + " on " +
         format_date(rate.day);
}

}  // namespace suppressd
