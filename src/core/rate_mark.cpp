#include "suppressd/core/rate_mark.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "suppressd/base/enum_names.h"

namespace suppressd {
namespace {

constexpr std::array<std::string_view, 8> kMarkNames = {"",        "dead",  "again",   "soft",
                                                        "blocked", "other", "excused", "complaint"};

bool is_about_us(Category category) {
  switch (category) {
    case Category::blocked:
    case Category::rate_limited:
    case Category::auth:
    case Category::content:
    case Category::policy:
      return true;
    default:
      return false;
  }
}

bool is_report(const Outcome& outcome) {
  return outcome.ended_by == EndedBy::report;
}

/// The log tells the end of the send that a report is about.
bool is_end_known(const Outcome& report, std::span<const Evidence> rows) {
  return std::ranges::any_of(rows, [&](const Evidence& row) {
    return row.outcome.ends_send() && is_about(report.message, row.outcome.message);
  });
}

auto order_of(const Outcome& outcome) {
  const auto& message = outcome.message;
  return std::tie(message.entered, outcome.at, message.host, message.instance, message.queue_id,
                  outcome.ended_by);
}

class Marker {
 public:
  Marker(std::span<const Evidence> rows, const AddressRecord& record, const FoldInput& input)
      : rows_(rows), record_(record), input_(input), standing_(standing(record.events.events(), input)) {}

  std::vector<RateMark> marks() {
    std::vector<RateMark> marks;
    marks.reserve(rows_.size());
    for (const auto& row : rows_) marks.push_back(mark(row));
    mark_repeats(marks);
    return marks;
  }

 private:
  RateMark mark(const Evidence& row) const {
    const auto alone = mark_alone(row.outcome);
    if (alone == RateMark::nothing || alone == RateMark::complaint) return alone;
    if (is_report(row.outcome) && is_end_known(row.outcome, rows_)) return RateMark::nothing;
    if (alone != RateMark::dead && alone != RateMark::soft) return alone;
    const auto* const event = kept_event(row.outcome);
    if (event == nullptr) return row.rate.mark == RateMark::nothing ? alone : row.rate.mark;
    return is_excused(row, *event) ? RateMark::excused : alone;
  }

  const ListEvent* kept_event(const Outcome& outcome) const {
    const auto told = events_of(outcome);
    const auto& events = record_.events.events();
    const auto kept = std::ranges::find_if(
        events, [&](const ListEvent& event) { return same_event(event.id, told.front().id); });
    return kept == events.end() ? nullptr : &*kept;
  }

  bool is_excused(const Evidence& row, const ListEvent& event) const {
    if (std::ranges::find(standing_, &event) == standing_.end()) return true;
    if (!row.rate.known_good || row.outcome.reason.judgement.action != Action::hard) return false;
    if (incident_at(input_.incidents, row.outcome.reason.provider, input_.domain, row.outcome.at) == nullptr)
      return false;
    const auto* const entry = record_.state.find(SuppressionKind::hard);
    const bool confirmed =
        entry != nullptr && entry->state == SuppressionState::active && entry->since <= row.outcome.at;
    return !confirmed;
  }

  // Of one day and sender domain the first one counts.
  void mark_repeats(std::vector<RateMark>& marks) const {
    std::map<std::pair<Time, std::string_view>, std::size_t> first;
    const auto each_dead = [&](auto&& see) {
      for (std::size_t i = 0; i < marks.size(); ++i)
        if (marks[i] == RateMark::dead || marks[i] == RateMark::again)
          see(i, std::pair{rate_day(rows_[i].outcome.message.entered),
                           std::string_view(rows_[i].rate.keys.sender_domain)});
    };
    each_dead([&](std::size_t i, const auto& day) {
      const auto [known, fresh] = first.try_emplace(day, i);
      if (!fresh && order_of(rows_[i].outcome) < order_of(rows_[known->second].outcome)) known->second = i;
    });
    each_dead([&](std::size_t i, const auto& day) {
      marks[i] = first[day] == i ? RateMark::dead : RateMark::again;
    });
  }

  std::span<const Evidence> rows_;
  const AddressRecord& record_;
  const FoldInput& input_;
  std::vector<const ListEvent*> standing_;
};

}  // namespace

std::string_view name_of(RateMark mark) {
  return kMarkNames[static_cast<std::size_t>(mark)];
}

std::optional<RateMark> rate_mark_from(std::string_view name) {
  return enum_from<RateMark>(kMarkNames, name);
}

RateCounts counts_of(const Outcome& outcome, RateMark mark) {
  RateCounts counts;
  if (mark == RateMark::nothing) return counts;
  counts.sent = outcome.ends_send() ? 1 : 0;
  switch (mark) {
    case RateMark::nothing:
      break;
    case RateMark::dead:
      counts.dead = 1;
      break;
    case RateMark::again:
      counts.again = 1;
      break;
    case RateMark::soft:
      counts.soft = 1;
      break;
    case RateMark::blocked:
      counts.blocked = 1;
      break;
    case RateMark::other:
      counts.other = 1;
      break;
    case RateMark::excused:
      counts.excused = 1;
      break;
    case RateMark::complaint:
      counts.complaints = 1;
      break;
  }
  return counts;
}

bool is_new_delivery(const KeptEvents& events, const EventId& delivery) {
  std::size_t kept = 0;
  auto oldest = Time::max();
  for (const auto& event : events.events()) {
    if (event.id.kind != ListEventKind::delivery) continue;
    ++kept;
    oldest = std::min(oldest, event.id.ended);
  }
  return kept < kMostDeliveriesAlone || delivery.ended >= oldest;
}

RateMark mark_alone(const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::complaint) return RateMark::complaint;
  if (outcome.kind != OutcomeKind::failed || outcome.ended_by == EndedBy::window) return RateMark::nothing;
  const auto& judgement = outcome.reason.judgement;
  if (judgement.action == Action::hard) return RateMark::dead;
  if (judgement.action == Action::soft) return RateMark::soft;
  return is_about_us(judgement.category) ? RateMark::blocked : RateMark::other;
}

std::vector<RateMark> marks_of(std::span<const Evidence> rows, const AddressRecord& record,
                               const FoldInput& input) {
  return Marker(rows, record, input).marks();
}

}  // namespace suppressd
