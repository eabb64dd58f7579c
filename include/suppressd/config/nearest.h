// The known word that the user probably meant.
//
// Pure, safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

/// The candidate with the fewest letters to add, drop, change or swap; empty: none is near (at most a third
/// of the word, or two letters).
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace suppressd
