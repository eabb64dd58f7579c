// What is known of one address: its entries, its streak, the evidence, and the changes made.
//
// Plain data, named as the tables of the database are (schema.sql), so that policy, store and commands speak
// of the same things.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/boxed.h"
#include "suppressd/core/category.h"
#include "suppressd/core/reply.h"

namespace suppressd {

/// In the order in which they decide when several are in force.
enum class SuppressionKind : std::uint8_t { complaint, unsubscribe, manual, hard, soft };
enum class SuppressionState : std::uint8_t { active, pending };
inline constexpr std::size_t kSuppressionKinds = 5;

std::string_view name_of(SuppressionKind kind);
std::string_view name_of(SuppressionState state);
std::optional<SuppressionKind> suppression_kind_from(std::string_view name);
std::optional<SuppressionState> suppression_state_from(std::string_view name);

/// An entry that makes the milter refuse an address, or a whole `@domain`. At most one of each kind for an
/// address. An entry that was lifted or ran out stays, with `until` in the past; it refuses nobody.
struct Suppression {
  std::string address;
  SuppressionKind kind = SuppressionKind::manual;
  SuppressionState state = SuppressionState::active;
  std::string category;  ///< Name of the category; for an entry by hand: `manual` or what was given.
  std::string rule;      ///< Rule that judged; empty by hand.
  std::string provider;  ///< Provider of the mailbox; empty by hand.
  Time since;
  std::optional<Time> until;  ///< First second at which it refuses no longer; nullopt: for ever.
  std::string
      ref;  ///< Shown in the refusal; empty for a row written with sqlite3 (then derived, see ref_of).
  std::int64_t evidence_id = 0;  ///< Row in `evidence`; 0: none (by hand).
  std::string note;
  std::string actor;                    ///< `suppressd`, or who did it.
  std::optional<Time> contradicted_at;  ///< A delivery that came although the entry is hard.

  bool in_force(Time now) const { return state == SuppressionState::active && !ended(now); }
  bool ended(Time now) const { return until && *until <= now; }
};

/// What a refusal shows as `ref`: the stored one, or for rows written by hand one derived from address, kind
/// and since.
std::string ref_of(const Suppression& entry);
/// From address, kind and the natural key of the first evidence (see Evidence), so that a replay gives it
/// again.
std::string make_ref(std::string_view address, SuppressionKind kind, std::string_view evidence_key);

/// `550 5.1.1 recipient suppressed: <category> since <date>, ref <id>` without the code: {"5.1.1", "recipient
/// suppressed: ..."}.
struct RefusalText {
  std::string status;
  std::string text;
};
RefusalText refusal_text(const Suppression& entry);
/// Whether a remote reply carries such a text: another host that runs this program, or we ourselves.
bool is_our_refusal(std::string_view text);
/// The rule that is named where it is ignored.
inline constexpr std::string_view kOurRefusal = "our-refusal";

/// Row in `recipient`: what the policy remembers between sends.
struct Recipient {
  std::optional<Time> last_delivery;
  std::string last_delivery_id;              ///< Queue id of the message that was delivered then.
  std::optional<Time> last_manual;           ///< Newest act by hand.
  int streak = 0;                            ///< Counted failed sends in a row.
  std::optional<Time> streak_since;          ///< First counted failure of the running streak.
  std::optional<Time> last_failure;          ///< Newest counted failure.
  std::optional<Time> last_failure_entered;  ///< When the message of the newest counted failure had entered.
  std::string last_category;                 ///< Category of the newest counted failure.
  int soft_step = 0;                         ///< Steps taken on the soft ladder since it began anew.
  int hard_step = 0;                         ///< Steps taken on the ladder of hard entries that end.

  bool operator==(const Recipient&) const = default;
  bool empty() const { return *this == Recipient{}; }
};

/// What a change rests on: an attempt that ended a send, or a report. Natural key: address, at, host,
/// queue_id, what.
struct Evidence {
  std::int64_t id = 0;
  std::string address;
  Time at;
  std::string what;      ///< `failed`, `delivered`, `complaint`.
  std::string origin;    ///< `log` or `report`.
  std::string host;      ///< Log host.
  std::string instance;  ///< Syslog name without the service.
  std::string queue_id;
  std::optional<Time> entered;  ///< When the message entered.
  std::string sender;
  std::optional<Time> first_failed;  ///< First failed attempt of the send.
  int attempts = 0;                  ///< Failed attempts of the send that were seen.
  std::string ended_by;              ///< `bounced`, `expired`, `window`; empty for a delivery.
  std::string category;
  std::string action;
  bool weak = false;  ///< Judged by a rule that time may prove wrong.
  std::string rule;
  int code = 0;
  std::string status;
  std::string stage;
  std::string provider;
  std::string relay;
  std::string text;  ///< The server's words, cleaned.
};

/// `address|at|host|queue_id|what`, for refs and for the canonical dump.
std::string natural_key(const Evidence& evidence);

/// One row of `audit`.
struct Change {
  Time at;  ///< Event time; by hand: the wall clock.
  std::string address;
  std::string act;   ///< `suppressed`, `pending`, `confirmed`, `dropped`, `lifted`, `contradicted`, `added`,
                     ///< `restored`, `exempted`, `unexempted`, `expunged`, `erased`.
  std::string kind;  ///< Of the entry; empty where none.
  std::string category;
  std::string rule;
  std::string provider;
  std::int64_t evidence_id = 0;
  std::string actor;  ///< `suppressd`, or who did it.
  std::string cause;  ///< One sentence for people: `third failed send in a row`.
  std::string
      before;  ///< JSON of entry and recipient before a lift, so that it can be taken back; empty otherwise.
  std::int64_t batch = 0;  ///< Number of the undo, lift or import it belongs to; 0: none.
};

/// All that the policy needs to know of one address.
struct AddressRecord {
  std::string address;
  Recipient recipient;
  std::array<Boxed<Suppression>, kSuppressionKinds> entries;  ///< By kind.
  bool exempt = false;                                        ///< By its address or its domain.

  Boxed<Suppression>& entry(SuppressionKind kind) { return entries[static_cast<std::size_t>(kind)]; }
  const Boxed<Suppression>& entry(SuppressionKind kind) const {
    return entries[static_cast<std::size_t>(kind)];
  }
};

}  // namespace suppressd
