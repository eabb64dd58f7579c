#include "suppressd/report/verdict.h"

#include <re2/re2.h>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/core/provider.h"
#include "suppressd/core/suppression.h"
#include "suppressd/core/unfound_name.h"

namespace suppressd {
namespace {

bool is_temporary(const ReportVerdict& verdict) {
  if (verdict.given_up) return false;
  return verdict.recipient->fate == Fate::delayed || verdict.status.klass == 4 || verdict.code / 100 == 4;
}

/// Only the Status field calls it temporary: no server said so.
bool is_temporary_by_field_only(const ReportedRecipient& recipient, const Reply& reply) {
  return recipient.fate == Fate::failed && recipient.status.klass == 4 && reply.code / 100 != 4 &&
         reply.status.klass != 4;
}

/// The name that the reporting MTA could not find. Sendmail gives it beside its text.
std::string_view name_not_found(const ReportedRecipient& recipient, const Reply& reply) {
  const auto name = unfound_name(recipient.text);
  return name.empty() && equals_ignoring_case(reply.text, "550 Host unknown") ? recipient.remote_mta : name;
}

/// The name exists but has no record of the queried type: a mistake that its owner may correct at any time.
bool has_a_name_without_mail(std::string_view text) {
  static const RE2 exists(R"((?i)\bnoerror\b|no relevant answers|\bno data\b|\bnodata\b)", RE2::Quiet);
  static const RE2 null_mx(R"((?i)null ?mx)", RE2::Quiet);
  const re2::StringPiece words(text.data(), text.size());
  return RE2::PartialMatch(words, exists) && !RE2::PartialMatch(words, null_mx);
}

/// `Action: failed` is final, and some programs write 4.0.0 with it whatever the reason. That a domain
/// accepts no mail, or does not exist, remains true then; anything else may be an expired message.
bool tells_of_no_domain(ReportVerdict verdict, const Ruleset& rules) {
  verdict.given_up = true;
  return rules.classify(failure_of(verdict)).category == Category::bad_domain &&
         !has_a_name_without_mail(verdict.recipient->text);
}

void decide(ReportVerdict& verdict, const Ruleset& rules) {
  verdict.judged = true;
  verdict.given_up = is_temporary_by_field_only(*verdict.recipient, verdict.recipient->reply()) &&
                     tells_of_no_domain(verdict, rules);
  static_cast<Judgement&>(verdict) = rules.classify(failure_of(verdict));
}

ReportVerdict verdict_on(const ReportedRecipient& recipient, const Ruleset& rules,
                         const ActionTable& actions) {
  ReportVerdict verdict;
  verdict.recipient = &recipient;
  const Reply reply = recipient.reply();
  verdict.code = reply.code;
  verdict.status = recipient.status ? recipient.status : reply.status;
  verdict.provider =
      registrable_domain(recipient.remote_mta.empty() ? domain_of(recipient.address) : recipient.remote_mta);
  const auto simply = [&](Category category, std::string_view rule) {
    verdict.category = category;
    verdict.action = actions[category];
    verdict.rule = rule;
  };
  switch (recipient.fate) {
    case Fate::failed:
      if (is_our_refusal(recipient.text))
        simply(Category::ignored, kOurRefusal);
      else if (recipient.withheld)
        simply(Category::blocked, "report.withheld");
      else
        decide(verdict, rules);
      break;
    case Fate::delayed:
      simply(Category::delayed, "report.delayed");
      break;
    case Fate::delivered:
      simply(Category::delivered, "report.delivered");
      break;
    case Fate::relayed:
      simply(Category::relayed, "report.relayed");
      break;
    case Fate::expanded:
      simply(Category::relayed, "report.expanded");
      break;
    case Fate::complained:
      simply(Category::complaint, "report.complained");
      break;
    case Fate::answered:
      simply(Category::auto_reply, "report.answered");
      break;
  }
  return verdict;
}

}  // namespace

std::vector<ReportVerdict> judge_report(const Report& report, const Ruleset& rules,
                                        const ActionTable& actions) {
  std::vector<ReportVerdict> verdicts;
  if (report.kind != ReportKind::not_a_report) {
    verdicts.reserve(report.recipients.size());
    for (const auto& recipient : report.recipients) verdicts.push_back(verdict_on(recipient, rules, actions));
  }
  if (report.kind == ReportKind::feedback && !is_complaint(report.feedback_type)) {
    for (auto& verdict : verdicts) {
      verdict.category = Category::not_a_report;
      verdict.action = Action::none;
      verdict.rule = "report.no-complaint";
    }
  }
  if (verdicts.empty()) verdicts.emplace_back();
  return verdicts;
}

Failure failure_of(const ReportVerdict& verdict) {
  if (verdict.recipient == nullptr) return {};
  const auto& recipient = *verdict.recipient;
  Failure failure{.reply = recipient.reply(),
                  .logged_status = verdict.given_up ? EnhancedStatus{} : recipient.status,
                  .provider = verdict.provider,
                  .temporary = is_temporary(verdict)};
  if (const auto name = name_not_found(recipient, failure.reply); !name.empty()) {
    failure.reply.stage = Stage::lookup;
    failure.at_next_hop = is_foreign_name(name, domain_of(recipient.address));
  }
  return failure;
}

}  // namespace suppressd
