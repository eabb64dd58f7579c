#include "wording.h"

#include <array>
#include <cstdint>

namespace suppressd::ctl {
namespace {

struct Unit {
  std::int64_t seconds;
  std::int64_t least;  ///< Below this number, the next smaller unit says more: 30 hours rather than 1 day.
  std::string_view name;
};
constexpr std::array<Unit, 5> kUnits = {
    {{365 * 86400, 2, "year"}, {86400, 2, "day"}, {3600, 2, "hour"}, {60, 2, "minute"}, {1, 1, "second"}}};

}  // namespace

std::string_view state_word(const Suppression& entry, Time now) {
  return entry.ended(now) ? "ended" : name_of(entry.state);
}

std::string relative(Time time, Time now) {
  const std::int64_t distance = (time - now).count();
  const std::int64_t length = distance < 0 ? -distance : distance;
  for (const auto& unit : kUnits) {
    const std::int64_t count = length / unit.seconds;
    if (count < unit.least) continue;
    const std::string words = std::to_string(count) + ' ' + std::string(unit.name) + (count == 1 ? "" : "s");
    return distance < 0 ? words + " ago" : "in " + words;
  }
  return "now";
}

std::string time_in_words(Time time, Time now) {
  return format_time(time) + " (" + relative(time, now) + ")";
}

std::string end_in_words(const std::optional<Time>& until, Time now) {
  if (!until) return "permanent";
  return (*until <= now ? "ended " : "until ") + time_in_words(*until, now);
}

std::string pending_by(const Suppression& entry, std::int64_t incident) {
  if (entry.state != SuppressionState::pending) return {};
  if (incident != 0) return "incident " + std::to_string(incident);
  return entry.actor == kProgram ? "brake" : "";
}

std::string answer_of(const LookupResult& verdict) {
  const bool half_open = verdict.answer == LookupResult::Answer::half_open;
  const auto refusal = half_open ? half_open_text(verdict.entry) : refusal_text(verdict.entry);
  return "550 " + refusal.status + " " + refusal.text;
}

std::vector<std::string> half_open_in_words(const LookupResult& verdict, Time now) {
  if (!verdict.probe)
    return {"half open: the next message tests the address, and others are refused until it is known how",
            "that ends; a delivery ends the entry, a failure suppresses the address again"};
  const auto& probe = *verdict.probe;
  const std::string id = probe.queue_id.empty() ? "" : " " + probe.queue_id;
  const std::string to = probe.recipient == probe.address ? "" : " to " + probe.recipient;
  return {
      "half open: message" + id + to + " tests the address since " + time_in_words(probe.since, now) + ";",
      "others are refused until the log tells how that ends, or that it left the queue"};
}

std::string kind_in_words(const Suppression& entry) {
  std::string words = "kind " + std::string(name_of(entry.kind));
  if (!entry.category.empty() && entry.category != name_of(entry.kind))
    words += ", category " + entry.category;
  if (!entry.scope.empty()) words += ", for mail from " + entry.scope;
  return words;
}

}  // namespace suppressd::ctl
