// Observing a report: which of its outcomes are proven to be about our mail.
//
// Reads the database through an open batch, on the learning thread, and changes nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/category.h"
#include "suppressd/core/collected_mail.h"
#include "suppressd/core/outcome.h"
#include "suppressd/core/rules.h"
#include "suppressd/core/trace.h"
#include "suppressd/store/ledger.h"
#include "suppressd/store/unproven.h"

namespace suppressd {

/// What a mail tells of one recipient.
struct ReportedOutcome {
  std::string address;    ///< Empty: the mail names none.
  std::string category;   ///< Name of the category, or `not-a-report`.
  bool about_us = false;  ///< It reports a failure or complaint, so that it has to be proven.
  std::optional<Outcome> proven;
  std::optional<Unproven> unproven;
};

/// `batch` finds deliveries by their Message-ID. `window`: `report.window`. Error: reports are not
/// built in, or the database failed.
Result<std::vector<ReportedOutcome>> observe_report(const CollectedMail& mail, const Ruleset& rules,
                                                    const ActionTable& actions, const TraceKeys& keys,
                                                    Duration window, Batch& batch);

}  // namespace suppressd
