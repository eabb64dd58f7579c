// The part of a report that is written for people: which recipients it names, and what it says of each. Private to this layer.
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

/// Reads a notice up to where the returned message begins; `origin` says which forms may be its. `failed`: X-Failed-Recipients, canonical.
/// A form that is known by its words, and names nobody on its lines, gives one recipient without an address.
Notice read_notice(std::string_view text, Origin origin, const std::vector<std::string>& failed);

/// What the notice says as a whole, for a recipient about whom the fields of a report say nothing: the server's reply in it, else its
/// words.
std::string words_of(std::string_view text);

}  // namespace suppressd::report
