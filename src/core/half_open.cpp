#include "suppressd/core/half_open.h"

#include <string_view>

namespace suppressd {

bool is_half_open(const Suppression& entry, int steps, Duration stale_after, Time now) {
  const bool has_ladder = entry.kind == SuppressionKind::hard || entry.kind == SuppressionKind::soft;
  if (!has_ladder || entry.actor != kProgram || entry.state != SuppressionState::active) return false;
  return steps > 0 && entry.ended(now) && now - *entry.until < stale_after;
}

namespace {

// Never 5.1.1, at which senders delete their contact.
RefusalText half_open_words(const Suppression& entry, std::string_view why) {
  RefusalText refusal = refusal_text(entry);
  refusal.status = "5.7.1";
  refusal.text = refusal_words(entry);
  refusal.text.append(" (half open since ").append(format_date(*entry.until)).append(": ");
  refusal.text.append(why).append(")");
  return refusal;
}

}  // namespace

RefusalText half_open_text(const Suppression& entry) {
  return half_open_words(entry, "another message tests whether the address takes mail again");
}

RefusalText untested_text(const Suppression& entry) {
  return half_open_words(entry, "a later message will test it, as too many addresses are tested now");
}

}  // namespace suppressd
