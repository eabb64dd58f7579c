#include "report_observer.h"

#include <utility>

#include "suppressd/base/digest.h"
#include "suppressd/base/text.h"
#include "suppressd/core/list_event.h"
#include "suppressd/report/reader.h"
#include "suppressd/report/verdict.h"

namespace suppressd {
namespace {

constexpr std::size_t kQueueIdLimit = 64;

/// The report's own date if it is possible: not before the message, and not after the report arrived.
Time time_of(const Report& report, Time sent, Time received) {
  if (report.date && *report.date >= sent && *report.date <= received) return *report.date;
  return received;
}

bool is_complaint(const ReportVerdict& verdict) {
  return verdict.category == Category::complaint;
}

OutcomeKind kind_of(const ReportVerdict& verdict) {
  return is_complaint(verdict) ? OutcomeKind::complaint : OutcomeKind::failed;
}

/// Whether a server or a rule said why it failed. Not so: an automatic answer, words that no rule
/// knows, and a recipient that we only inferred, without a code or status.
bool is_judged_failure(const ReportVerdict& verdict) {
  if (!verdict.judged || verdict.category == Category::auto_reply ||
      verdict.category == Category::not_understood)
    return false;
  return !verdict.recipient->inferred || verdict.code != 0 || verdict.status;
}

/// Which message a report is about, and to whom it went.
struct Proof {
  std::string why;  ///< Why it is not proven; empty: it is.
  std::string address;
  std::string sender;
  MessageKey message;  ///< If a trace proves it, host and instance are empty.
  Tags tags;           ///< Known if `report.index` has the delivery.
};

class ReportObserver {
 public:
  ReportObserver(const Report& report, const TraceKeys& keys, Time received, Duration window, Batch& batch)
      : report_(report), keys_(keys), received_(received), window_(window), batch_(batch) {}

  Result<ReportedOutcome> observe(const ReportVerdict& verdict) {
    ReportedOutcome reported;
    reported.category = name_of(verdict.category);
    if (verdict.recipient == nullptr) return reported;
    reported.address = verdict.recipient->address;
    if (verdict.category == Category::ignored) return reported;
    if (!is_complaint(verdict) && verdict.recipient->fate != Fate::failed) return reported;
    reported.about_us = true;
    auto proof = prove(*verdict.recipient);
    if (!proof) return proof.error();
    reported.address = proof->address;
    if (proof->why.empty())
      reported.proven = outcome_of(verdict, *proof);
    else
      reported.unproven = unproven_of(verdict, *proof);
    return reported;
  }

 private:
  // By a trace that came back with the message, or by the Message-ID of a known delivery.
  Result<Proof> prove(const ReportedRecipient& recipient) {
    Proof proof;
    // If the report names no one, the returned message's header says who may be meant; only its trace
    // says whether there were other recipients.
    if (!recipient.inferred) proof.address = recipient.address;
    proof.why = "it brings no trace of ours back, and names no message that is known to have gone there";
    const auto digest = message_digest(report_.returned.message_id);
    for (const auto& value : report_.returned.traces) {
      const auto trace = keys_.verify(value, received_, window_);
      if (!trace) {
        proof.why = trace.error().message;
        continue;
      }
      proof.sender = trace->sender;
      proof.message = {.host = {}, .instance = {}, .queue_id = trace->queue_id, .entered = trace->at};
      // A complaint with a redacted address is about the message's only recipient.
      if (proof.address.empty() && !recipient.passed_on && trace->sole_recipient)
        proof.address = *trace->sole_recipient;
      if (proof.address.empty()) {
        proof.why = "it does not say which of the message's recipients it is about";
      } else if (!trace->names(proof.address)) {
        proof.why = "the message did not go to this address (an alias or a forwarding leads there)";
      } else {
        proof.why.clear();
        auto deliveries = batch_.deliveries_of_message(digest, proof.address);
        if (!deliveries) return deliveries.error();
        for (auto& delivery : *deliveries)
          if (is_about(proof.message, delivery.message)) proof.tags = std::move(delivery.tags);
        return proof;
      }
    }
    if (digest.empty() || proof.address.empty()) return proof;
    auto deliveries = batch_.deliveries_of_message(digest, proof.address);
    if (!deliveries) return deliveries.error();
    if (deliveries->empty()) return proof;
    proof.why.clear();
    proof.message = std::move(deliveries->back().message);
    proof.tags = std::move(deliveries->back().tags);
    return proof;
  }

  Outcome outcome_of(const ReportVerdict& verdict, const Proof& proof) const {
    Outcome outcome;
    outcome.kind = kind_of(verdict);
    outcome.origin = Origin::report;
    outcome.address = proof.address;
    outcome.at = time_of(report_, proof.message.entered, received_);
    outcome.message = proof.message;
    outcome.sender = clean(proof.sender, kSenderLimit);
    outcome.tags = proof.tags;
    outcome.full_message_id = clean(report_.returned.message_id, kMessageIdLimit);
    if (!is_complaint(verdict)) {
      outcome.ended_by = EndedBy::report;
      outcome.first_failed = outcome.at;
      outcome.attempts = 1;
      outcome.returned = is_judged_failure(verdict);
    }
    auto& reason = outcome.reason;
    reason.judgement = verdict;
    reason.code = verdict.code;
    reason.status = verdict.status;
    reason.provider = verdict.provider;
    reason.relay = clean(verdict.recipient->remote_mta, kRelayLimit);
    reason.text = clean(verdict.recipient->text, kReplyLimit);
    return outcome;
  }

  Unproven unproven_of(const ReportVerdict& verdict, const Proof& proof) const {
    Unproven unproven;
    unproven.at = time_of(report_, Time{}, received_);
    unproven.address = proof.address;
    unproven.what = name_of(kind_of(verdict));
    unproven.category = name_of(verdict.category);
    unproven.why = proof.why;
    unproven.queue_id = clean(proof.message.queue_id, kQueueIdLimit);
    unproven.reporting_mta = clean(report_.reporting_mta, kRelayLimit);
    unproven.form = report_.form;
    unproven.status = format_status(verdict.status);
    unproven.text = clean(verdict.recipient->text, kReplyLimit);
    return unproven;
  }

  const Report& report_;
  const TraceKeys& keys_;
  Time received_;
  Duration window_;
  Batch& batch_;
};

}  // namespace

Result<std::vector<ReportedOutcome>> observe_report(const CollectedMail& mail, const Ruleset& rules,
                                                    const ActionTable& actions, const TraceKeys& keys,
                                                    Duration window, Batch& batch) {
  const auto report = read_report(mail.text);
  if (!report) return report.error();
  ReportObserver observer(*report, keys, mail.at, window, batch);
  std::vector<ReportedOutcome> reported;
  for (const auto& verdict : judge_report(*report, rules, actions)) {
    auto outcome = observer.observe(verdict);
    if (!outcome) return outcome.error();
    reported.push_back(std::move(*outcome));
  }
  return reported;
}

}  // namespace suppressd
