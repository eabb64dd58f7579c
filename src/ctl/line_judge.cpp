#include "line_judge.h"

#include <utility>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/core/suppression.h"

namespace suppressd::ctl {

LineJudge::LineJudge(const Ruleset& rules, LineClock clock, const Dialect* dialect, Relays relays)
    : dialect_(dialect), lines_(std::move(clock)), judge_(rules, std::move(relays)) {}

Result<LineJudge> LineJudge::make(const Config& config, const Ruleset& rules, Time reference) {
  auto clock = LineClock::make(config.learn.timezone, reference, std::nullopt);
  if (!clock) return clock.error();
  auto relays = Relays::make(config.learn);
  if (!relays) return relays.error();
  return LineJudge(rules, std::move(*clock), config.learn.dialect, std::move(*relays));
}

LineVerdict LineJudge::judge(std::string_view line) {
  recipients_.clear();
  if (const auto entry = lines_.read(line)) return judge_entry(*entry, parse_entry(*entry, dialect_));
  const auto text = trim(line);
  if (text.empty()) return {};
  const Reply reply = parse_reply(text);
  if (reply.code == 0 && !reply.status) {
    // An entry whose header was already removed.
    const LogEntry entry{.at = {}, .host = {}, .tag = {}, .message = text};
    auto reading = parse_entry(entry, dialect_);
    if (reading.understood() != Understood::teaches_nothing) return judge_entry(entry, std::move(reading));
  }
  return judge_reply(reply);
}

LineVerdict LineJudge::judge_entry(const LogEntry& entry, Reading reading) {
  LineVerdict verdict;
  if (const Dialect* dialect = dialect_of(entry)) verdict.mta = dialect->name;
  if (reading.understood() == Understood::not_understood) return verdict;
  verdict.category = Category::ignored;
  if (!reading) return verdict;
  reading_ = std::move(reading);
  verdict.event = &*reading_;
  if (reading_->kind() == EventKind::attempt) judge_attempt(reading_->attempt(), verdict);
  return verdict;
}

void LineJudge::judge_attempt(const Attempt& attempt, LineVerdict& verdict) {
  take_recipients(attempt);
  verdict.code = attempt.reply.code;
  verdict.status = attempt.logged_status ? attempt.logged_status : attempt.reply.status;
  verdict.stage = attempt.reply.stage;
  const auto meaning = judge_.meaning_of(attempt);
  verdict.handed_over = meaning.facts.handed_over;
  const std::string_view domain = recipients_.empty() ? std::string_view{} : domain_of(recipients_.front());
  provider_ = AttemptJudge::provider_of(meaning, domain);
  verdict.provider = provider_;

  if (attempt.status == AttemptStatus::sent) {
    verdict.category = meaning.facts.handed_over ? Category::ignored
                       : meaning.facts.relayed   ? Category::relayed
                                                 : Category::delivered;
  } else if (meaning.facts.our_echo) {
    verdict.category = Category::ignored;
    verdict.rule = kOurRefusal;
  } else {
    decide(verdict, AttemptJudge::failure_of(attempt, meaning, domain, provider_));
    if (verdict.handed_over) verdict.action = Action::none;
  }
}

LineVerdict LineJudge::judge_reply(const Reply& reply) {
  LineVerdict verdict;
  verdict.code = reply.code;
  verdict.status = reply.status;
  verdict.stage = reply.stage;
  const int klass = reply.code ? reply.code / 100 : reply.status.klass;
  if (klass == 2) {
    verdict.category = Category::delivered;
  } else if (is_our_refusal(reply.text)) {
    verdict.category = Category::ignored;
    verdict.rule = kOurRefusal;
  } else if (klass != 3) {
    decide(verdict, {.reply = reply, .logged_status = {}, .provider = {}, .temporary = klass == 4});
  }
  return verdict;
}

void LineJudge::take_recipients(const Attempt& attempt) {
  recipients_.reserve(attempt.recipients.size());
  for (const auto recipient : attempt.recipients) {
    auto address = canonical_address(recipient);
    recipients_.push_back(address ? std::move(*address) : clean(recipient));
  }
}

void LineJudge::decide(LineVerdict& verdict, const Failure& failure) const {
  const auto judgement = judge_.judge(failure);
  verdict.category = judgement.category;
  verdict.action = judgement.action;
  verdict.weak = judgement.weak;
  verdict.rule = judgement.rule;
  verdict.temporary = failure.temporary;
  verdict.failure = failure;
}

}  // namespace suppressd::ctl
