// A checkpoint as JSON: `recipient.checkpoint`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "suppressd/core/kept_events.h"

namespace suppressd {

std::string json_of(const Checkpoint& checkpoint);
/// nullopt: it is none.
std::optional<Checkpoint> checkpoint_from(std::string_view json);

}  // namespace suppressd
