// The known word that somebody probably meant.
//
// Pure, safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

/// The candidate with the fewest letters to add, drop, change or swap; empty: none is near (a third of the
/// word at most, or two letters).
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace suppressd
