// The part of the decider for failures that may be our own fault, not the address's or its host's.
#include <algorithm>

#include "suppressd/core/address.h"
#include "suppressd/learn/decider.h"

namespace suppressd {

namespace {

constexpr std::size_t kMostKnownDomains = 10000;

OurSide side_of(const Outcome& outcome) {
  return {.host = outcome.message.host,
          .sender_domain = sender_domain_of(outcome.sender),
          .campaign = outcome.tags.campaign};
}

}  // namespace

// What one host logged within five minutes is judged when it has logged all of it.
Status Decider::come_to(Batch& batch, std::string_view host, Time at) {
  if (!own_.turns(host, at)) return {};
  if (auto judged = judge_own(batch, at); !judged) return judged;
  own_.turn(host, at);
  return {};
}

Status Decider::judge_own(Batch& batch, std::optional<Time> at) {
  for (const auto& range : own_.judge()) {
    const auto addresses = batch.failed_in(range);
    if (!addresses) return addresses.error();
    if (addresses->empty()) continue;
    if (auto written = write_gathered(batch); !written) return written;
    ChangeCause cause{.event = ListEventKind::failure,
                      .at = std::min(at.value_or(range.end), range.end),
                      .actor = std::string(kProgram),
                      .note = {},
                      .evidence_id = 0};
    cause.held = range.provider.empty() ? HeldBy::local : HeldBy::sender;
    cause.other_times = true;
    if (auto folded = refold_all(batch, *addresses, cause); !folded) return folded;
  }
  return {};
}

Status Decider::see(Batch& batch, const FailedAttempt& attempt) {
  if (auto come = come_to(batch, attempt.host, attempt.at); !come) return come;
  if (blames_us(attempt.reason->judgement.category)) own_.add_blamed(attempt);
  if (!attempt.first) return {};
  const auto domain = domain_of(attempt.address);
  const auto known = took_mail(batch, domain, attempt.at);
  if (!known) return known.error();
  if (*known) own_.add_first(attempt.host, domain, attempt.at, never_answered(*attempt.reason));
  return {};
}

void Decider::count_delivery(const Outcome& outcome) {
  if (outcome.attempts == 0)
    own_.add_first(outcome.message.host, domain_of(outcome.address), outcome.at, false);
  own_.add_ended(outcome.reason.provider, side_of(outcome), outcome.at);
}

void Decider::count_other_failure(const Outcome& outcome) {
  if (outcome.ends_send() && !blames_us(outcome.reason.judgement.category))
    own_.add_ended(outcome.reason.provider, side_of(outcome), outcome.at);
}

void Decider::forget_delivery(const GatheredDelivery& delivery) {
  const OurSide side{.host = delivery.id.message.host,
                     .sender_domain = std::string(delivery.sender_domain),
                     .campaign = delivery.tags->campaign};
  own_.add_ended(delivery.provider, side, delivery.id.ended, -1);
}

const OwnRange* Decider::our_fault_in(const Outcome& outcome) const {
  const auto side = side_of(outcome);
  const auto& judgement = outcome.reason.judgement;
  if (judgement.category == Category::bad_domain)
    if (const auto* local = range_at(own_.local(), {}, side, outcome.at); local != nullptr) return local;
  return judgement.weak ? range_at(own_.senders(), outcome.reason.provider, side, outcome.at) : nullptr;
}

std::vector<IncidentNews> Decider::take_incidents() {
  auto news = incidents_.take_news();
  for (auto& incident : own_.take_news()) news.push_back(std::move(incident));
  return news;
}

Result<bool> Decider::took_mail(Batch& batch, std::string_view domain, Time at) {
  const auto recent = [&](const std::optional<Time>& delivered) {
    return delivered && *delivered >= at - kKnownGoodFor;
  };
  if (const auto* unsaved = domains_.find(domain); unsaved != nullptr && recent(unsaved->delivered))
    return true;
  auto known = known_domains_.find(domain);
  if (known == known_domains_.end()) {
    const auto delivered = batch.delivered_to(domain);
    if (!delivered) return delivered.error();
    if (known_domains_.size() >= kMostKnownDomains) known_domains_.clear();
    known = known_domains_.emplace(std::string(domain), *delivered).first;
  }
  return recent(known->second);
}

}  // namespace suppressd
