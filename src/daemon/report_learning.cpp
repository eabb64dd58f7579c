// Learner's part for reports that come by mail: is it proven, and then what it means.
#include <algorithm>
#include <utility>

#include "suppressd/core/digest.h"
#include "suppressd/core/text.h"
#include "suppressd/report/reader.h"
#include "suppressd/report/verdict.h"

#include "learner_parts.h"

namespace suppressd {
namespace {

constexpr Duration kClockSkew = std::chrono::hours(24);

/// The report's own date where it can be true: not before the message, not after it came.
Time time_of(const Report& report, Time sent, Time received) {
  if (report.date && *report.date >= sent && *report.date <= received) return *report.date;
  return received;
}

}  // namespace

struct Learner::Parts::Proof {
  std::string why;  ///< Why there is none; empty: proven.
  std::string address;
  std::string queue_id;
  std::string host;
  std::string instance;
  std::string sender;
  Time sent;
};

// By the trace that came back with the message, or by a delivery that we know of and whose Message-ID it names.
Result<Learner::Parts::Proof> Learner::Parts::prove(const Report& report, const ReportedRecipient& recipient, const TraceKeys& keys,
                                                    Time received) {
  Proof proof;
  // Of a report that names nobody, the returned message's header says who may be meant; only its trace says whether that was all.
  if (!recipient.inferred) proof.address = recipient.address;
  proof.why = "it brings no trace of ours back, and names no message that is known to have gone there";
  for (const auto& value : report.returned.traces) {
    const auto trace = keys.verify(value, received, config.retention.deliveries);
    if (!trace) {
      proof.why = trace.error().message;
      continue;
    }
    proof.queue_id = trace->queue_id;
    proof.sender = trace->sender;
    proof.sent = trace->at;
    // A complaint in which the address was blotted out means the only one who got the message.
    if (proof.address.empty() && trace->sole_recipient) proof.address = *trace->sole_recipient;
    if (proof.address.empty()) {
      proof.why = "it does not say which of the message's recipients it is about";
    } else if (!trace->names(proof.address)) {
      proof.why = "the message did not go to this address (an alias or a forwarding leads there)";
    } else {
      proof.why.clear();
      return proof;
    }
  }
  const auto digest = message_digest(report.returned.message_id);
  if (digest.empty() || proof.address.empty()) return proof;
  auto deliveries = ledger.deliveries_of_message(digest, proof.address);
  if (!deliveries) return deliveries.error();
  if (deliveries->empty()) return proof;
  const auto& delivery = deliveries->back();
  proof.why.clear();
  proof.queue_id = delivery.queue_id;
  proof.host = delivery.host;
  proof.instance = delivery.instance;
  proof.sent = delivery.entered.value_or(delivery.at);
  return proof;
}

// That the message was delivered is taken back, with all that followed from it.
Status Learner::Parts::take_back_delivery(AddressRecord& record, const Outcome& outcome, Time sent, std::int64_t evidence_id) {
  const auto& evidence = outcome.evidence;
  auto deliveries = ledger.deliveries(record.address, sent - kClockSkew);
  if (!deliveries) return deliveries.error();
  const auto ours = std::ranges::find(*deliveries, evidence.queue_id, &Delivery::queue_id);
  if (ours == deliveries->end()) {
    auto& recipient = record.recipient;
    if (recipient.last_delivery_id != evidence.queue_id || !recipient.last_delivery || *recipient.last_delivery < sent - kClockSkew)
      return {};
    // It changed nothing else, so nothing else was kept of it.
    recipient.last_delivery.reset();
    recipient.last_delivery_id.clear();
    ledger.changed(record);
    return {};
  }
  auto failures = ledger.failures(record.address, ours->at);
  if (!failures) return failures.error();
  const Delivery delivery = *ours;
  std::erase_if(*failures, [&](const Evidence& one) { return one.id == evidence_id; });
  SinceThen since_then{std::move(*failures), {std::next(ours), deliveries->end()}};
  auto result = reverse_delivery(record, delivery, since_then, policy, evidence);
  if (auto removed = ledger.remove_delivery(delivery); !removed) return removed;
  for (const auto& later : since_then.deliveries)
    if (auto added = ledger.add_delivery(later); !added) return added;
  return keep(result, record, evidence_id);
}

Status Learner::Parts::take_verdict(const Report& report, const ReportVerdict& verdict, const TraceKeys& keys, Time received,
                                    ReportFinding& finding) {
  finding.category = name_of(verdict.category);
  if (verdict.recipient == nullptr) return {};
  const auto& recipient = *verdict.recipient;
  finding.address = recipient.address;
  const bool complaint = verdict.category == Category::complaint;
  if (verdict.category == Category::ignored || (!complaint && recipient.fate != Fate::failed)) return {};
  ++counters.reports;
  auto proof = prove(report, recipient, keys, received);
  if (!proof) return proof.error();
  finding.address = proof->address;
  const std::string_view what = complaint ? "complaint" : "failed";

  if (!proof->why.empty()) {
    ++counters.unproven;
    finding.fate = ReportFinding::Fate::unproven;
    finding.why = proof->why;
    Unproven unproven;
    unproven.at = time_of(report, Time{}, received);
    unproven.address = proof->address;
    unproven.what = what;
    unproven.category = name_of(verdict.category);
    unproven.why = proof->why;
    unproven.queue_id = clean(proof->queue_id, 64);
    unproven.reporting_mta = clean(report.reporting_mta, kRelayLimit);
    unproven.form = report.form;
    unproven.status = format_status(verdict.status);
    unproven.text = clean(recipient.text, kReplyLimit);
    return ledger.add_unproven(unproven);
  }

  auto known = ledger.knows(proof->address, what, proof->queue_id, proof->sent);
  if (!known) return known.error();
  if (*known) {
    finding.fate = ReportFinding::Fate::known;
    return {};
  }
  finding.fate = ReportFinding::Fate::learned;

  Outcome outcome;
  outcome.kind = Outcome::Kind::failed;
  outcome.action = verdict.action;
  outcome.weak = verdict.weak;
  auto& evidence = outcome.evidence;
  evidence.address = proof->address;
  evidence.at = time_of(report, proof->sent, received);
  evidence.what = what;
  evidence.origin = "report";
  evidence.host = proof->host;
  evidence.instance = proof->instance;
  evidence.queue_id = proof->queue_id;
  evidence.entered = proof->sent;
  evidence.sender = clean(proof->sender, 320);
  evidence.first_failed = evidence.at;
  evidence.attempts = complaint ? 0 : 1;
  evidence.ended_by = "report";
  evidence.category = name_of(verdict.category);
  evidence.action = name_of(verdict.action);
  evidence.weak = verdict.weak;
  evidence.rule = verdict.rule;
  evidence.code = verdict.code;
  evidence.status = format_status(verdict.status);
  evidence.operator_domain = verdict.operator_domain;
  evidence.relay = clean(recipient.remote_mta, kRelayLimit);
  evidence.text = clean(recipient.text, kReplyLimit);

  auto found = ledger.record(evidence.address);
  if (!found) return found.error();
  auto& record = **found;
  auto stored = ledger.add_evidence(evidence);
  if (!stored) return stored.error();
  if (!complaint) {
    if (auto taken = take_back_delivery(record, outcome, proof->sent, *stored); !taken) return taken;
    ++counters.failed;
  }
  auto result = policy.apply(outcome, record, brake);
  return keep(result, record, *stored);
}

Result<std::vector<ReportFinding>> Learner::Parts::take_report(const CollectedMail& mail, const TraceKeys& keys) {
  ++counters.mails;
  auto report = read_report(mail.text);
  if (!report) return report.error();
  const auto verdicts = judge_report(*report, *rules, config.actions);
  std::vector<ReportFinding> findings;
  if (auto begun = begin(); !begun) return begun.error();
  for (const auto& verdict : verdicts)
    if (auto taken = take_verdict(*report, verdict, keys, mail.at, findings.emplace_back()); !taken) return taken.error();
  if (auto saved = ledger.save(brake.take_changes()); !saved) return saved.error();
  if (auto committed = ledger.commit(); !committed) return committed.error();
  return findings;
}

}  // namespace suppressd
