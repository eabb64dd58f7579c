// What a report means for each recipient it names, by the rules that judge log lines.
//
// Says nothing about whether the report is to be believed. Pure, safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/rules.h"
#include "suppressd/report/report.h"

namespace suppressd {

/// The rule is one of the rules', `report.FATE`, or kOurRefusal; empty for not_a_report.
struct ReportVerdict : Judgement {
  ReportVerdict() { category = Category::not_a_report; }

  const ReportedRecipient* recipient = nullptr;  ///< In the report. Null only for not_a_report.
  int code = 0;                                  ///< SMTP code in the recipient's text; 0: none.
  EnhancedStatus status;                         ///< The report's status, else the one in the text.
  std::string provider;                          ///< Of the remote MTA, else of the address.
  bool given_up = false;  ///< The Status field is temporary, but the report and its text are final: the
                          ///< field does not count.
  bool judged = false;    ///< By the rules: failure_of() is what they saw.
};

/// One verdict per recipient, in the report's order; exactly one, without a recipient, if the mail is not a
/// report. Feedback that is not a complaint is not_a_report for each of its recipients. A failure with a
/// temporary status (an expired message) is soft at most, unless the domain accepts no mail or does not
/// exist.
std::vector<ReportVerdict> judge_report(const Report& report, const Ruleset& rules,
                                        const ActionTable& actions);

/// What the rules saw, for Ruleset::explain(). Points into both.
Failure failure_of(const ReportVerdict& verdict);

}  // namespace suppressd
