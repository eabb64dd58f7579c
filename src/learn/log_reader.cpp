#include "suppressd/learn/log_reader.h"

#include <utility>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/core/packed.h"
#include "suppressd/core/provider.h"
#include "suppressd/mta/log_line.h"

namespace suppressd {
namespace {

constexpr Duration kSweepEvery = std::chrono::hours(24);
constexpr std::size_t kSampleLimit = 1000;
constexpr std::size_t kSamplesABatch = 10;

}  // namespace

LogReader::LogReader(const LearnSettings& config, const Ruleset& rules, std::optional<OwnHost> own_host)
    : dialect_(config.dialect),
      zone_(config.timezone),
      rules_(&rules),
      own_host_(std::move(own_host)),
      tracker_(config.tracker) {
  if (auto relays = Relays::make(config)) relays_ = std::move(*relays);
}

// Valid until the next call.
const Peer& LogReader::peer_of(const Relay& relay) {
  return peers_.of(relay.text, [&] { return relays_.peer_of(relay); });
}

void LogReader::read_attempt(Tracker::AttemptFacts& facts, Lesson& lesson) {
  ++lesson.attempts;
  const bool failure = event_->attempt().status != AttemptStatus::sent;
  const auto failed = failure ? peer_of(event_->attempt().failed).standing : Standing{};
  const auto& peer = peer_of(event_->attempt().relay);
  facts.handed_over = is_hand_over(peer.standing, failed);
  facts.relayed = is_relayed(event_->attempt(), peer.standing);
  const bool by_address = facts.relayed || peer.provider.empty();
  targets_.resize(event_->attempt().recipients.size());
  const bool gather = history_ && !failure;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    auto& target = targets_[i];
    if (!make_canonical(event_->attempt().recipients[i], target.address)) continue;
    const auto domain = domain_of(target.address);
    target.provider = by_address ? registrable_domain(domain) : peer.provider;
    target.only_deliveries = gather && !history_->may_contain(target.address);
    if (!facts.handed_over) lesson.add_attempt(event_->at, target.provider);
  }
  if (!failure || facts.handed_over) return;
  facts.our_echo = is_our_refusal(event_->attempt().reply.text);
  if (facts.our_echo) return;
  find_reasons(failed);
}

// Most failures are told in words that came before. Words that name the recipient are about that one alone:
// kept, they would only take the room of the others.
void LogReader::find_reasons(Standing failed) {
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
    reason_key_.clear();
    Packer{reason_key_}(reply.code, reply.status.klass, reply.status.subject, reply.status.detail,
                        reply.stage, event_->attempt().logged_status.klass,
                        event_->attempt().logged_status.subject, event_->attempt().logged_status.detail,
                        failure.temporary, failure.at_next_hop, failure.provider, target.provider,
                        event_->attempt().relay.text, reply.text);
    target.reason = reasons_.of(reason_key_, [&] { return reason_of(failure, target.provider); });
  }
}

std::shared_ptr<const FailureReason> LogReader::reason_of(const Failure& failure,
                                                          const std::string& provider) const {
  const auto judgement = rules_->classify(failure);
  FailureReason reason;
  reason.category = name_of(judgement.category);
  reason.action = name_of(judgement.action);
  reason.weak = judgement.weak;
  reason.rule = judgement.rule;
  reason.code = failure.reply.code;
  reason.status = format_status(failure.logged_status ? failure.logged_status : failure.reply.status);
  reason.stage = name_of(failure.reply.stage);
  reason.provider = provider;
  reason.relay = clean(event_->attempt().relay.text, kRelayLimit);
  reason.text = clean(failure.reply.text, kReplyLimit);
  return std::make_shared<const FailureReason>(std::move(reason));
}

void LogReader::tell(Lesson& lesson) {
  for (const auto number : findings_.plain_deliveries)
    gathered_.add(targets_[number].address, event_->at, event_->key.queue_id);
  lesson.deliveries += static_cast<std::int64_t>(findings_.plain_deliveries.size());
  for (const auto& outcome : findings_.outcomes) {
    if (history_) begin_history(outcome.evidence.address, lesson);
    lesson.add(outcome);
  }
}

// From now on its record is the place for all that is known of it. The filter may have known it already: the
// more it knows, the more others it takes for known.
void LogReader::begin_history(const std::string& address, Lesson& lesson) {
  if (!history_->may_contain(address)) history_->add(address);
  NewestDelivery newest;
  if (!gathered_.take_out(address, newest)) return;
  Outcome delivered;
  delivered.evidence.address = address;
  delivered.evidence.at = newest.at;
  delivered.evidence.queue_id = newest.queue_id;
  lesson.add(delivered);
  --lesson.deliveries;
}

void LogReader::count(Understood understood, const LogEntry& entry, Lesson& lesson) {
  switch (understood) {
    case Understood::event:
      ++lesson.lines.understood;
      break;
    case Understood::teaches_nothing:
      ++lesson.lines.ignored;
      break;
    case Understood::not_understood:
      ++lesson.lines.not_understood;
      if (lesson.samples.size() < kSamplesABatch)
        lesson.samples.push_back(
            {entry.at, clean(std::string(entry.tag) + ": " + std::string(entry.message), kSampleLimit)});
      break;
  }
}

void LogReader::read_entry(LogEntry entry, Lesson& lesson) {
  if (!own_host_) own_host_ = OwnHost::of_this_machine();
  entry.host = own_host_->canonical(entry.host);
  auto& swept = lesson.cursor.swept;
  if (!swept) swept = entry.at;
  if (entry.at - *swept >= kSweepEvery) {
    tracker_.sweep(entry.at);
    lesson.add_sweep(entry.at);
    swept = entry.at;
  }
  const auto reading = parse_entry(entry, dialect_);
  count(reading.understood(), entry, lesson);
  if (!reading) return;
  event_ = &*reading;
  Tracker::AttemptFacts facts;
  if (event_->kind() == EventKind::attempt) read_attempt(facts, lesson);
  findings_.clear();
  tracker_.take(*event_, facts, targets_, findings_);
  tell(lesson);
}

Status LogReader::read(const Source::Batch& batch, Lesson& lesson) {
  lesson.clear();
  lesson.cursor = batch.cursor;
  lesson.gaps = batch.gaps;
  lesson.records = batch.records.size();
  Cursor& cursor = lesson.cursor;
  if (cursor.zone.empty()) cursor.zone = zone_;
  auto clock = LineClock::make(cursor.zone, batch.reference, cursor.last_time);
  if (!clock) return clock.error();
  LogLineReader reader(std::move(*clock));
  for (const auto& record : batch.records) {
    if (record.structured) {
      read_entry(record.entry, lesson);
      cursor.last_time = record.entry.at;
    } else if (const auto entry = reader.read(record.line)) {
      read_entry(*entry, lesson);
    } else {
      ++lesson.lines.ignored;
    }
  }
  if (const auto last = reader.clock().last_time()) cursor.last_time = last;
  lesson.day = cursor.last_time.value_or(batch.reference);
  return {};
}

}  // namespace suppressd
