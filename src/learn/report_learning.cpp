// Learner's part for reports that come by mail: is it proven, and then what it means.
#include <algorithm>
#include <utility>

#include "suppressd/base/digest.h"
#include "suppressd/base/text.h"
#include "suppressd/report/reader.h"
#include "suppressd/report/verdict.h"

#include "learner_parts.h"

namespace suppressd {

bool tells_of_failed_delivery(std::string_view category) {
  return category != name_of(Category::auto_reply) && category != name_of(Category::not_understood);
}

namespace {

/// The report's own date where it can be true: not before the message, not after it came.
Time time_of(const Report& report, Time sent, Time received) {
  if (report.date && *report.date >= sent && *report.date <= received) return *report.date;
  return received;
}

/// Of a delivery that a replay has gathered the entry is not known, but it came after it.
bool is_of(const Delivery& delivery, const MessageKey& message) {
  if (delivery.queue_id != message.queue_id) return false;
  if (!message.instance.empty() && (delivery.host != message.host || delivery.instance != message.instance))
    return false;
  if (!delivery.entered) return delivery.at >= message.entered - kMessageEntryApart;
  return std::chrono::abs(*delivery.entered - message.entered) <= kMessageEntryApart;
}

constexpr std::string_view kFailed = "failed";
constexpr std::string_view kComplaint = "complaint";

bool is_complaint(const ReportVerdict& verdict) {
  return verdict.category == Category::complaint;
}

std::string_view what_of(const ReportVerdict& verdict) {
  return is_complaint(verdict) ? kComplaint : kFailed;
}

Unproven unproven_of(const Report& report, const ReportVerdict& verdict, Time received) {
  Unproven unproven;
  unproven.at = time_of(report, Time{}, received);
  unproven.what = what_of(verdict);
  unproven.category = name_of(verdict.category);
  unproven.reporting_mta = clean(report.reporting_mta, kRelayLimit);
  unproven.form = report.form;
  unproven.status = format_status(verdict.status);
  unproven.text = clean(verdict.recipient->text, kReplyLimit);
  return unproven;
}

/// A server or a rule said why it failed: not an answer, nor words that no rule knows, nor our guess at whom
/// a mail without a reply means.
bool is_judged_failure(const ReportVerdict& verdict) {
  if (!verdict.judged || !tells_of_failed_delivery(name_of(verdict.category))) return false;
  return !verdict.recipient->inferred || verdict.code != 0 || verdict.status;
}

void set_action(Outcome& outcome, Action action) {
  outcome.action = action;
  outcome.evidence.action = name_of(action);
}

Outcome outcome_of(const Report& report, const ReportVerdict& verdict, const MessageKey& message,
                   Time received) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::failed;
  outcome.weak = verdict.weak;
  set_action(outcome, verdict.action);
  auto& evidence = outcome.evidence;
  evidence.at = time_of(report, message.entered, received);
  evidence.what = what_of(verdict);
  evidence.origin = "report";
  evidence.host = message.host;
  evidence.instance = message.instance;
  evidence.queue_id = message.queue_id;
  evidence.entered = message.entered;
  evidence.first_failed = evidence.at;
  evidence.attempts = is_complaint(verdict) ? 0 : 1;
  evidence.ended_by = "report";
  evidence.category = name_of(verdict.category);
  evidence.weak = verdict.weak;
  evidence.rule = verdict.rule;
  evidence.code = verdict.code;
  evidence.status = format_status(verdict.status);
  evidence.provider = verdict.provider;
  evidence.relay = clean(verdict.recipient->remote_mta, kRelayLimit);
  evidence.text = clean(verdict.recipient->text, kReplyLimit);
  return outcome;
}

}  // namespace

struct Learner::Parts::Proof {
  std::string why;  ///< Why there is none; empty: proven.
  std::string address;
  std::string sender;
  MessageKey message;  ///< Of what a trace proves host and instance are empty.
};

