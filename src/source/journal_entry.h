// Reads the current entry of an sd_journal. Used by journal_follower.cpp only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <systemd/sd-journal.h>

#include "suppressd/base/time.h"

namespace suppressd {

/// A field's value; nullopt: the entry has none. Valid until the next call on the journal.
std::optional<std::string_view> journal_field(sd_journal* journal, const char* name);

Time journal_time(sd_journal* journal);

/// The cursor of the entry; empty: there is none.
std::string journal_cursor(sd_journal* journal);

/// Distinguishes the MTA's entries, which no user can forge, from others, and remembers the MTA's
/// units.
class UnitFilter {
 public:
  explicit UnitFilter(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}
  bool matches(std::string_view unit);

  /// Whether the entry is from one of these units, or from a postsuper(1) that the superuser runs
  /// in a shell.
  bool believes(sd_journal* journal);

  /// Whether the entry is journald's own notice that it dropped messages, perhaps of one of these
  /// units.
  bool dropped(sd_journal* journal);

 private:
  std::vector<std::string> patterns_;
  std::map<std::string, bool, std::less<>> known_;
};

}  // namespace suppressd
