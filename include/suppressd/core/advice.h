// Where to look when a provider refuses our mail because of us: the list or the check that its words name,
// and the pages of providers for senders. Constant tables; pure, safe from any thread; nothing fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/incident.h"

namespace suppressd {

struct Advice {
  std::string what;  ///< `Spamhaus: whether our address or domain is listed, and how to be removed`
  std::string page;

  bool operator==(const Advice&) const = default;
};

/// What is wrong in an incident of our own, for people: `25 of 60 sends within an hour ...`.
std::string finding(const Incident& incident);
/// Where to look, most useful first.
std::vector<Advice> where_to_look(const Incident& incident);

/// What a server's words name, in the order of the table; each once.
std::vector<Advice> advice_in(std::string_view reply);
/// The provider's page for senders; without one, its postmaster's address.
Advice advice_at(std::string_view provider);

}  // namespace suppressd
