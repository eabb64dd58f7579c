// A checkpoint as JSON: `recipient.checkpoint` (doc/formats.md). Pure functions, safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "suppressd/core/kept_events.h"

namespace suppressd {

std::string json_of(const Checkpoint& checkpoint);
/// nullopt: it is empty or cannot be read.
std::optional<Checkpoint> checkpoint_from(std::string_view json);

}  // namespace suppressd
