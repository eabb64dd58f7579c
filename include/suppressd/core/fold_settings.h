// The configuration that the fold depends on, and since when it holds.
//
// A change of the configuration must not change the entries that are there: each event is folded by
// the keys of its own time, however often its address is folded again. Plain data; const functions are
// safe from any thread; nothing fails.
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

/// Row in `policy`: the settings hold for events that end at `since` or later.
struct DatedSettings {
  Time since;
  FoldSettings settings;

  bool operator==(const DatedSettings&) const = default;
};

class SettingsHistory {
 public:
  /// The settings hold for all time.
  explicit SettingsHistory(FoldSettings settings = {}) : rows_{{Time{}, std::move(settings)}} {}
  /// `rows`: in the order of `since`, at least one; the first also holds for all time before it.
  explicit SettingsHistory(std::vector<DatedSettings> rows) : rows_(std::move(rows)) {}

  const FoldSettings& at(Time ended) const;
  const FoldSettings& newest() const { return rows_.back().settings; }
  /// These hold from `now` on. Returns the row to store; nullopt: they are those that hold already.
  std::optional<DatedSettings> set(const FoldSettings& settings, Time now);

 private:
  std::vector<DatedSettings> rows_;
};

}  // namespace suppressd
