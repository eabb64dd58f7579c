#include "suppressd/core/outcome.h"

#include <array>

#include "suppressd/base/enum_names.h"

namespace suppressd {
namespace {

constexpr std::array<std::string_view, 4> kKinds{"delivered", "relayed", "failed", "complaint"};
constexpr std::array<std::string_view, 2> kOrigins{"log", "report"};
constexpr std::array<std::string_view, 5> kEnds{"", "bounced", "expired", "window", "report"};

}  // namespace

std::string_view name_of(OutcomeKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}
std::string_view name_of(Origin origin) {
  return kOrigins[static_cast<std::size_t>(origin)];
}
std::string_view name_of(EndedBy ended_by) {
  return kEnds[static_cast<std::size_t>(ended_by)];
}
std::optional<OutcomeKind> outcome_kind_from(std::string_view name) {
  return enum_from<OutcomeKind>(kKinds, name);
}
std::optional<Origin> origin_from(std::string_view name) {
  return enum_from<Origin>(kOrigins, name);
}
std::optional<EndedBy> ended_by_from(std::string_view name) {
  return enum_from<EndedBy>(kEnds, name);
}

std::string natural_key(const Outcome& outcome) {
  return natural_key(outcome.address, outcome.at, outcome.message, outcome.kind);
}

std::string natural_key(std::string_view address, Time at, const MessageKey& message, OutcomeKind kind) {
  std::string key{address};
  key.append("|").append(std::to_string(to_unix(at)));
  key.append("|").append(message.host);
  key.append("|").append(message.queue_id);
  key.append("|").append(name_of(kind));
  return key;
}

}  // namespace suppressd
