#include "suppressd/core/list_changes.h"

#include <algorithm>
#include <utility>

#include "suppressd/core/address.h"

namespace suppressd {
namespace {

constexpr SuppressionKind kFolded[] = {SuppressionKind::complaint, SuppressionKind::hard,
                                       SuppressionKind::soft};

struct Key {
  SuppressionKind kind;
  std::string scope;

  bool operator==(const Key&) const = default;
};

// Of the rows for one sender domain that the fold may change: those it has an entry for, now or before.
std::vector<Key> scoped_keys(const AddressRecord& record, const ListState& state) {
  std::vector<Key> keys;
  const auto add = [&](SuppressionKind kind, const std::string& scope) {
    if (scope.empty() || !is_learned(kind)) return;
    if (Key key{kind, scope}; std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
  };
  for (const auto& row : record.scoped) add(row.kind, row.scope);
  for (const auto& entry : state.entries) add(entry.kind, entry.scope);
  return keys;
}

std::string ordinal(int number) {
  switch (number) {
    case 1:
      return "first";
    case 2:
      return "second";
    case 3:
      return "third";
    case 4:
      return "fourth";
    case 5:
      return "fifth";
    default:
      return std::to_string(number) + "th";
  }
}

std::string how_long(const Suppression& entry, Time from) {
  return entry.until ? "for " + format_duration(*entry.until - from) : "permanently";
}

bool same_row(const Suppression& a, const Suppression& b) {
  return a.state == b.state && a.category == b.category && a.rule == b.rule && a.provider == b.provider &&
         a.since == b.since && a.until == b.until && a.ref == b.ref;
}

// What happened to one kind of entry, and why.
class Difference {
 public:
  Difference(const std::optional<Suppression>& before, const std::optional<Suppression>& after,
             const ListState& state, const Recipient& recipient, const ChangeCause& cause)
      : before_(before), after_(after), state_(state), recipient_(recipient), cause_(cause) {}

  ChangeAct act() const {
    if (cause_.event == ListEventKind::reconfirm) return ChangeAct::reconfirmed;
    const bool stood = before_ && !before_->ended(cause_.at);
    if (!after_) {
      const bool pending = before_->state == SuppressionState::pending;
      return pending && cause_.event != ListEventKind::lift ? ChangeAct::dropped : ChangeAct::lifted;
    }
    switch (after_->state) {
      case SuppressionState::pending:
        return stood && before_->state == SuppressionState::pending ? ChangeAct::changed : ChangeAct::pending;
      case SuppressionState::suspended:
        return before_ && before_->state == SuppressionState::suspended ? ChangeAct::changed
                                                                        : ChangeAct::suspended;
      case SuppressionState::active:
        break;
    }
    if (stood && before_->state == SuppressionState::active) return ChangeAct::changed;
    if (takes_back()) return ChangeAct::restored;
    return stood && before_->state == SuppressionState::pending ? ChangeAct::confirmed
                                                                : ChangeAct::suppressed;
  }

  std::string words() const {
    if (by_hand() && !cause_.note.empty()) return cause_.note;
    if (cause_.event == ListEventKind::reconfirm)
      return "by hand: the address was confirmed again, and the next message tests it";
    if (by_hand()) return "by hand";
    if (cause_.event == ListEventKind::take_back && act() != ChangeAct::changed)
      return "the message came back: it was not delivered";
    if (after_ && after_->state == SuppressionState::pending && cause_.held != HeldBy::nothing)
      return held_words();
    if (cause_.other_times && cause_.held == HeldBy::local)
      return "the time in which our own resolver or network failed is known better now";
    if (cause_.other_times) return "its failures lie in no incident, as is known now";
    switch (act()) {
      case ChangeAct::lifted:
        return cause_.event == ListEventKind::delivery ? "a message was delivered"
                                                       : "an event that was read late changed it";
      case ChangeAct::dropped:
        return cause_.event == ListEventKind::delivery ? "a message was delivered while the entry was pending"
                                                       : "an event that was read late changed it";
      case ChangeAct::suspended:
        return cause_.event == ListEventKind::delivery
                   ? "a message was delivered although the address is called dead"
                   : "a message was delivered after this failure";
      case ChangeAct::pending:
        return "an event that was read late changed it";
      case ChangeAct::confirmed:
        return "it failed hard again";
      case ChangeAct::suppressed:
        return why_suppressed();
      default:
        return changed_words();
    }
  }

 private:
  bool by_hand() const { return cause_.event >= ListEventKind::lift; }
  bool takes_back() const {
    return cause_.event == ListEventKind::take_back || cause_.event == ListEventKind::revert;
  }
  const Suppression& entry() const { return after_ ? *after_ : *before_; }

  std::string held_words() const {
    if (before_ && before_->state == SuppressionState::pending && before_->since == after_->since)
      return "it failed hard again, within such a time too";
    if (cause_.held == HeldBy::brake)
      return "too many hard failures at " + after_->provider + " within an hour";
    if (cause_.held == HeldBy::local)
      return "our own resolver or network failed then: other domains were not found either";
    if (cause_.held == HeldBy::sender)
      return "an incident at " + after_->provider + ": it blames us then, and this may be about us, too";
    return "an incident at " + after_->provider + ": addresses that took mail before fail there";
  }

  std::string why_suppressed() const {
    switch (after_->kind) {
      case SuppressionKind::complaint:
        return "its reader complained";
      case SuppressionKind::soft:
        return (state_.soft_ladder.step > 1 ? "failed again after its last suppression, "
                                            : ordinal(recipient_.streak) + " failed send in a row, ") +
               (is_whole_domain(after_->address) ? "nothing delivered to the domain for 7 days, " : "") +
               how_long(*after_, after_->since);
      default:
        return "hard failure, " + how_long(*after_, after_->since);
    }
  }

  std::string changed_words() const {
    if (before_->since != after_->since) return "it begins with an event that was read late";
    if (after_->state == SuppressionState::pending) return "it failed hard again, too soon to confirm it";
    if (before_->actor != kProgram) return "its events stand in place of the row written by hand";
    if (before_->until && !after_->until) return "failed hard again, permanently";
    return after_->until ? "by its events it ends on " + format_date(*after_->until)
                         : "by its events it has no end";
  }

  const std::optional<Suppression>& before_;
  const std::optional<Suppression>& after_;
  const ListState& state_;
  const Recipient& recipient_;
  const ChangeCause& cause_;
};

// The row for an entry, without ref and evidence.
Suppression row_of(std::string_view address, const ListEntry& entry) {
  Suppression row;
  row.address = address;
  row.kind = entry.kind;
  row.state = entry.state;
  row.category = name_of(entry.kind == SuppressionKind::complaint ? Category::complaint : entry.category);
  row.rule = entry.rule;
  row.provider = entry.provider;
  row.since = entry.since;
  row.until = entry.until;
  row.actor = kProgram;
  row.scope = entry.scope;
  return row;
}

std::string ref_of(std::string_view address, const ListEntry& entry) {
  const auto what = entry.kind == SuppressionKind::complaint ? OutcomeKind::complaint : OutcomeKind::failed;
  return make_ref(address, entry.kind, natural_key(address, entry.ref.ended, entry.ref.message, what),
                  entry.scope);
}

// The row of this kind and scope after the fold; nullopt: none. Of a complaint by hand and a learned one, the
// one that lasts longer is shown.
std::optional<Suppression> row_after(const AddressRecord& record, const Key& key, const ListState& state,
                                     const ChangeCause& cause) {
  const auto& [kind, scope] = key;
  const auto row = record.copy(kind, scope);
  const bool by_hand = row && is_by_hand(*row);
  const auto* entry = state.find(kind, scope);
  if (entry != nullptr && by_hand && kind == SuppressionKind::complaint &&
      row->state == SuppressionState::active && lasts_as_long(row->until, entry->until))
    return row;
  if (entry == nullptr) {
    // A row of a whole domain says more than a delivery to one of its addresses.
    const bool ends = by_hand && cause.event == ListEventKind::delivery && cause.at >= row->since &&
                      !is_whole_domain(record.address);
    const bool lifted = cause.event == ListEventKind::lift && (!cause.scope || *cause.scope == scope);
    const bool stays = by_hand && (kind == SuppressionKind::complaint || (!lifted && !ends));
    return stays ? row : std::nullopt;
  }
  auto next = row_of(record.address, *entry);
  const auto* folded = record.state.find(kind, scope);  // the last time
  const bool same_event = row && !by_hand && folded != nullptr && folded->ref == entry->ref;
  next.ref = same_event ? row->ref : ref_of(record.address, *entry);
  if (row && row->ref == next.ref) {
    next.evidence_id = row->evidence_id;
    next.note = row->note;
  }
  return next;
}

}  // namespace

Recipient recipient_of(const KeptEvents& events, const ListState& state, const SettingsHistory& settings) {
  Recipient recipient;
  if (state.delivery) recipient.last_delivery = state.delivery->ended;
  if (state.newest_soft)
    recipient.streak = count_streak(state.soft_set, settings.at(*state.newest_soft).policy.min_interval);
  if (!state.soft_set.empty()) recipient.streak_since = state.soft_set.front().ended;
  recipient.last_failure = state.newest_soft;
  for (const auto& event : events.events())
    if (state.newest_soft && event.failure() != nullptr && event.id.ended == *state.newest_soft &&
        event.failure()->action == Action::soft)
      recipient.last_category = name_of(event.failure()->category);
  recipient.soft_step = state.soft_ladder.step;
  recipient.hard_step = state.hard_ladder.step;
  return recipient;
}

std::vector<Change> apply_state(AddressRecord& record, ListState state, const ChangeCause& cause,
                                const SettingsHistory& settings) {
  record.recipient = recipient_of(record.events, state, settings);
  std::vector<Change> changes;
  const auto apply = [&](const Key& key) {
    const auto row = record.copy(key.kind, key.scope);
    auto next = row_after(record, key, state, cause);
    if (row.has_value() == next.has_value() && (!row || same_row(*row, *next))) return;
    if (!next && row->ended(cause.at)) {  // it was over before
      record.set(key.kind, key.scope, std::nullopt);
      return;
    }
    const Difference difference(row, next, state, record.recipient, cause);
    const auto& told = next ? *next : *row;
    changes.push_back({.at = cause.at,
                       .address = record.address,
                       .act = difference.act(),
                       .kind = key.kind,
                       .category = told.category,
                       .rule = told.rule,
                       .provider = told.provider,
                       .evidence_id = cause.evidence_id,
                       .actor = cause.actor,
                       .cause = difference.words(),
                       .before = row && is_by_hand(*row) ? row : std::nullopt,
                       .act_number = cause.act_number,
                       .until = told.until,
                       .scope = key.scope});
    record.set(key.kind, key.scope, std::move(next));
  };
  for (const auto kind : kFolded) apply({kind, {}});
  for (const auto& key : scoped_keys(record, state)) apply(key);
  record.state = std::move(state);
  return changes;
}

}  // namespace suppressd
