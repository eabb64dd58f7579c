#include "breaker_watch.h"

#include <spdlog/spdlog.h>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr std::chrono::seconds kEvery{1};

}  // namespace

Status BreakerWatch::look(Learner& learner, bool news) {
  if (!news && Steady::now() < next_) return {};
  next_ = Steady::now() + kEvery;
  const auto changed = learner.step_breakers();
  if (!changed) return changed.error();
  for (const auto& breaker : *changed) {
    const auto level = breaker.state == BreakerState::paused || breaker.state == BreakerState::by_hand
                           ? spdlog::level::err
                           : spdlog::level::warn;
    spdlog::log(level, "breaker: {}{}", clean(words_of(breaker)),
                stops_mail(breaker.state) ? "; see `suppressctl breaker list`" : "");
  }
  return {};
}

Status BreakerWatch::store(Learner& learner, TestTickets& tickets) {
  const auto sent = tickets.waiting();
  if (sent.empty()) return {};
  if (auto kept = learner.keep(sent); !kept) return kept;
  tickets.stored(sent.size());
  return {};
}

}  // namespace suppressd
