#include "suppressd/milter/session.h"

#include <algorithm>
#include <utility>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"

namespace suppressd {
namespace {

/// Notes of one message that wait for its queue ID; further ones are handed over without it.
constexpr std::size_t kMostWaiting = 1000;
constexpr std::size_t kMostRemovals = 10000;
constexpr int kTryLater = 451;

/// `{rcpt_addr}` is the best key, but Sendmail gives only a user name for a local mailer.
std::string_view key_of(const RecipientStep& step) {
  return step.address.find('@') != std::string_view::npos ? step.address : step.argument;
}

std::string_view without_brackets(std::string_view argument) {
  argument = trim(argument);
  if (argument.size() >= 2 && argument.front() == '<' && argument.back() == '>')
    return argument.substr(1, argument.size() - 2);
  return argument;
}

/// The argument in canonical form, if the MTA made another address of it; empty if both are the
/// same.
std::string second_name(const RecipientStep& step, std::string_view first) {
  if (equals_ignoring_case(without_brackets(step.argument), first)) return {};
  auto name = canonical_address(step.argument);
  return name && *name != first ? std::move(*name) : std::string{};
}

/// Of the rulings on a recipient's two names, the one that counts: an entry on the list before an
/// error, an error before a pass; an entry that is in force, or tested already, before one that this
/// message may test.
Ruling& graver(Ruling& first, Ruling& second) {
  if (first.suppressed != second.suppressed) return first.suppressed ? first : second;
  if (first.suppressed) return first.probe && !second.probe ? second : first;
  return first.error.empty() && !second.error.empty() ? second : first;
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

Answer Session::begin(std::shared_ptr<const SessionRules> rules, const SenderStep& step, Time now) {
  finish();
  rules_ = std::move(rules);
  inbound_ = std::ranges::find(rules_->inbound_daemons, step.daemon) != rules_->inbound_daemons.end();
  const std::string_view sender = without_brackets(step.argument);
  envelope_.sender = sender;
  envelope_.null_sender = sender.empty();
  // Added as at a final delivery (RFC 5321 section 4.4): the parser reads the envelope sender from
  // there.
  if (inbound_) collected_.append("Return-Path: <").append(clean(sender)).append(">\n");
  envelope_.sasl_user = step.sasl_user;
  envelope_.client_ip = step.client_ip.empty() ? std::string_view{client_ip_} : without_tag(step.client_ip);
  envelope_.queue_id = step.queue_id;
  id_at_mail_ = !step.queue_id.empty();
  // With the id, it may be mail of the `sendmail` command, which the first recipient tells.
  if (id_at_mail_) return {};
  non_smtp_ = false;
  ask_breaker(MessagePause::Stage::mail, now);
  if (!answers_mail_) return {};
  return pause_answer().value_or(Answer{});
}

Answer Session::recipient(const RecipientStep& step, Time now) {
  // RCPT without MAIL: no MTA does this, but libmilter lets it through after an unknown command.
  if (!rules_) return {};
  if (inbound_) return {};
  ++context_.counters.recipients;
  ++recipients_;
  if (!begun_) begun_ = now;
  // Each sign alone also occurs in SMTP mail: Sendmail sends the id at MAIL, and clients may omit
  // the brackets.
  non_smtp_ = id_at_mail_ && step.mailer.empty() && !step.argument.starts_with('<');
  // For non-SMTP mail, Postfix pretends a connection from 127.0.0.1.
  if (non_smtp_) envelope_.client_ip.clear();
  learn_queue_id(step.queue_id);
  if (id_at_mail_ && recipients_ == 1) ask_breaker(MessagePause::Stage::mail, now);
  if (auto paused = pause_answer()) return std::move(*paused);

  Ruling ruling = rule_on(step, now);
  const auto claimed = probes_.size();
  if (ruling.probe) ruling = try_to_probe(step, now, std::move(ruling));
  if (!ruling.error.empty()) {
    ++context_.counters.lookup_errors;
    context_.reporter.say(
        Reporter::Subject::lookup, Severity::error,
        "cannot look up recipients, mail " +
            std::string(ruling.kind == Ruling::Kind::tempfail ? "is deferred" : "passes unchecked") + ": " +
            ruling.error);
  }
  if (ruling.kind == Ruling::Kind::pass && rules_->breaker) {
    auto why = pause_.ask_warm_up(*rules_->breaker, *rules_->gatekeeper, envelope_, ruling.address, now);
    if (!why.empty()) {
      if (!non_smtp_ && rules_->breaker->settings.action == BreakerAction::tempfail) {
        for (; probes_.size() > claimed; probes_.pop_back()) context_.probes.release(probes_.back().address);
        return {Answer::Kind::tempfail, kTryLater, "4.7.1", reply_text(why + "; try again tomorrow")};
      }
      pause_.pause(std::move(why));
    }
  }
  if (ruling.kind == Ruling::Kind::pass && wants_trace() && !ruling.address.empty()) {
    if (auto second = second_name(step, ruling.address); !second.empty())
      traced_names_.push_back(std::move(second));
    traced_.push_back(std::move(ruling.address));
  }
  if (ruling.kind == Ruling::Kind::pass) ++accepted_;
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

/// A recipient is refused if either of its names is on the list, and never if either is exempt.
Ruling Session::rule_on(const RecipientStep& step, Time now) const {
  const Gatekeeper& gatekeeper = *rules_->gatekeeper;
  Ruling first = gatekeeper.rule(envelope_, key_of(step), now);
  const auto second_key = second_name(step, first.address);
  if (second_key.empty()) return first;
  Ruling second = gatekeeper.rule(envelope_, second_key, now);
  const std::string first_key = first.address;
  const bool only_first = first.suppressed && !second.suppressed;
  const bool only_second = second.suppressed && !first.suppressed;
  Ruling ruling = std::move(graver(first, second));
  if (only_first || only_second) {
    // The name that is found on the list is not exempt itself.
    const auto exempt = gatekeeper.exempt(only_first ? second_key : first_key);
    if (!exempt) {
      ruling = gatekeeper.undecided(envelope_);
      ruling.error = exempt.error().message;
    } else if (*exempt) {
      ruling = {};
    }
  }
  ruling.address = first_key.empty() ? second_key : first_key;
  return ruling;
}

/// The list is asked again under the claim: meanwhile, another message may have been recorded as the
/// probe, or its end may be known.
Ruling Session::try_to_probe(const RecipientStep& step, Time now, Ruling refused) {
  const auto is_ours = [&](const Probe& probe) { return probe.address == refused.probe->address; };
  Ruling passed;
  passed.address = refused.address;
  if (std::ranges::any_of(probes_, is_ours)) return passed;
  Probe probe = *refused.probe;
  probes_.reserve(probes_.size() + 1);
  const auto taken = context_.probes.take(probe.address);
  if (taken == ProbeClaims::Taken::no_room) refused.text = refused.no_room;
  if (taken != ProbeClaims::Taken::ours) return refused;
  probes_.push_back(std::move(probe));
  Ruling again = rule_on(step, now);
  if (again.probe && is_ours(*again.probe)) return passed;
  context_.probes.release(probes_.back().address);
  probes_.pop_back();
  again.probe.reset();
  return again;
}

void Session::send_probes(Time now) {
  for (auto& probe : probes_) {
    probe.queue_id = envelope_.queue_id;
    probe.since = now;
  }
  for (auto& probe : probes_) context_.probes.sent(std::move(probe));
  probes_.clear();
}

/// Before the end of the message is answered, and so before the log tells of its delivery.
void Session::send_tags(Time now) {
  if (!wants_tags() || envelope_.queue_id.empty()) return;
  read_tags_of_login(rules_->tags, envelope_.sasl_user, tags_);
  if (tags_.empty()) return;
  context_.tags.offer(
      {envelope_.queue_id, begun_.value_or(now), now, tags_,
       rules_->breaker && rules_->breaker->settings.on() ? bringer(envelope_) : std::string{}});
}

void Session::ask_breaker(MessagePause::Stage stage, Time now) {
  if (!rules_ || !rules_->breaker || inbound_) return;
  pause_.ask(stage, *rules_->breaker, *rules_->gatekeeper, envelope_, tags_, now);
}

/// nullopt: it is not paused, or will be held at its end.
std::optional<Answer> Session::pause_answer() const {
  if (pause_.why().empty() || non_smtp_ || rules_->breaker->settings.action == BreakerAction::hold)
    return std::nullopt;
  return Answer{Answer::Kind::tempfail, kTryLater, "4.7.1", reply_text(pause_.why())};
}

/// nullopt: the MTA holds it, or it passes because nothing else is possible.
std::optional<Answer> Session::hold_paused(const MessageEdit& edit) {
  if (pause_.why().empty()) return std::nullopt;
  if (edit.hold && edit.hold(reply_text(pause_.why()))) {
    context_.reporter.say(Reporter::Subject::pause, Severity::info,
                          "message " + envelope_.queue_id + " is held: " + pause_.why());
    return std::nullopt;
  }
  if (non_smtp_) {
    context_.reporter.say(Reporter::Subject::pause, Severity::error,
                          "the MTA cannot hold mail; it passes although " + pause_.why());
    return std::nullopt;
  }
  return Answer{Answer::Kind::tempfail, kTryLater, "4.7.1", reply_text(pause_.why())};
}

Answer Session::data(std::string_view queue_id) {
  learn_queue_id(queue_id);
  if (inbound_) return {};
  if (auto answer = whole_message_answer()) return std::move(*answer);
  if (!removals_.empty() || !traced_.empty() || !probes_.empty() || wants_tags() || pause_.needs_end())
    return {};
  finish();
  return {Answer::Kind::accept, 0, {}, {}};
}

void Session::header(std::string_view name, std::string_view value) {
  if (!inbound_) {
    if (rules_ && wants_tags()) read_tags(rules_->tags, name, value, tags_);
    return;
  }
  if (equals_ignoring_case(name, "Content-Type")) {
    report_like_ = report_like_ || starts_with_ignoring_case(trim(value), "multipart/report");
  } else if (equals_ignoring_case(name, "X-Failed-Recipients")) {
    report_like_ = true;
  }
  if (collected_.size() >= kCollectedBytes) return;
  collected_.append(name).append(": ").append(value).append("\n");
}

Answer Session::headers_end(Time now) {
  if (!inbound_) {
    ask_breaker(MessagePause::Stage::header, now);
    auto paused = pause_answer();
    if (!paused) return {};
    finish();
    return std::move(*paused);
  }
  // A bounce has the null sender; complaints and the notices of some programs do not.
  if (!envelope_.null_sender && !report_like_) {
    finish();
    return {Answer::Kind::accept, 0, {}, {}};
  }
  collected_ += '\n';
  return {};
}

Answer Session::body(std::string_view piece) {
  if (!inbound_ || collected_.size() >= kCollectedBytes) return {Answer::Kind::skip, 0, {}, {}};
  collected_.append(piece.substr(0, kCollectedBytes - collected_.size()));
  return {};
}

Answer Session::end(std::string_view queue_id, const MessageEdit& edit, Time now) {
  if (inbound_) {
    if (!collected_.empty() && !context_.mails.offer({now, std::move(collected_)})) {
      context_.reporter.say(Reporter::Subject::mail, Severity::warning,
                            "reports arrive faster than they can be read; this one is skipped, "
                            "`suppressctl learn` can read it later");
    }
    finish();
    return {Answer::Kind::accept, 0, {}, {}};
  }
  learn_queue_id(queue_id);
  if (auto answer = whole_message_answer()) return std::move(*answer);
  if (auto paused = hold_paused(edit)) {
    finish();
    return std::move(*paused);
  }
  pause_.accepted(envelope_.queue_id, accepted_, now);
  if (pause_.why().empty()) send_probes(now);  // What is held tests nothing.
  send_tags(now);
  std::erase_if(removals_, [&](const Removal& removal) { return !edit.remove_recipient(removal.argument); });
  offer_removals("removed");
  if (!traced_.empty() && !envelope_.queue_id.empty()) {
    edit.add_header(std::string(kTraceHeader),
                    rules_->trace_keys->sign({envelope_.queue_id, now, envelope_.sender, std::move(traced_),
                                              std::move(traced_names_)}));
  }
  finish();
  return {Answer::Kind::accept, 0, {}, {}};
}

bool Session::wants_trace() const {
  return rules_->trace_keys != nullptr && !rules_->trace_keys->empty() && !envelope_.null_sender;
}

/// For non-SMTP mail with one result for all recipients; this finishes the message.
std::optional<Answer> Session::whole_message_answer() {
  if (undecided_) {
    Ruling ruling = rules_->gatekeeper->undecided(envelope_);
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
  for (const auto& probe : probes_) context_.probes.release(probe.address);
  probes_.clear();
  pause_.finish();
  accepted_ = 0;
  offer_waiting();
  // Pending removals were not carried out: the message was aborted or deferred, and will be sent
  // again.
  removals_.clear();
  traced_.clear();
  traced_names_.clear();
  tags_ = {};
  begun_.reset();
  collected_.clear();
  report_like_ = false;
  recipients_ = 0;
  suppressed_ = 0;
  undecided_ = false;
  refusal_ = {};
}

Answer Session::failed(Step step) noexcept {
  try {
    if (!rules_ || inbound_) return {};
    Ruling ruling = rules_->gatekeeper->undecided(envelope_);
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

// Of one at RCPT only those of the login are known; of removed ones, all.
void Session::note(Refusal refusal, std::string_view outcome) {
  refusal.outcome = outcome;
  if (wants_tags()) {
    refusal.tags = tags_;
    read_tags_of_login(rules_->tags, envelope_.sasl_user, refusal.tags);
  }
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
                          "message " + envelope_.queue_id + " has more than " +
                              std::to_string(kMostRemovals) +
                              " suppressed recipients: the others pass unless all are suppressed");
  }
  if (suppressed_ == 1) {
    refusal_ = answer_of(ruling);
  } else if (ruling.status != refusal_.status) {
    // 5.1.1 makes the submitter's software delete its contact, so one answer for several uses it
    // only if it is true for all.
    refusal_.status = "5.7.1";
  }
}

void Session::offer_removals(std::string_view outcome) {
  for (auto& removal : removals_) note(std::move(removal.note), outcome);
  removals_.clear();
}

}  // namespace suppressd
