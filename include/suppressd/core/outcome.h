// How a send ended: the only thing that is learned from.
//
// An outcome says that a send ended, that a report about it came back, or that its reader complained.
// Observing makes outcomes, deciding takes them. Plain data, complete and comparable; texts are cleaned
// and cut.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/time.h"
#include "suppressd/core/category.h"
#include "suppressd/core/message_key.h"
#include "suppressd/core/rate.h"
#include "suppressd/core/reply.h"
#include "suppressd/core/tags.h"

namespace suppressd {

/// Most bytes that are kept of a server's words, of the name of a relay, of a sender, and of a Message-ID.
inline constexpr std::size_t kReplyLimit = 512;
inline constexpr std::size_t kRelayLimit = 255;
inline constexpr std::size_t kSenderLimit = 320;
inline constexpr std::size_t kMessageIdLimit = 250;

/// What a failure means, and the rule that says so.
struct Judgement {
  Category category = Category::not_understood;
  Action action = Action::none;
  bool weak = false;  ///< It may prove wrong.
  std::string rule;   ///< Id of the rule or of the table's row.

  bool operator==(const Judgement&) const = default;
};

/// Why a send failed: the judgement, and what the server said.
struct FailureReason {
  Judgement judgement;
  int code = 0;           ///< Reply code; 0: none.
  EnhancedStatus status;  ///< As logged or reported, else the reply's own.
  Stage stage = Stage::unknown;
  std::string provider;  ///< Who runs the mailbox's server: a registrable domain.
  std::string relay;     ///< As logged.
  std::string text;

  bool operator==(const FailureReason&) const = default;
};

enum class OutcomeKind : std::uint8_t { delivered, relayed, failed, complaint };
enum class Origin : std::uint8_t { log, report };
/// How a failed send ended: `window` is `soft.retry_window`, with the message still in the queue.
enum class EndedBy : std::uint8_t { nothing, bounced, expired, window, report };

std::string_view name_of(OutcomeKind kind);  ///< `delivered`, `relayed`, `failed`, `complaint`.
std::string_view name_of(Origin origin);     ///< `log`, `report`.
std::string_view name_of(EndedBy ended_by);  ///< `bounced`, `expired`, `window`, `report`; empty: nothing.
std::optional<OutcomeKind> outcome_kind_from(std::string_view name);
std::optional<Origin> origin_from(std::string_view name);
std::optional<EndedBy> ended_by_from(std::string_view name);

struct Outcome {
  OutcomeKind kind = OutcomeKind::delivered;
  Origin origin = Origin::log;
  EndedBy ended_by = EndedBy::nothing;  ///< Of a failure.
  std::string address;                  ///< Canonical.
  Time at;                              ///< When the send ended, or when the report was made.
  MessageKey message;
  std::string sender;                ///< Envelope sender.
  std::optional<Time> first_failed;  ///< First failed attempt of the send.
  int attempts = 0;                  ///< Failed attempts of the send that were seen.
  bool returned = false;             ///< Of a report: it proves that the message was not delivered.
  /// Of a failure: sends to other addresses of its domain that have failed attempts, and neither ended nor
  /// failed by the retry window.
  int failing_beside = 0;
  std::string message_id;       ///< Digest of the Message-ID; empty if it is not kept.
  std::string full_message_id;  ///< Of a failure or complaint: the Message-ID without brackets, if known.
  Tags tags;                    ///< Of the message, as far as the milter's note met the log.
  FailureReason reason;         ///< Of a failure or complaint; else only its provider is set.

  /// The MTA gave the send up, as its log tells.
  bool ends_send() const { return ended_by == EndedBy::bounced || ended_by == EndedBy::expired; }
  bool operator==(const Outcome&) const = default;
};

/// As what evidence counts in the rates (rate_mark.h): the fields of RateCounts.
enum class RateMark : std::uint8_t { nothing, dead, again, soft, blocked, other, excused, complaint };

struct EvidenceRate {
  RateKeys keys;            ///< Where it counts.
  bool known_good = false;  ///< Its address was, as was known when the event was first read.
  RateMark mark = RateMark::nothing;
};

/// Row in `evidence`: an outcome on which changes may rest.
struct Evidence {
  std::int64_t id = 0;
  Outcome outcome;
  EvidenceRate rate = {};
  /// The `@domain` that the failure counts against, because it is the host's fault; empty: the address.
  std::string against = {};
  /// Of a complaint: whose mail its entry refuses, as was decided when it was first read; empty: all mail.
  std::string scope = {};
};

/// The first failed attempt of a send after which the MTA kept the message (Postfix's soft_bounce), although
/// the remote server said for good that there is no such address. The send goes on; it tells of the provider
/// only.
struct SoftBounce {
  std::string address;  ///< Canonical.
  std::string provider;
  Time at;
};

/// `address|at|host|queue_id|what`, for refs and for the canonical dump.
std::string natural_key(const Outcome& outcome);
std::string natural_key(std::string_view address, Time at, const MessageKey& message, OutcomeKind kind);

}  // namespace suppressd
