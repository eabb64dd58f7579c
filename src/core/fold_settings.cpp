#include "suppressd/core/fold_settings.h"

#include <algorithm>

namespace suppressd {

const FoldSettings& SettingsHistory::at(Time ended) const {
  const auto later = std::upper_bound(rows_.begin(), rows_.end(), ended,
                                      [](Time time, const DatedSettings& row) { return time < row.since; });
  return later == rows_.begin() ? later->settings : std::prev(later)->settings;
}

// If the clock was set back, the newest row is replaced, so that rows stay in order.
std::optional<DatedSettings> SettingsHistory::set(const FoldSettings& settings, Time now) {
  auto& newest = rows_.back();
  if (newest.settings == settings) return std::nullopt;
  if (now <= newest.since)
    newest.settings = settings;
  else
    rows_.push_back({now, settings});
  return rows_.back();
}

}  // namespace suppressd