// By the trace that came back with the message, or by a delivery that we know of and whose Message-ID it
// names.
Result<Learner::Parts::Proof> Learner::Parts::prove(const Report& report, const ReportedRecipient& recipient,
                                                    const TraceKeys& keys, Time received) {
  Proof proof;
  // Of a report that names nobody, the returned message's header says who may be meant; only its trace says
  // whether that was all.
  if (!recipient.inferred) proof.address = recipient.address;
  proof.why = "it brings no trace of ours back, and names no message that is known to have gone there";
  for (const auto& value : report.returned.traces) {
    const auto trace = keys.verify(value, received, config.report_window);
    if (!trace) {
      proof.why = trace.error().message;
      continue;
    }
    proof.sender = trace->sender;
    proof.message = {.host = {}, .instance = {}, .queue_id = trace->queue_id, .entered = trace->at};
    // A complaint in which the address was blotted out means the only one who got the message.
    if (proof.address.empty() && !recipient.passed_on && trace->sole_recipient)
      proof.address = *trace->sole_recipient;
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
  proof.message = {delivery.host, delivery.instance, delivery.queue_id,
                   delivery.entered.value_or(delivery.at)};
  return proof;
}

// That the message was delivered is taken back, with all that followed from it.
Status Learner::Parts::take_back_delivery(AddressRecord& record, const MessageKey& message,
                                          const Evidence& evidence, std::int64_t evidence_id) {
  const auto earliest = message.entered - kMessageEntryApart;
  auto deliveries = ledger.deliveries(record.address, earliest);
  if (!deliveries) return deliveries.error();
  const auto ours =
      std::ranges::find_if(*deliveries, [&](const Delivery& one) { return is_of(one, message); });
  if (ours == deliveries->end()) {
    auto& recipient = record.recipient;
    if (recipient.last_delivery_id != message.queue_id || !recipient.last_delivery ||
        *recipient.last_delivery < earliest)
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

Status Learner::Parts::take_verdict(const Report& report, const ReportVerdict& verdict, const TraceKeys& keys,
                                    Time received, ReportFinding& finding) {
  finding.category = name_of(verdict.category);
  if (verdict.recipient == nullptr) return {};
  finding.address = verdict.recipient->address;
  if (verdict.category == Category::ignored) return {};
  if (!is_complaint(verdict) && verdict.recipient->fate != Fate::failed) return {};
  ++counters.reports;
  auto proof = prove(report, *verdict.recipient, keys, received);
  if (!proof) return proof.error();
  finding.address = proof->address;
  if (!proof->why.empty()) {
    ++counters.unproven;
    finding.fate = ReportFinding::Fate::unproven;
    finding.why = proof->why;
    auto unproven = unproven_of(report, verdict, received);
    unproven.address = proof->address;
    unproven.why = proof->why;
    unproven.queue_id = clean(proof->message.queue_id, 64);
    return ledger.add_unproven(unproven);
  }

  const auto known = ledger.evidence_about(proof->message, proof->address, what_of(verdict));
  if (!known) return known.error();
  if (std::ranges::any_of(*known, [](const Evidence& one) { return one.ended_by != "window"; })) {
    finding.fate = ReportFinding::Fate::known;
    return {};
  }
  finding.fate = ReportFinding::Fate::learned;
  auto outcome = outcome_of(report, verdict, proof->message, received);
  outcome.evidence.address = proof->address;
  outcome.evidence.sender = clean(proof->sender, 320);
  // One send counts softly once. That it came back is news all the same, as the log may call it delivered.
  const bool counted = std::ranges::find(*known, name_of(Action::soft), &Evidence::action) != known->end();
  if (counted && outcome.action == Action::soft) set_action(outcome, Action::none);
  return learn(outcome, proof->message, is_judged_failure(verdict));
}

// What a proven report tells of a message, for the first time.
Status Learner::Parts::learn(const Outcome& outcome, const MessageKey& message, bool was_not_delivered) {
  const auto& evidence = outcome.evidence;
  auto found = ledger.record(evidence.address);
  if (!found) return found.error();
  auto& record = **found;
  auto stored = ledger.add_evidence(evidence);
  if (!stored) return stored.error();
  if (evidence.what == kFailed) {
    if (was_not_delivered)
      if (auto taken = take_back_delivery(record, message, evidence, *stored); !taken) return taken;
    ++counters.failed;
  }
  auto result = policy.apply(outcome, record, brake);
  return keep(result, record, *stored);
}

Result<std::vector<ReportFinding>> Learner::Parts::take_report(const CollectedMail& mail,
                                                               const TraceKeys& keys) {
  ++counters.mails;
  auto report = read_report(mail.text);
  if (!report) return report.error();
  const auto verdicts = judge_report(*report, *rules, config.actions);
  std::vector<ReportFinding> findings;
  if (auto begun = begin(); !begun) return begun.error();
  for (const auto& verdict : verdicts)
    if (auto taken = take_verdict(*report, verdict, keys, mail.at, findings.emplace_back()); !taken)
      return taken.error();
  if (auto saved = ledger.save(brake.take_changes()); !saved) return saved.error();
  if (auto committed = ledger.commit(); !committed) return committed.error();
  return findings;
}

}  // namespace suppressd
