// Events of one address for the tests of the fold: by hand in days, and random sets with random settings.
#pragma once

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "suppressd/core/fold.h"
#include "suppressd/core/kept_events.h"

namespace suppressd::fold_test {

inline constexpr Duration kDay = std::chrono::hours(24);
inline constexpr Duration kHour = std::chrono::hours(1);
inline const Time kStart = from_unix(1'790'000'000);
inline const std::string kProvider = "b.example";
inline const std::string kDomain = "c.example";

inline EventId id_of(ListEventKind kind, Time ended, Time entered, std::string queue_id) {
  return {
      .ended = ended,
      .kind = kind,
      .message = {.host = "a", .instance = "postfix", .queue_id = std::move(queue_id), .entered = entered}};
}

inline ListEvent event_of(ListEventKind kind, Time ended, Time entered, std::string queue_id) {
  return {.id = id_of(kind, ended, entered, std::move(queue_id)), .details = {}};
}

inline ListEvent failure_of(Action action, Time ended, Time entered, std::string queue_id,
                            Category category = Category::bad_mailbox, bool weak = false) {
  auto event = event_of(ListEventKind::failure, ended, entered, std::move(queue_id));
  event.details = FailureDetails{
      .action = action, .category = category, .weak = weak, .rule = "rule", .provider = kProvider};
  return event;
}

inline ListEvent act_of(ListEventKind kind, Time at, std::int64_t number) {
  ListEvent event{.id = {.ended = at, .kind = kind, .message = {}, .number = number}, .details = {}};
  if (kind == ListEventKind::add) event.details = AddDetails{};
  return event;
}

inline ListEvent revert_of(Time at, std::int64_t number, const EventId& act) {
  auto event = act_of(ListEventKind::revert, at, number);
  event.details = RevertDetails{.host = act.message.host, .number = act.number};
  return event;
}

inline ListEvent take_back_of(Time at, const EventId& delivery) {
  ListEvent event{.id = delivery, .details = {}};
  event.id.kind = ListEventKind::take_back;
  event.id.ended = at;
  return event;
}

/// What may be in a random set; false: it has none.
struct Without {
  bool take_backs = false;
  bool acts_that_reach_back = false;  ///< Undo and revert.
};

/// A random set with settings, made from a seed: bursts over some days or more than a year, ties within one
/// second, messages that entered before, sends with a window failure and an end, acts, reports.
class RandomSet {
 public:
  RandomSet(std::uint64_t seed, std::size_t most, Without without = {}) : random_(seed) {
    choose_settings();
    history_ = SettingsHistory(settings_);
    choose_weights(without);
    events_ = make(1 + below(most));
  }

  const std::vector<ListEvent>& events() const { return events_; }
  FoldInput input() const {
    return {.settings = history_, .brake = brake_, .incidents = incidents_, .domain = kDomain};
  }
  const PolicySettings& policy() const { return settings_.policy; }

  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <typename Value>
  Value pick(std::initializer_list<Value> values) {
    return values.begin()[below(values.size())];
  }
  template <typename Value>
  const Value& pick(const std::vector<Value>& values) {
    return values[below(values.size())];
  }
  template <typename Value>
  void shuffle(std::vector<Value>& values) {
    std::shuffle(values.begin(), values.end(), random_);
  }

  Time newest() const {
    Time time{};
    for (const auto& event : events_) time = std::max(time, event.id.ended);
    return time;
  }
  bool is_pending(Time at) const {
    return range_at(brake_, kProvider, {}, at) != nullptr || incident_at(at) != nullptr;
  }
  const PendingRange* incident_at(Time at) const {
    return suppressd::incident_at(incidents_, kProvider, kDomain, at);
  }

 private:
  using Ladder = std::vector<Duration>;

  void choose_settings() {
    auto& policy = settings_.policy;
    if (one_in(3)) policy.threshold = 1 + static_cast<int>(below(5));
    policy.min_interval = pick({Duration(0), Duration(16 * kHour), Duration(16 * kHour), Duration(3 * kDay)});
    policy.stale_after = pick({20 * kDay, 180 * kDay, 180 * kDay});
    settings_.report_window = pick({5 * kDay, 30 * kDay});
    policy.soft_ladder = pick({Ladder{30 * kDay, 90 * kDay, kForever}, Ladder{2 * kDay, 5 * kDay, kForever},
                               Ladder{1 * kDay, 10 * kDay}});
    if (one_in(2)) {
      policy.weak_ladder = {3 * kDay, kForever};
      policy.bad_domain_ladder = {1 * kDay, 3 * kDay, kForever};
    }
    if (one_in(3)) policy.known_good_ladder = {5 * kDay, kForever};
    add_ranges(brake_, {});
    for (const auto* domain : {"", "a.example", kDomain.c_str()}) add_ranges(incidents_, domain);
  }

  void add_ranges(std::vector<PendingRange>& ranges, const std::string& domain) {
    std::vector<Time> edges(2 * below(3));
    for (auto& edge : edges) edge = kStart + Duration(below(400UL * 86400));
    std::sort(edges.begin(), edges.end());
    for (std::size_t i = 0; i < edges.size(); i += 2)
      ranges.push_back({kProvider, domain, edges[i], edges[i + 1]});
  }

  void choose_weights(Without without) {
    const auto add = [&](ListEventKind kind, std::size_t count) { kinds_.insert(kinds_.end(), count, kind); };
    add(ListEventKind::failure, 10);
    add(ListEventKind::delivery, pick({0UL, 1UL, 3UL, 5UL}));
    add(ListEventKind::lift, pick({0UL, 0UL, 1UL}));
    add(ListEventKind::reconfirm, pick({0UL, 0UL, 1UL}));
    const auto acts = pick({0UL, 0UL, 1UL});
    for (const auto kind : {ListEventKind::confirm, ListEventKind::add, ListEventKind::complaint})
      add(kind, acts);
    if (!without.acts_that_reach_back)
      for (const auto kind : {ListEventKind::undo, ListEventKind::revert}) add(kind, acts);
    if (!without.take_backs) add(ListEventKind::take_back, pick({0UL, 2UL, 4UL}));
    hard_in_ten_ = pick({1UL, 5UL, 9UL});
  }

  std::vector<ListEvent> make(std::size_t count) {
    const Duration span = pick({4, 20, 60, 400, 400}) * kDay;
    std::vector<Time> bursts(std::max<std::size_t>(1, count / (1 + below(6))));
    for (auto& burst : bursts)
      burst = kStart + 10 * kDay + Duration(below(static_cast<std::size_t>(span.count())));
    std::vector<ListEvent> events;
    for (std::size_t tries = 0; events.size() < count && tries < 20 * count; ++tries) {
      const auto at = pick(bursts) + pick({Duration(0), Duration(0), Duration(0), Duration(1), Duration(1),
                                           Duration(600), Duration(5 * kHour), Duration(17 * kHour),
                                           Duration(3 * kDay), Duration(4 * kDay)});
      auto event = make_one(events, pick(kinds_), at, static_cast<std::int64_t>(tries + 1));
      if (!event) continue;
      const auto same = [&](const ListEvent& other) { return too_like(other.id, event->id); };
      if (std::none_of(events.begin(), events.end(), same)) events.push_back(std::move(*event));
    }
    return events;
  }

  // Events that may be mistaken for readings of one another.
  static bool too_like(const EventId& a, const EventId& b) {
    return same_event(a, b) || (!a.is_act() && a.kind == b.kind && a.phase == b.phase &&
                                a.message.queue_id == b.message.queue_id &&
                                std::chrono::abs(a.message.entered - b.message.entered) <= 3 * kEntryApart);
  }

  std::optional<ListEvent> make_one(const std::vector<ListEvent>& events, ListEventKind kind, Time at,
                                    std::int64_t number) {
    switch (kind) {
      case ListEventKind::failure:
        return make_failure(events, at);
      case ListEventKind::complaint: {
        auto event = event_of(kind, at, entered(at), queue_id(entered(at)));
        event.details = AddDetails{.kind = SuppressionKind::complaint, .until = {}, .scope = scope()};
        return event;
      }
      case ListEventKind::delivery:
        return event_of(kind, at, entered(at), queue_id(entered(at)));
      case ListEventKind::take_back: {
        const auto named =
            earlier(events, at, [](const EventId& id) { return id.kind == ListEventKind::delivery; });
        if (!named) return {};
        const auto later =
            pick({Duration(0), Duration(1), Duration(kDay), Duration(4 * kDay), Duration(40 * kDay)});
        return take_back_of(named->ended + later, *named);
      }
      case ListEventKind::revert: {
        const auto named = earlier(events, at, [](const EventId& id) { return id.is_act(); });
        if (!named) return {};
        return revert_of(at, number, *named);
      }
      case ListEventKind::undo: {
        auto undo = act_of(kind, at, number);
        const auto since = at - pick({Duration(0), Duration(kHour), Duration(kDay), Duration(9 * kDay)});
        UndoDetails details{.since = since,
                            .until = since + pick({Duration(1), Duration(kHour), Duration(3 * kDay)})};
        if (one_in(4)) details.category = Category::bad_domain;
        if (one_in(4)) details.provider = kProvider;
        undo.details = details;
        return undo;
      }
      case ListEventKind::lift: {
        auto lift = act_of(kind, at, number);
        if (one_in(2))
          lift.details = LiftDetails{
              .kind = pick({SuppressionKind::complaint, SuppressionKind::hard, SuppressionKind::soft})};
        else if (one_in(2))
          lift.details = LiftDetails{.kind = {}, .scope = scope()};
        return lift;
      }
      default:
        return act_of(kind, at, number);
    }
  }

  std::string scope() { return pick({std::string(), std::string("a.example"), std::string("b.example")}); }

  ListEvent make_failure(const std::vector<ListEvent>& events, Time at) {
    const bool hard = below(10) < hard_in_ten_;
    const auto entry = entered(at);
    const auto category =
        hard ? pick({Category::bad_mailbox, Category::undetermined_permanent, Category::bad_domain})
             : Category::mailbox_full;
    auto event = failure_of(hard ? Action::hard : Action::soft, at, entry, queue_id(entry), category,
                            category == Category::undetermined_permanent);
    const auto window =
        earlier(events, at, [](const EventId& id) { return id.phase == FailurePhase::window; });
    if (window && one_in(2))
      event.id.message = window->message;
    else if (!hard && one_in(5))
      event.id.phase = FailurePhase::window;
    return event;
  }

  template <typename Matches>
  std::optional<EventId> earlier(const std::vector<ListEvent>& events, Time at, Matches matches) {
    std::vector<EventId> found;
    for (const auto& event : events)
      if (event.id.ended <= at && matches(event.id)) found.push_back(event.id);
    if (found.empty()) return {};
    return pick(found);
  }

  Time entered(Time ended) {
    return ended - pick({Duration(0), Duration(0), Duration(60), Duration(kHour), Duration(kDay),
                         Duration(3 * kDay), Duration(5 * kDay)});
  }
  // Two messages with one queue id are further apart than two readings of one.
  std::string queue_id(Time entry) {
    return pick({"1Q", "2Q", "3Q", "4Q", "5Q"}) + std::to_string(to_unix(entry) / 60);
  }

  std::mt19937_64 random_;
  FoldSettings settings_;
  SettingsHistory history_;
  std::vector<PendingRange> brake_;
  std::vector<PendingRange> incidents_;
  std::vector<ListEventKind> kinds_;
  std::size_t hard_in_ten_ = 5;
  std::vector<ListEvent> events_;
};

/// An event and the clock when it is read.
using Arrival = std::pair<ListEvent, Time>;

inline const Time kLongAfter = kStart + 2000 * kDay;

/// As in another log: ended and entered a little later.
inline ListEvent reading_of(RandomSet& set, ListEvent event) {
  if (event.id.is_act()) return event;
  event.id.ended += Duration(set.below(3));
  event.id.message.entered += Duration(set.below(3));
  return event;
}

/// In any order, a third of them twice, when every delivery is settled.
inline std::vector<Arrival> shuffled(RandomSet& set) {
  std::vector<Arrival> arrivals;
  for (const auto& event : set.events()) {
    arrivals.emplace_back(event, kLongAfter);
    if (set.one_in(3)) arrivals.emplace_back(reading_of(set, event), kLongAfter);
  }
  set.shuffle(arrivals);
  return arrivals;
}

/// Reports are read as they come; other events at once, late or very late, and some twice, with the later
/// reading first or last.
inline std::vector<Arrival> by_clock(RandomSet& set) {
  std::vector<Arrival> arrivals;
  for (const auto& event : set.events()) {
    const auto late = set.pick({Duration(0), Duration(0), Duration(1), Duration(kHour), Duration(3 * kDay),
                                Duration(35 * kDay), Duration(500 * kDay)});
    const auto at = event.id.ended + (event.id.kind == ListEventKind::take_back ? Duration(0) : late);
    arrivals.emplace_back(event, at);
    if (!set.one_in(3)) continue;
    const auto again =
        at + set.pick({Duration(0), Duration(kDay), Duration(50 * kDay), Duration(500 * kDay)});
    arrivals.emplace_back(reading_of(set, event), again);
    if (event.id.kind == ListEventKind::take_back) continue;
    if (set.one_in(2)) std::swap(arrivals.back().second, arrivals[arrivals.size() - 2].second);
  }
  set.shuffle(arrivals);
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const Arrival& a, const Arrival& b) { return a.second < b.second; });
  return arrivals;
}

/// In the fold's order, each at most `by` places late.
inline std::vector<Arrival> displaced(RandomSet& set, std::size_t by) {
  const auto sorted = merge_readings(set.events());
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (std::size_t i = 0; i < sorted.size(); ++i) places.emplace_back(i + set.below(by), i);
  std::sort(places.begin(), places.end());
  std::vector<Arrival> arrivals;
  for (const auto& [place, index] : places) arrivals.emplace_back(sorted[index], kLongAfter);
  return arrivals;
}

inline KeptEvents take_all(const std::vector<Arrival>& arrivals, const FoldInput& input,
                           std::size_t most = kMostKept) {
  KeptEvents kept;
  for (const auto& [event, clock] : arrivals) {
    kept.take(event);
    kept.trim(input, clock, most);
  }
  return kept;
}

}  // namespace suppressd::fold_test
