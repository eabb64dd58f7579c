#include "observer.h"

#include <utility>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/mta/log_line.h"

namespace suppressd {
namespace {

constexpr Duration kAheadOfLog = std::chrono::hours(24);
constexpr std::size_t kSampleLimit = 1000;
constexpr std::size_t kSamplesABatch = 10;

// Entries that cannot be read do not get through the configuration's own check.
Relays relays_of(const LearnSettings& config) {
  auto relays = Relays::make(config);
  return relays ? std::move(*relays) : Relays{};
}

}  // namespace

Observer::Observer(const LearnSettings& config, const Ruleset& rules, std::optional<OwnHost> own_host)
    : dialect_(config.dialect),
      zone_(config.timezone),
      own_host_(std::move(own_host)),
      judge_(rules, relays_of(config)),
      tracker_(config.tracker) {}

bool Observer::is_soft_bounce(Failure failure) const {
  constexpr int kPermanent = 500;
  if (!failure.temporary || failure.reply.code < kPermanent) return false;
  failure.temporary = false;
  failure.logged_status = {};
  return judge_.judge(failure).action == Action::hard;
}

Tracker::AttemptFacts Observer::read_attempt(const Event& event, Observations& observed) {
  const auto& attempt = event.attempt();
  const auto meaning = judge_.meaning_of(attempt);
  const bool failed =
      attempt.status != AttemptStatus::sent && !meaning.facts.handed_over && !meaning.facts.our_echo;
  const bool names_an_address = failed && attempt.reply.text.find('@') != std::string_view::npos;
  targets_.resize(attempt.recipients.size());
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    auto& target = targets_[i];
    if (!make_canonical(attempt.recipients[i], target.address)) continue;
    const auto domain = domain_of(target.address);
    target.provider = AttemptJudge::provider_of(meaning, domain);
    if (!failed) continue;
    const auto failure = AttemptJudge::failure_of(attempt, meaning, domain, target.provider);
    const auto known = tracker_.known(event, target.address);
    if (known.failed_attempts == 0 && is_soft_bounce(failure))
      observed.soft_bounces.push_back(
          {.before = observed.outcomes.size(),
           .bounce = {.address = target.address, .provider = target.provider, .at = event.at}});
    // Words that name the recipient are about that one alone: kept, they would only take the room of others.
    const bool names_it =
        names_an_address && attempt.reply.text.find(attempt.recipients[i]) != std::string_view::npos;
    target.reason =
        names_it ? reason_of(failure, attempt.relay.text) : known_reason(failure, attempt.relay.text);
    if (!meaning.facts.relayed) note_failure(event, target, known, observed);
  }
  return meaning.facts;
}

void Observer::note_failure(const Event& event, const Tracker::Target& target,
                            const Tracker::KnownSend& known, Observations& observed) {
  const bool first = known.failed_attempts == 0;
  if (!first && !blames_us(target.reason->judgement.category)) return;
  if (known.message != nullptr && known.message->null_sender) return;
  observed.failed_attempts.push_back({.before = observed.outcomes.size(),
                                      .attempt = {.address = target.address,
                                                  .at = event.at,
                                                  .host = std::string(event.key.host),
                                                  .queue_id = std::string(event.key.queue_id),
                                                  .sender = {},
                                                  .campaign = {},
                                                  .first = first,
                                                  .reason = target.reason}});
  if (known.message == nullptr) return;
  auto& attempt = observed.failed_attempts.back().attempt;
  attempt.sender = known.message->sender;
  attempt.campaign = known.message->tags.campaign;
}

// Most failures are told in words that came before.
const std::shared_ptr<const FailureReason>& Observer::known_reason(const Failure& failure,
                                                                   std::string_view relay) {
  constexpr std::size_t kMost = 1000;
  constexpr std::size_t kLongest = 1000;
  make_reason_key(failure, relay);
  if (reason_key_.size() > kLongest) return rare_reason_ = reason_of(failure, relay);
  if (const auto known = reasons_.find(reason_key_); known != reasons_.end()) return known->second;
  if (reasons_.size() >= kMost) reasons_.clear();
  return reasons_.emplace(reason_key_, reason_of(failure, relay)).first->second;
}

