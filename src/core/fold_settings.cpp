#include "suppressd/core/fold_settings.h"

#include <algorithm>

namespace suppressd {

const FoldSettings& SettingsHistory::at(Time ended) const {
  const auto later = std::upper_bound(rows_.begin(), rows_.end(), ended,
                                      [](Time time, const DatedSettings& row) { return time < row.since; });
  return later == rows_.begin() ? later->settings : std::prev(later)->settings;
}

// Rows of a time that has not come are of a clock that was wrong.
std::optional<DatedSettings> SettingsHistory::set(const FoldSettings& settings, Time now) {
  const auto rows = rows_.size();
  while (rows_.size() > 1 && rows_.back().since > now) rows_.pop_back();
  auto& newest = rows_.back();
  if (newest.settings == settings && rows_.size() == rows) return std::nullopt;
  if (newest.settings != settings) {
    if (now <= newest.since)
      newest.settings = settings;
    else
      rows_.push_back({now, settings});
  }
  return rows_.back();
}

}  // namespace suppressd
