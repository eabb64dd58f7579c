#include "sendmail/reply.h"

#include <array>

#include "suppressd/base/scan.h"

#include "opening.h"

namespace suppressd {
namespace {

/// How Sendmail's `stat=` begins, without `Deferred: `.
constexpr std::array kSendmailOpenings{
    Opening{"Connection ", Stage::connect},
    Opening{"No route to host", Stage::connect},
    Opening{"Network is unreachable", Stage::connect},
    Opening{"Host unknown", Stage::lookup},
    Opening{"Name server", Stage::lookup},
    Opening{"host map: lookup", Stage::lookup},
    Opening{"Operation timed out", Stage::connect},
    Opening{"Host is unreachable", Stage::connect},
};

/// Whether these are Sendmail's words for an exit code (sysexits.h) that many replies share. Exit
/// codes for a fault of this host do not count.
bool stands_for_many(std::string_view stat) {
  return stat == "User unknown" || stat == "Service unavailable" || stat == "Data format error" ||
         stat == "Insufficient permission";
}

}  // namespace

Reply read_sendmail_reply(std::string_view reply, std::string_view stat, EnhancedStatus logged) {
  if (!reply.empty()) return parse_reply(reply);
  if (scan::take(stat, "Sent (")) {
    if (stat.ends_with(')')) stat.remove_suffix(1);
    return parse_reply(stat);
  }
  scan::take(stat, "Deferred: ");
  Reply own = parse_reply(stat);
  if (own.code != 0) return own;
  own.stage = stage_by_opening(kSendmailOpenings, stat);
  const bool specific = logged && (logged.subject != 0 || logged.detail != 0);
  const bool agrees = stat == "User unknown" && logged.subject == 1;
  if (specific && stands_for_many(stat) && !agrees) own.text = {};
  return own;
}

}  // namespace suppressd
