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

/// `--limt; did you mean --limit?`, without the question if none is near. `dashes`: what stands before the
/// word and the candidate.
std::string did_you_mean(const std::string& dashes, const std::string& word,
                         const std::vector<std::string>& candidates);

}  // namespace suppressd
