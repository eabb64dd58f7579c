#include "suppressd/core/half_open.h"

namespace suppressd {

bool is_half_open(const Suppression& entry, int steps, Duration stale_after, Time now) {
  const bool has_ladder = entry.kind == SuppressionKind::hard || entry.kind == SuppressionKind::soft;
  if (!has_ladder || entry.actor != kProgram || entry.state != SuppressionState::active) return false;
  return steps > 0 && entry.ended(now) && now - *entry.until < stale_after;
}

// Never 5.1.1, at which senders delete their contact.
RefusalText half_open_text(const Suppression& entry) {
  RefusalText refusal = refusal_text(entry);
  refusal.status = "5.7.1";
  refusal.text = refusal_words(entry) + " (half open since " + format_date(*entry.until) +
                 ": another message tests whether the address takes mail again)";
  return refusal;
}

}  // namespace suppressd
