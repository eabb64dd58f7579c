// A change of the list, for the audit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/time.h"
#include "suppressd/core/suppression.h"

namespace suppressd {

/// What happened to an entry, an exemption, old rows, enforcement, or a breaker.
enum class ChangeAct : std::uint8_t {
  suppressed,  ///< An entry began to refuse mail.
  pending,     ///< One was recorded that refuses no one until it is confirmed.
  confirmed,   ///< A pending one came into force.
  dropped,     ///< A pending one ended without having been in force.
  lifted,      ///< One ended before its time.
  suspended,   ///< A delivery contradicted a hard one: it refuses no one any more.
  changed,     ///< Its date, end or judgement changed.
  added,       ///< By hand.
  restored,    ///< What ended it was cancelled by a report, or taken back by hand.
  exempted,
  unexempted,
  expunged,         ///< Old rows were removed.
  erased,           ///< All that is known of an address was removed.
  enforcement_off,  ///< From now on no one is refused, for some time.
  enforcement_on,   ///< Before that time was over, it was ended.
  breaker_paused,   ///< These four: a breaker.
  breaker_testing,
  breaker_closed,
  breaker_resumed,
  reconfirmed,  ///< One is half open, because the person has confirmed the address.
};
/// `suppressed`, `pending` ...
std::string_view name_of(ChangeAct act);
std::optional<ChangeAct> change_act_from(std::string_view name);

/// Row in `audit`.
struct Change {
  Time at;  ///< Event time; by hand: the wall clock.
  std::string address;
  ChangeAct act = ChangeAct::suppressed;
  std::optional<SuppressionKind> kind;  ///< Of the entry; nullopt: it is not about an entry.
  std::string category;
  std::string rule;
  std::string provider;
  std::int64_t evidence_id = 0;
  std::string actor;                  ///< `suppressd`, or who did it.
  std::string cause;                  ///< One sentence for people: `third failed send in a row`.
  std::optional<Suppression> before;  ///< A row by hand as it was, so that the act can be taken back.
  std::int64_t act_number = 0;        ///< Row in `act` that it belongs to; 0: none.
  std::optional<Time> until;          ///< End of the entry as it is now; the audit does not keep it.
  std::string scope = {};             ///< Of the entry; empty: all mail.
};

}  // namespace suppressd
