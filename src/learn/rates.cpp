#include "suppressd/learn/rates.h"

#include <algorithm>
#include <utility>

#include "suppressd/core/rate_mark.h"

namespace suppressd {

Status Rates::load(Batch& batch) {
  forget();
  auto open = batch.open_alerts();
  if (!open) return open.error();
  open_ = std::move(*open);
  const auto newest = batch.newest_rate();
  if (!newest) return newest.error();
  if (*newest) newest_ = **newest;
  return {};
}

void Rates::forget() {
  *this = {};
}

std::vector<AlertNews> Rates::take_news() {
  return std::exchange(news_, {});
}

Status Rates::relieve(Batch& batch) {
  return tally_.full() ? store(batch) : Status{};
}

Status Rates::add(Batch& batch, const Evidence& evidence) {
  const auto counts = counts_of(evidence.outcome, evidence.rate.mark);
  if (counts == RateCounts{}) return {};
  tally_.add(evidence.rate.keys, evidence.outcome.tags, evidence.outcome.message.entered, counts);
  return relieve(batch);
}

void Rates::take_out(const Evidence& evidence) {
  const auto counts = counts_of(evidence.outcome, evidence.rate.mark);
  if (counts != RateCounts{})
    tally_.add(evidence.rate.keys, evidence.outcome.tags, evidence.outcome.message.entered, -counts);
}

Status Rates::store(Batch& batch) {
  auto counts = tally_.take();
  const auto is_event = [](const auto& hour) {
    const auto& counted = hour.second;
    return counted.dead != 0 || counted.soft != 0 || counted.complaints != 0 || counted.excused != 0;
  };
  const auto days_before = newest_ == Time::min() ? newest_ : rate_day(newest_) - kRateHoursKept;
  if (days_before > rolled_up_)
    if (auto rolled = batch.roll_up_rates(rolled_up_ = days_before); !rolled) return rolled;
  if (auto added = batch.add_rates(counts, days_before); !added) return added;
  for (auto& [place, hours] : counts)
    if (std::ranges::any_of(hours, is_event)) unjudged_.insert(place);
  return {};
}

Status Rates::end(Batch& batch) {
  if (auto stored = store(batch); !stored) return stored;
  if (looked_) {
    if (auto saved = batch.save_look(*looked_); !saved) return saved;
    see(*std::exchange(looked_, {}));
  }
  if (newest_ == Time::min()) return {};
  // Those without new events fall by time.
  if (const auto hour = rate_hour(newest_); hour > judged_) {
    judged_ = hour;
    for (const auto& alert : open_) unjudged_.insert(alert.place);
  }
  for (const auto& place : std::exchange(unjudged_, {}))
    if (auto judged = judge(batch, place); !judged) return judged;
  return {};
}

Status Rates::judge(Batch& batch, const RateName& place) {
  const auto windows = batch.rate_windows(place, newest_);
  if (!windows) return windows.error();
  for (const auto what : kAlertWhats)
    if (auto judged = judge(batch, place, what, *windows); !judged) return judged;
  return {};
}

// An alert of another level takes the place of one that is open.
Status Rates::judge(Batch& batch, const RateName& place, AlertWhat what,
                    std::span<const WindowCounts> windows) {
  const auto open = std::ranges::find_if(
      open_, [&](const Alert& alert) { return alert.place == place && alert.what == what; });
  const auto before = open == open_.end() ? AlertLevel::none : open->level;
  const auto [level, window, share] = judge_rate(what, windows, before);
  if (level == before) return {};
  if (open != open_.end()) {
    open->closed = std::max(newest_, open->opened);
    if (const auto saved = batch.save(*open); !saved) return saved.error();
    if (level == AlertLevel::none) news_.push_back({.alert = *open, .before = before, .now = level});
    open_.erase(open);
  }
  if (level == AlertLevel::none) return {};
  Alert alert{.place = place,
              .what = what,
              .level = level,
              .opened = newest_,
              .closed = {},
              .window = window,
              .share = share};
  const auto id = batch.save(alert);
  if (!id) return id.error();
  alert.id = *id;
  news_.push_back({.alert = alert, .before = before, .now = level});
  open_.push_back(std::move(alert));
  return {};
}

Status count_refusals(Batch& batch, std::span<const Refusal> refusals) {
  RateTally tally;
  for (const auto& refusal : refusals) {
    if (refusal.outcome != "refused" && refusal.outcome != "removed") continue;
    const auto provider = batch.provider_of_entry(refusal.address);
    if (!provider) return provider.error();
    const auto sender_domain = SenderDomains().name_for(batch, refusal.sender, refusal.at);
    if (!sender_domain) return sender_domain.error();
    auto tags = refusal.tags;
    if (auto bound = batch.bound(tags, refusal.at); !bound) return bound;
    tally.add(*sender_domain, *provider, tags, refusal.at, {.refused = 1});
  }
  return batch.add_rates(tally.take(), Time::min());
}

}  // namespace suppressd
