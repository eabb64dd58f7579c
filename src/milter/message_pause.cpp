#include "suppressd/milter/message_pause.h"

#include <algorithm>
#include <utility>

#include "suppressd/core/address.h"
#include "suppressd/core/rate.h"
#include "suppressd/milter/network.h"

namespace suppressd {
namespace {

// A client is known by its network: hosts of one sender are beside each other.
constexpr unsigned kNetworkOfIpv4 = 24;
constexpr unsigned kNetworkOfIpv6 = 64;

std::string network_of(std::string_view client) {
  const auto address = parse_ip(client);
  return address ? Network::around(*address, kNetworkOfIpv4, kNetworkOfIpv6).text() : std::string(client);
}

std::string words_of(const Pause& pause) {
  Breaker breaker;
  breaker.place = pause.place;
  breaker.state = pause.state;
  breaker.until = pause.until;
  breaker.why = pause.why;
  return words_of(breaker);
}

}  // namespace

std::string bringer(const Envelope& envelope) {
  if (!envelope.sasl_user.empty()) return "login " + tag_value(envelope.sasl_user);
  return envelope.client_ip.empty() ? "local" : network_of(envelope.client_ip);
}

bool BreakerRules::asks_at_mail() const {
  return std::ranges::any_of(settings.dimensions,
                             [this](BreakerDimension dimension) { return known_at_mail(tags, dimension); });
}

void MessagePause::ask(Stage stage, const BreakerRules& rules, const Gatekeeper& gatekeeper,
                       const Envelope& envelope, const Tags& tags, Time now) {
  if (envelope.null_sender) return;
  Tags known = tags;
  read_tags_of_login(rules.tags, envelope.sasl_user, known);
  std::string by;
  for (const auto dimension : rules.settings.dimensions) {
    if (known_at_mail(rules.tags, dimension) != (stage == Stage::mail)) continue;
    const auto* tag = tag_of(known, dimension);
    const auto name = tag != nullptr ? *tag : sender_domain_of(envelope.sender);
    if (name.empty()) continue;
    if (by.empty()) {
      if (gatekeeper.bypasses(envelope)) return;
      by = bringer(envelope);
    }
    ask(rules, gatekeeper, {.dimension = dimension, .name = name, .brought_by = by}, now);
  }
}

void MessagePause::ask(const BreakerRules& rules, const Gatekeeper& gatekeeper, const PauseQuery& query,
                       Time now) {
  auto found = rules.lookup.find_pause(query, now);
  if (!found) {
    ++counters_.lookup_errors;
    reporter_.say(Reporter::Subject::lookup, Severity::error,
                  "cannot look up breakers, mail passes unchecked: " + found.error().message);
    return;
  }
  if (!*found) return;
  const auto& pause = **found;
  if (pause.state == BreakerState::testing && take_ticket(rules, query, pause, now)) return;
  if (!pause.enforced || gatekeeper.settings().mode == Mode::monitor) {
    reporter_.say(Reporter::Subject::pause, Severity::info,
                  "mail passes that would be paused: " + words_of(pause));
    return;
  }
  if (why_.empty()) why_ = words_of(pause);
}

// Asked again with the ticket: meanwhile, others may have been stored, or the test may have ended.
bool MessagePause::take_ticket(const BreakerRules& rules, const PauseQuery& query, const Pause& pause,
                               Time now) {
  if (!why_.empty() || pause.test_messages >= rules.settings.test_messages) return false;
  tests_.reserve(tests_.size() + 1);
  const auto out = rules.tickets.take(pause.place);
  tickets_ = &rules.tickets;
  tests_.push_back(pause.place);
  const auto again = rules.lookup.find_pause(query, now);
  if (again && *again && (**again).place == pause.place && (**again).state == BreakerState::testing &&
      (**again).test_messages + out <= rules.settings.test_messages)
    return true;
  tickets_->release(tests_.back());
  tests_.pop_back();
  return false;
}

std::string MessagePause::ask_warm_up(const BreakerRules& rules, const Gatekeeper& gatekeeper,
                                      const Envelope& envelope, std::string_view recipient, Time now) {
  if (!rules.warm_up.on() || recipient.empty() || gatekeeper.bypasses(envelope)) return {};
  const auto domain = sender_domain_of(envelope.sender);
  if (domain.empty()) return {};
  warming_.reserve(warming_.size() + 1);
  auto answer = rules.day->take(rules.warm_up, *rules.history, domain, domain_of(recipient), now);
  if (!answer) return {};
  if (!answer->error.empty()) {
    ++counters_.lookup_errors;
    reporter_.say(Reporter::Subject::lookup, Severity::error,
                  "cannot look up what was sent before, mail passes unchecked: " + answer->error);
    return {};
  }
  if (answer->allowed) {
    day_ = rules.day;
    warming_.push_back(std::move(answer->pair));
    return {};
  }
  const auto off = rules.history->enforcement_is_off(now);
  const bool enforced = off && !*off && gatekeeper.settings().mode != Mode::monitor;
  auto why = "sender-domain " + domain + " is new at " + answer->pair.second + ": " +
             std::to_string(answer->limit) + " recipients today are the limit";
  if (enforced) return why;
  reporter_.say(Reporter::Subject::pause, Severity::info, "mail passes that would be deferred: " + why);
  return {};
}

void MessagePause::pause(std::string why) {
  if (why_.empty()) why_ = std::move(why);
}

void MessagePause::accepted(const std::string& queue_id, std::int64_t recipients, Time now) {
  if (!why_.empty()) return;
  warming_.clear();
  if (queue_id.empty()) return;
  std::vector<TestMessage> messages;
  messages.reserve(tests_.size());
  for (const auto& place : tests_)
    messages.push_back({.place = place,
                        .queue_id = queue_id,
                        .since = now,
                        .recipients = recipients,
                        .ended = 0,
                        .failed = {}});
  tests_.clear();
  for (auto& message : messages) tickets_->sent(std::move(message));
}

void MessagePause::finish() noexcept {
  for (const auto& place : tests_) tickets_->release(place);
  tests_.clear();
  for (const auto& pair : warming_) day_->give_back(pair);
  warming_.clear();
  why_.clear();
}

}  // namespace suppressd
