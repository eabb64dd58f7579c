#include "enforcement_watch.h"

#include <utility>

#include <spdlog/spdlog.h>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr std::chrono::seconds kEvery{1};

}  // namespace

void EnforcementWatch::look(Ledger& ledger, Time now) {
  if (Steady::now() < next_) return;
  next_ = Steady::now() + kEvery;
  auto found = ledger.enforcement_off(now);
  if (!found || *found == off_) return;
  off_ = std::move(*found);
  if (!off_) {
    spdlog::warn("enforcement is on again: recipients on the list are refused");
    return;
  }
  spdlog::warn(
      "enforcement is off until {}, by {}{}: recipients on the list are accepted, and recorded as monitored; "
      "`suppressctl enforcement on` ends it",
      format_time(off_->until), clean(off_->actor), off_->note.empty() ? "" : " (" + clean(off_->note) + ")");
}

}  // namespace suppressd
