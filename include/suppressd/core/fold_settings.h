// The configuration that the fold depends on, and since when.
//
// What the list says must not change when the configuration does: each event is folded by the keys that were
// in force at its time, however often its address is folded again. Plain data; safe from any thread.
#pragma once

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/policy.h"

namespace suppressd {

/// The keys that decide.
struct FoldSettings {
  PolicySettings policy;
  Duration report_window =
      std::chrono::hours(24 * 30);  ///< `report.window`: how long a delivery can be taken back.

  bool operator==(const FoldSettings&) const = default;
};

/// Row in `policy`: they hold for events that end at `since` or later.
struct DatedSettings {
  Time since;
  FoldSettings settings;

  bool operator==(const DatedSettings&) const = default;
};

class SettingsHistory {
 public:
  /// They hold for all time.
  explicit SettingsHistory(FoldSettings settings = {}) : rows_{{Time{}, std::move(settings)}} {}
  /// `rows`: by `since`, at least one; the first also holds for all time before it.
  explicit SettingsHistory(std::vector<DatedSettings> rows) : rows_(std::move(rows)) {}

  const FoldSettings& at(Time ended) const;
  const FoldSettings& newest() const { return rows_.back().settings; }
  /// From `now` on these hold. Returns the row that says so, or nullopt: they do already.
  std::optional<DatedSettings> set(const FoldSettings& settings, Time now);

 private:
  std::vector<DatedSettings> rows_;
};

}  // namespace suppressd
