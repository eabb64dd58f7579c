// What other rules would make of the list: the same logs, read twice.
//
// Both times from the beginning, into temporary copies that hold what people did (acts, entries by hand,
// exemptions) and the keys that decide, but nothing learned: once by the rules of the configuration, once by
// the others. So a difference comes from the rules alone. One thread.
#pragma once

#include <string>
#include <vector>

#include "suppressd/learn/learner.h"

#include "context.h"

namespace suppressd::ctl {

/// Prints who would enter, leave or change, and why. `rules`: files in place of `rules.files`. `logs`: in the
/// order in which they are read. Returns the exit status.
Result<int> compare_rules(Context& context, const std::vector<std::string>& rules,
                          const std::vector<std::string>& logs, const ReplayTerms& terms);

}  // namespace suppressd::ctl
