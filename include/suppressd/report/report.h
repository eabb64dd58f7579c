// What a mail reports about messages that this host sent: a delivery status notification, a feedback report,
// an auto-reply, or nothing.
//
// Plain data, made only by read_report(). All of it came from outside and is unproven: a report says what its
// writer wants it to say, and whoever learns from one must first check that this host sent the message in
// question to the recipient in question. Texts are cleaned and bounded; addresses are canonical, or empty if
// the report has none that can be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/reply.h"

namespace suppressd {

enum class ReportKind : std::uint8_t {
  not_a_report,     ///< Ordinary mail, a read receipt, a challenge: is ignored.
  auto_reply,       ///< Vacation and other automatic answers of a person's mailbox.
  delivery_status,  ///< Each recipient has a fate of its own: RFC 3464, or a form of the MTA's own.
  feedback,  ///< RFC 5965, or a provider's own form of it. Only some types are complaints: is_complaint().
};
std::string_view name_of(ReportKind kind);  ///< `not-a-report`, `auto-reply`, `delivery-status`, `feedback`.

/// RFC 3464 section 2.3.3; `complained` is what a feedback report says about its recipient, `answered` what
/// an auto-reply says about its sender.
enum class Fate : std::uint8_t { failed, delayed, delivered, relayed, expanded, complained, answered };
std::string_view name_of(Fate fate);

struct ReportedRecipient {
  std::string address;  ///< Final recipient. Empty: the report does not name one (a redacted complaint).
  std::string
      unreadable;  ///< What the report has instead of an address, if it cannot be read. Only for display.
  std::string
      original;  ///< Original recipient (RFC 3464 section 2.3.1), as the sender gave it. Empty: not stated.
  bool inferred = false;  ///< The report names no one; `address` is the only one in the header of the message
                          ///< that it returns.
  bool passed_on = false;  ///< The report names no one, and the message may have been forwarded: no one is
                           ///< to be inferred from it.
  bool withheld =
      false;  ///< A mail service never tried: the address is in its own list. No server refused it.
  Fate fate = Fate::failed;
  EnhancedStatus status;  ///< The report's own Status field.
  std::string
      text;  ///< Diagnostic-Code without its type, or the text of the human part about this recipient.
  std::string remote_mta;  ///< Host that gave the reply, in lower case. Empty: not stated.

  Stage stage = Stage::unknown;  ///< Where the human part shows at which command the server refused.

  /// `text`, read as a reply, with `stage`. Points into it.
  Reply reply() const;
};

/// What the report returns of the message it is about. All empty if it returns nothing.
struct ReturnedMessage {
  std::string message_id;   ///< Without the angle brackets; if nothing is returned, the one that the
                            ///< report answers.
  std::string sender;       ///< Return-Path, Original-Mail-From, else From; canonical.
  std::string envelope_id;  ///< Original-Envelope-Id (RFC 3464 section 2.2.1).
  std::vector<std::string>
      traces;  ///< Values of all headers `Suppressd-Trace`, unfolded, as they stood; at most 16.
  std::vector<std::string>
      recipients;  ///< Addresses in To, Cc, Bcc, Delivered-To and X-Original-To, canonical, each once.
  std::optional<Time> date;
};

struct Report {
  ReportKind kind = ReportKind::not_a_report;
  std::string_view form;  ///< What the mail was recognised as: `rfc3464`, `rfc5965`, `qmail`, `exim` ...; a
                          ///< literal; empty for no report.
  std::optional<Time> date;                   ///< Date of the report itself.
  std::string feedback_type;                  ///< RFC 5965 section 3.1, lower case; empty for other kinds.
  std::string reporting_mta;                  ///< Host, lower case; empty: not stated.
  std::vector<ReportedRecipient> recipients;  ///< At least one unless the kind is not_a_report.
  ReturnedMessage returned;
};

/// Whether feedback of that type means that a recipient complained: `abuse` and `fraud` do. `auth-failure`,
/// `not-spam`, `dmarc` and unknown types do not.
bool is_complaint(std::string_view feedback_type);

}  // namespace suppressd
