#include "suppressd/learn/observer.h"

#include <utility>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/core/provider.h"
#include "suppressd/core/suppression.h"
#include "suppressd/mta/log_line.h"

namespace suppressd {
namespace {

constexpr Duration kSweepEvery = std::chrono::hours(24);
constexpr std::size_t kSampleLimit = 1000;
constexpr std::size_t kSamplesABatch = 10;

}  // namespace

Observer::Observer(const LearnSettings& config, const Ruleset& rules, std::optional<OwnHost> own_host)
    : dialect_(config.dialect),
      zone_(config.timezone),
      rules_(&rules),
      own_host_(std::move(own_host)),
      tracker_(config.tracker) {
  if (auto relays = Relays::make(config)) relays_ = std::move(*relays);
}

// Valid until the next call.
const Peer& Observer::peer_of(const Relay& relay) {
  return peers_.of(relay.text, [&] { return relays_.peer_of(relay); });
}

void Observer::read_attempt(Tracker::AttemptFacts& facts, Observations& observed) {
  ++observed.attempts;
  const bool failure = event_->attempt().status != AttemptStatus::sent;
  const auto failed = failure ? peer_of(event_->attempt().failed).standing : Standing{};
  const auto& peer = peer_of(event_->attempt().relay);
  facts.handed_over = is_hand_over(peer.standing, failed);
  facts.relayed = is_relayed(event_->attempt(), peer.standing);
  const bool by_address = facts.relayed || peer.provider.empty();
  targets_.resize(event_->attempt().recipients.size());
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    auto& target = targets_[i];
    if (!make_canonical(event_->attempt().recipients[i], target.address)) continue;
    const auto domain = domain_of(target.address);
    target.provider = by_address ? registrable_domain(domain) : peer.provider;
  }
  if (!failure || facts.handed_over) return;
  facts.our_echo = is_our_refusal(event_->attempt().reply.text);
  if (facts.our_echo) return;
  find_reasons(failed);
}

// Most failures are told in words that came before. Words that name the recipient are about that one alone:
// kept, they would only take the room of the others.
void Observer::find_reasons(Standing failed) {
  const auto& reply = event_->attempt().reply;
  Failure failure;
  failure.reply = reply;
  failure.logged_status = event_->attempt().logged_status;
  failure.temporary = event_->attempt().status == AttemptStatus::deferred;
  if (!targets_.empty()) failure.provider = targets_.front().provider;
  const bool names_an_address = reply.text.find('@') != std::string_view::npos;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    auto& target = targets_[i];
    failure.at_next_hop = failed_at_next_hop(event_->attempt(), failed, domain_of(target.address));
    if (names_an_address && reply.text.find(event_->attempt().recipients[i]) != std::string_view::npos) {
      target.reason = reason_of(failure, target.provider);
      continue;
    }
    make_reason_key(failure, target.provider);
    target.reason = reasons_.of(reason_key_, [&] { return reason_of(failure, target.provider); });
  }
}

// All that a reason is made of.
void Observer::make_reason_key(const Failure& failure, std::string_view provider) {
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
  add_text(provider);
  add_text(event_->attempt().relay.text);
  add_text(failure.reply.text);
}

std::shared_ptr<const FailureReason> Observer::reason_of(const Failure& failure,
                                                         const std::string& provider) const {
  FailureReason reason;
  reason.judgement = rules_->classify(failure);
  reason.code = failure.reply.code;
  reason.status = failure.logged_status ? failure.logged_status : failure.reply.status;
  reason.stage = failure.reply.stage;
  reason.provider = provider;
  reason.relay = clean(event_->attempt().relay.text, kRelayLimit);
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
  if (!swept) swept = entry.at;
  if (entry.at - *swept >= kSweepEvery) {
    tracker_.sweep(entry.at, entry.host);
    observed.sweeps.push_back({observed.outcomes.size(), entry.at});
    swept = entry.at;
  }
  const auto reading = parse_entry(entry, dialect_);
  count(reading.understood(), entry, observed);
  if (!reading) return;
  event_ = &*reading;
  Tracker::AttemptFacts facts;
  if (event_->kind() == EventKind::attempt) read_attempt(facts, observed);
  tracker_.take(*event_, facts, targets_, observed.outcomes);
}

Result<Observations> Observer::observe(const Source::Batch& batch) {
  Observations observed;
  observed.cursor = batch.cursor;
  observed.gaps = batch.gaps;
  observed.records = batch.records.size();
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
  return observed;
}

}  // namespace suppressd
