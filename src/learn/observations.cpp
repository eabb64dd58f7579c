#include "suppressd/learn/observations.h"

#include <utility>

namespace suppressd {

void Observations::add_attempt(Time at, std::string_view provider) {
  constexpr std::size_t kLongest = 255;  // of a domain, RFC 1035 section 2.3.4; a log may say anything
  provider = provider.substr(0, kLongest);
  auto known = index_.find(provider);
  if (known == index_.end()) {
    known = index_.emplace(std::string{provider}, static_cast<std::uint32_t>(providers.size())).first;
    providers.emplace_back(provider);
  }
  steps.push_back({Step::Kind::attempt, known->second, at});
}

void Observations::add(Outcome outcome) {
  steps.push_back({Step::Kind::outcome, static_cast<std::uint32_t>(outcomes.size()), outcome.at});
  outcomes.push_back(std::move(outcome));
}

}  // namespace suppressd
