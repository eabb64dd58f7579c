#include "suppressd/milter/session.h"

#include <algorithm>
#include <utility>

#include "suppressd/core/text.h"

namespace suppressd {
namespace {

constexpr std::size_t kMostWaiting = 1000;  // Notes of one message that wait for its queue id; more are offered without it.
constexpr std::size_t kMostRemovals = 10000;

/// `{rcpt_addr}` is the best key, but Sendmail gives a local mailer's as a user name alone.
std::string_view key_of(const RecipientStep& step) {
  return step.address.find('@') != std::string_view::npos ? step.address : step.argument;
}

std::string_view without_brackets(std::string_view argument) {
  argument = trim(argument);
  if (argument.size() >= 2 && argument.front() == '<' && argument.back() == '>') return argument.substr(1, argument.size() - 2);
  return argument;
}

/// Both MTAs tag IPv6 addresses as in an address literal (RFC 5321 section 4.1.3).
std::string_view without_tag(std::string_view client) {
  constexpr std::string_view kTag = "IPv6:";
  return client.starts_with(kTag) ? client.substr(kTag.size()) : client;
}

Answer answer_of(Ruling& ruling) {
  const auto kind = ruling.kind == Ruling::Kind::refuse     ? Answer::Kind::refuse
                    : ruling.kind == Ruling::Kind::tempfail ? Answer::Kind::tempfail
                                                            : Answer::Kind::proceed;
  return {kind, ruling.code, std::move(ruling.status), std::move(ruling.text)};
}

}  // namespace

Session::~Session() {
  try {
    finish();
  } catch (...) {
    // Out of memory: the notes are lost, as with a full queue.
  }
}

void Session::begin(std::shared_ptr<const Gatekeeper> gatekeeper, const SenderStep& step) {
  finish();
  gatekeeper_ = std::move(gatekeeper);
  const std::string_view sender = without_brackets(step.argument);
  envelope_.sender = sender;
  envelope_.null_sender = sender.empty();
  envelope_.sasl_user = step.sasl_user;
  envelope_.client_ip = step.client_ip.empty() ? std::string_view{client_ip_} : without_tag(step.client_ip);
  envelope_.queue_id = step.queue_id;
  id_at_mail_ = !step.queue_id.empty();
}

Answer Session::recipient(const RecipientStep& step, Time now) {
  if (!gatekeeper_) return {};  // RCPT without MAIL: no MTA does that, but libmilter lets it through behind an unknown command.
  ++context_.counters.recipients;
  ++recipients_;
  // Each sign alone is also seen in SMTP mail: Sendmail gives the id at MAIL, and clients may leave out the brackets.
  non_smtp_ = id_at_mail_ && step.mailer.empty() && !step.argument.starts_with('<');
  // Postfix pretends a connection from 127.0.0.1 there.
  if (non_smtp_) envelope_.client_ip.clear();
  learn_queue_id(step.queue_id);

  Ruling ruling = gatekeeper_->rule(envelope_, key_of(step), now);
  if (!ruling.error.empty()) {
    ++context_.counters.lookup_errors;
    context_.reporter.say(Reporter::Subject::lookup, Severity::error,
                          "cannot look up recipients, mail " +
                              std::string(ruling.kind == Ruling::Kind::tempfail ? "is deferred" : "passes unchecked") + ": " +
                              ruling.error);
  }
  if (ruling.suppressed && ruling.kind == Ruling::Kind::pass) {
    ++(ruling.bypassed ? context_.counters.bypassed : context_.counters.monitored);
    note(std::move(ruling.note), ruling.bypassed ? "bypassed" : "monitored");
    return {};
  }
  if (ruling.kind == Ruling::Kind::refuse) ++context_.counters.refused;
  if (!non_smtp_) {
    if (ruling.kind == Ruling::Kind::refuse) note(std::move(ruling.note), "refused");
    return answer_of(ruling);
  }
  if (ruling.kind == Ruling::Kind::tempfail) undecided_ = true;
  if (ruling.kind == Ruling::Kind::refuse) remember_removal(step.argument, std::move(ruling));
  return {};
}

Answer Session::data(std::string_view queue_id) {
  learn_queue_id(queue_id);
  if (auto answer = whole_message_answer()) return std::move(*answer);
  if (!removals_.empty()) return {};
  finish();
  return {Answer::Kind::accept, 0, {}, {}};
}

Answer Session::end(std::string_view queue_id, const std::function<bool(const std::string&)>& remove) {
  learn_queue_id(queue_id);
  if (auto answer = whole_message_answer()) return std::move(*answer);
  std::erase_if(removals_, [&](const Removal& removal) { return !remove(removal.argument); });
  offer_removals("removed");
  finish();
  return {Answer::Kind::accept, 0, {}, {}};
}

/// For non-SMTP mail whose fate is the same for all recipients; the message is finished then.
std::optional<Answer> Session::whole_message_answer() {
  if (undecided_) {
    Ruling ruling = gatekeeper_->undecided(envelope_);
    finish();
    return answer_of(ruling);
  }
  if (suppressed_ == 0 || suppressed_ < recipients_) return std::nullopt;
  Answer answer = std::move(refusal_);
  if (suppressed_ > 1) answer.text += " (and " + std::to_string(suppressed_ - 1) + " more)";
  offer_removals("refused");
  finish();
  return answer;
}

void Session::finish() {
  offer_waiting();
  // Removals that are still here were not carried out: the message was aborted or deferred, and comes again.
  removals_.clear();
  recipients_ = 0;
  suppressed_ = 0;
  undecided_ = false;
  refusal_ = {};
}

Answer Session::failed(Step step) noexcept {
  try {
    if (!gatekeeper_) return {};
    Ruling ruling = gatekeeper_->undecided(envelope_);
    if (ruling.kind != Ruling::Kind::tempfail) return {};
    if (step == Step::recipient && non_smtp_) {
      undecided_ = true;
      return {};
    }
    return answer_of(ruling);
  } catch (...) {
    return {};
  }
}

void Session::learn_queue_id(std::string_view queue_id) {
  if (queue_id.empty()) return;
  envelope_.queue_id = queue_id;
  offer_waiting();
}

void Session::offer_waiting() {
  for (auto& refusal : waiting_) {
    refusal.queue_id = envelope_.queue_id;
    context_.refusals.offer(std::move(refusal));
  }
  waiting_.clear();
}

void Session::note(Refusal refusal, std::string_view outcome) {
  refusal.outcome = outcome;
  refusal.queue_id = envelope_.queue_id;
  if (refusal.queue_id.empty() && waiting_.size() < kMostWaiting) {
    waiting_.push_back(std::move(refusal));
  } else {
    context_.refusals.offer(std::move(refusal));
  }
}

void Session::remember_removal(std::string_view argument, Ruling ruling) {
  ++suppressed_;
  if (removals_.size() < kMostRemovals) {
    removals_.push_back({std::string(argument), std::move(ruling.note)});
  } else {
    context_.reporter.say(Reporter::Subject::removal, Severity::warning,
                          "message " + envelope_.queue_id + " has more than " + std::to_string(kMostRemovals) +
                              " suppressed recipients: the others pass unless all are suppressed");
  }
  if (suppressed_ == 1) {
    refusal_ = answer_of(ruling);
  } else if (ruling.status != refusal_.status) {
    // 5.1.1 makes the submitter's software delete its contact, so one answer for several says it only when it is true of all.
    refusal_.status = "5.7.1";
  }
}

void Session::offer_removals(std::string_view outcome) {
  for (auto& removal : removals_) note(std::move(removal.note), outcome);
  removals_.clear();
}

}  // namespace suppressd