// All that a reason is made of.
void Observer::make_reason_key(const Failure& failure, std::string_view relay) {
  reason_key_.clear();
  const auto add_number = [this](int number) { reason_key_.append(std::to_string(number)).push_back(' '); };
  const auto add_text = [this](std::string_view text) { reason_key_.append(text).push_back('\0'); };
  const auto add_status = [&](EnhancedStatus status) {
    add_number(status.klass);
    add_number(status.subject);
    add_number(status.detail);
  };
  add_number(failure.reply.code);
  add_status(failure.reply.status);
  add_number(static_cast<int>(failure.reply.stage));
  add_status(failure.logged_status);
  add_number(failure.temporary ? 1 : 0);
  add_number(failure.at_next_hop ? 1 : 0);
  add_text(failure.provider);
  add_text(relay);
  add_text(failure.reply.text);
}

std::shared_ptr<const FailureReason> Observer::reason_of(const Failure& failure,
                                                         std::string_view relay) const {
  FailureReason reason;
  reason.judgement = judge_.judge(failure);
  reason.code = failure.reply.code;
  reason.status = failure.logged_status ? failure.logged_status : failure.reply.status;
  reason.stage = failure.reply.stage;
  reason.provider = failure.provider;
  reason.relay = clean(relay, kRelayLimit);
  reason.text = clean(failure.reply.text, kReplyLimit);
  return std::make_shared<const FailureReason>(std::move(reason));
}

void Observer::count(Understood understood, const LogEntry& entry, Observations& observed) {
  switch (understood) {
    case Understood::event:
      ++observed.lines.understood;
      break;
    case Understood::teaches_nothing:
      ++observed.lines.ignored;
      break;
    case Understood::not_understood:
      ++observed.lines.not_understood;
      if (observed.samples.size() < kSamplesABatch)
        observed.samples.push_back(
            {entry.at, clean(std::string(entry.tag) + ": " + std::string(entry.message), kSampleLimit)});
      break;
  }
}

void Observer::read_entry(LogEntry entry, Observations& observed) {
  if (!own_host_) own_host_ = OwnHost::of_this_machine();
  entry.host = own_host_->canonical(entry.host);
  auto& swept = observed.cursor.swept;
  // By the calendar, so that it does not matter where a log was cut. A line from ahead of the log itself is
  // of a wrong clock, and must not put this off until its time has come.
  const Time day = std::chrono::floor<std::chrono::days>(entry.at);
  if ((!swept || *swept < day) && entry.at <= newest_) {
    tracker_.sweep(day, entry.host);
    observed.sweeps.push_back({observed.outcomes.size(), day});
    swept = day;
  }
  const auto reading = parse_entry(entry, dialect_);
  count(reading.understood(), entry, observed);
  if (!reading) return;
  Tracker::AttemptFacts facts;
  if (reading->kind() == EventKind::attempt) {
    ++observed.attempts;
    facts = read_attempt(*reading, observed);
  }
  probe_watch_.see(*reading, facts, targets_, observed.probe_lines);
  tracker_.take(*reading, facts, targets_, observed.outcomes);
}

Result<Observations> Observer::observe(const Source::Batch& batch) {
  Observations observed;
  observed.cursor = batch.cursor;
  observed.gaps = batch.gaps;
  observed.records = batch.records.size();
  observed.outcomes.reserve(outcomes_before_);
  newest_ = batch.reference + kAheadOfLog;
  Cursor& cursor = observed.cursor;
  if (cursor.zone.empty()) cursor.zone = zone_;
  auto clock = LineClock::make(cursor.zone, batch.reference, cursor.last_time);
  if (!clock) return clock.error();
  LogLineReader reader(std::move(*clock));
  for (const auto& record : batch.records) {
    if (record.structured) {
      read_entry(record.entry, observed);
      cursor.last_time = record.entry.at;
    } else if (const auto entry = reader.read(record.line)) {
      read_entry(*entry, observed);
    } else {
      ++observed.lines.ignored;
    }
  }
  if (const auto last = reader.clock().last_time()) cursor.last_time = last;
  observed.day = cursor.last_time.value_or(batch.reference);
  outcomes_before_ = observed.outcomes.size();
  return observed;
}

}  // namespace suppressd
