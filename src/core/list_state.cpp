#include "suppressd/core/list_state.h"

#include <algorithm>

namespace suppressd {
namespace {

// Calls `count` for each failure that counts.
template <typename Count>
void walk_streak(const std::vector<SoftFailure>& set, Duration min_interval, Count count) {
  const SoftFailure* counted = nullptr;
  for (const auto& failure : set) {
    if (counted != nullptr && failure.message.entered - counted->message.entered < min_interval) continue;
    counted = &failure;
    count(failure);
  }
}

}  // namespace

int count_streak(const std::vector<SoftFailure>& set, Duration min_interval) {
  int counted = 0;
  walk_streak(set, min_interval, [&](const SoftFailure&) { ++counted; });
  return counted;
}

void drop_uncounted(std::vector<SoftFailure>& set, Duration min_interval) {
  std::vector<SoftFailure> counted;
  walk_streak(set, min_interval, [&](const SoftFailure& failure) { counted.push_back(failure); });
  set = std::move(counted);
}

const ListEntry* ListState::find(SuppressionKind kind, std::string_view scope) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const ListEntry& entry) {
    return entry.kind == kind && entry.scope == scope;
  });
  return found == entries.end() ? nullptr : &*found;
}

ListEntry* ListState::find(SuppressionKind kind, std::string_view scope) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const ListEntry& entry) {
    return entry.kind == kind && entry.scope == scope;
  });
  return found == entries.end() ? nullptr : &*found;
}

const ListEntry* ListState::refusing(Time at) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const ListEntry& entry) { return entry.in_force(at); });
  return found == entries.end() ? nullptr : &*found;
}

std::vector<SoftFailure> ListState::streak(const PolicySettings& settings, Time at) const {
  std::vector<SoftFailure> counted;
  if (!newest_soft || at - *newest_soft >= settings.stale_after) return counted;
  walk_streak(soft_set, settings.min_interval,
              [&](const SoftFailure& failure) { counted.push_back(failure); });
  return counted;
}

bool ListState::nothing_learned(const PolicySettings& settings, Time at) const {
  for (const auto kind : {SuppressionKind::hard, SuppressionKind::soft})
    if (const auto* entry = find(kind); entry != nullptr && entry->shown(at)) return false;
  return hard_ladder.step == 0 && soft_ladder.step == 0 &&
         (!newest_soft || at - *newest_soft >= settings.stale_after);
}

}  // namespace suppressd
