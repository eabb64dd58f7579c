#include "suppressd/learn/attempt_judge.h"

#include "suppressd/core/provider.h"
#include "suppressd/core/suppression.h"

namespace suppressd {
namespace {

// Whatever a log says, what is remembered of it is bounded.
constexpr std::size_t kMostPeers = 20000;
constexpr std::size_t kLongestPeer = 1000;

}  // namespace

// Valid until the next call.
const Peer& AttemptJudge::peer_of(const Relay& relay) {
  if (relay.text.size() > kLongestPeer) return rare_ = relays_.peer_of(relay);
  if (const auto known = peers_.find(relay.text); known != peers_.end()) return known->second;
  if (peers_.size() >= kMostPeers) peers_.clear();
  return peers_.emplace(relay.text, relays_.peer_of(relay)).first->second;
}

AttemptJudge::Meaning AttemptJudge::meaning_of(const Attempt& attempt) {
  Meaning meaning{};
  const bool failure = attempt.status != AttemptStatus::sent;
  if (failure) meaning.failed = peer_of(attempt.failed).standing;
  const auto& peer = peer_of(attempt.relay);
  auto& facts = meaning.facts;
  facts.handed_over = is_hand_over(peer.standing, meaning.failed);
  facts.relayed = is_relayed(attempt, peer.standing);
  facts.our_echo = failure && is_our_refusal(attempt.reply.text);
  if (!facts.relayed && !peer.provider.empty()) meaning.provider = &peer.provider;
  return meaning;
}

std::string AttemptJudge::provider_of(const Meaning& meaning, std::string_view domain) {
  return meaning.provider != nullptr ? *meaning.provider : registrable_domain(domain);
}

Failure AttemptJudge::failure_of(const Attempt& attempt, const Meaning& meaning, std::string_view domain,
                                 std::string_view provider) {
  return {.reply = attempt.reply,
          .logged_status = attempt.logged_status,
          .provider = provider,
          .temporary = attempt.status == AttemptStatus::deferred,
          .at_next_hop = failed_at_next_hop(attempt, meaning.failed, domain)};
}

}  // namespace suppressd
