// The failed sends that an undo is about, in `evidence`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "suppressd/core/list_event.h"
#include "suppressd/core/outcome.h"

#include "database.h"

namespace suppressd {

/// Addresses with a failure that the undo takes out, each once, sorted.
std::vector<std::string> undone_by(Database& database, const UndoDetails& undo);

/// The sends that failed in its hours, and so were lost, oldest first: those of action none, too, but none
/// whose message may still be in the queue.
void each_lost(Database& database, const UndoDetails& undo, const std::function<void(const Evidence&)>& take);

}  // namespace suppressd
