// How an MTA's own words begin, and the stage that follows from it. Private to this layer.
#pragma once

#include <string_view>

#include "suppressd/base/text.h"
#include "suppressd/core/reply.h"

namespace suppressd {

struct Opening {
  std::string_view words;
  Stage stage;
};

/// The stage of the first of `openings` that `text` begins with, ignoring case; unknown if there is
/// none.
template <typename Openings>
Stage stage_by_opening(const Openings& openings, std::string_view text) {
  for (const Opening& opening : openings) {
    if (starts_with_ignoring_case(text, opening.words)) return opening.stage;
  }
  return Stage::unknown;
}

}  // namespace suppressd
