// The part of a report that is written for people: which recipients it names, and what it says about each.
// Private to this layer.
//
// Linear in the text; at most kReportRecipients recipients.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "suppressd/report/report.h"

#include "origin.h"

namespace suppressd::report {

struct Notice {
  std::string_view form;  ///< Id of the form; empty: none was recognised.
  bool overrides = false;
  std::vector<ReportedRecipient> recipients;
};

/// What the mail around a notice shows. Addresses are canonical.
struct Around {
  Origin origin = Origin::mail_system;  ///< Says which forms it may have.
  bool header_tells = false;  ///< Of a failure: by its subject, or as a mail system's with the null sender.
  bool by_hand = false;  ///< Sent from an address, or as an answer: what has no known form is a person's.
  bool returns_message = false;
  std::string writer;                   ///< A person, who is alive.
  std::vector<std::string> failed;      ///< X-Failed-Recipients.
  std::vector<std::string> recipients;  ///< Of the returned message.
  std::vector<std::string> others;  ///< Sender and recipients of the mail itself, sender and Message-IDs of
                                    ///< ours: they did not fail.
};

/// Reads a notice up to where the returned message begins.
///
/// Recipients are on the lines of a form. In an unknown form they are the recipients of the returned message
/// that are named before a server's words, else the only address there. A form that is recognised by its
/// words, but names no one, gives one recipient without an address.
Notice read_notice(std::string_view text, const Around& around);

/// Before a server's words it names an address that is neither a contact, nor ours, nor a recipient of the
/// returned message: that message was forwarded.
bool names_another(std::string_view text, const Around& around);

/// What the notice says as a whole, for a recipient about whom the fields of a report say nothing: the
/// server's reply in it, else its words.
std::string words_of(std::string_view text);

}  // namespace suppressd::report
