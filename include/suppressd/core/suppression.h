// Entries: who is refused, and in which words.
//
// Plain data, named as the table `suppression` is (schema.sql). Pure functions, safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/time.h"

namespace suppressd {

/// In the order in which they decide if several are in force.
enum class SuppressionKind : std::uint8_t { complaint, unsubscribe, manual, hard, soft };
enum class SuppressionState : std::uint8_t {
  active,     ///< Refuses mail until its end.
  pending,    ///< Refuses no one until it is confirmed; dropped at `until`.
  suspended,  ///< A hard failure that a delivery contradicted: refuses no one.
};
inline constexpr std::size_t kSuppressionKinds = 5;

std::string_view name_of(SuppressionKind kind);
std::string_view name_of(SuppressionState state);
std::optional<SuppressionKind> suppression_kind_from(std::string_view name);
std::optional<SuppressionState> suppression_state_from(std::string_view name);

/// An entry that makes the milter refuse an address, or a whole `@domain`; at most one of each kind and scope
/// for an address. An entry that has run out, and one by hand that was lifted, stays with `until` in the
/// past; it refuses no one.
struct Suppression {
  std::string address;
  SuppressionKind kind = SuppressionKind::manual;
  SuppressionState state = SuppressionState::active;
  std::string category;  ///< Name of the category; for an entry by hand: `manual` or what was given.
  std::string rule;      ///< Rule that judged; empty by hand.
  std::string provider;  ///< Provider of the mailbox; empty by hand.
  Time since;
  std::optional<Time> until;  ///< First second at which it no longer refuses; nullopt: permanent.
  std::string
      ref;  ///< Shown in the refusal; empty for a row written with sqlite3 (then derived, see ref_of).
  std::int64_t evidence_id = 0;  ///< Row in `evidence`; 0: none (by hand).
  std::string note;
  std::string actor;  ///< `suppressd`, or who did it.
  /// Whose mail it refuses: an organisational sender domain (core/scope.h); empty: all mail. Hard and soft
  /// entries are for all mail.
  std::string scope = {};

  bool in_force(Time now) const { return state == SuppressionState::active && !ended(now); }
  bool ended(Time now) const { return until && *until <= now; }
  bool operator==(const Suppression&) const = default;
};

/// The actor of what the program learned.
inline constexpr std::string_view kProgram = "suppressd";

/// Whether the program makes rows of that kind: complaint, hard and soft. People may write them, too.
bool is_learned(SuppressionKind kind);
/// Whether a person wrote the row, so that it has no event.
bool is_by_hand(const Suppression& entry);
/// Whether an entry that ends at `a` lasts at least as long as one that ends at `b`; nullopt: permanent.
bool lasts_as_long(std::optional<Time> a, std::optional<Time> b);

/// What a refusal shows as `ref`: the stored one, or, for a row written by hand, one derived from
/// address, kind and since.
std::string ref_of(const Suppression& entry);
/// From address, kind, scope and the natural key of the first evidence (see outcome.h), so that a replay
/// gives it again.
std::string make_ref(std::string_view address, SuppressionKind kind, std::string_view evidence_key,
                     std::string_view scope = {});

/// `recipient suppressed: <category> since <date>, ref <id>`
std::string refusal_words(const Suppression& entry);
/// `550 5.1.1 recipient suppressed: <category> since <date>, ref <id>` without the code: {"5.1.1", "recipient
/// suppressed: ..."}. Of an entry that ends by itself, ` (until <date>)` follows; of one that is not for all
/// mail, ` (mail from <scope>)`; of both, ` (until <date>, mail from <scope>)`.
struct RefusalText {
  std::string status;
  std::string text;
};
RefusalText refusal_text(const Suppression& entry);
/// Whether a remote reply contains such a text: another host runs this program, or it is our own.
bool is_our_refusal(std::string_view text);
/// The name of the rule by which such a reply is ignored.
inline constexpr std::string_view kOurRefusal = "our-refusal";

}  // namespace suppressd
