#include "suppressd/core/domain_sends.h"

#include <iterator>

namespace suppressd {
namespace {

constexpr std::int64_t kTakenPerFailed = 9;

// Most sends are of the newest hour.
DomainSends& of_hour(std::map<Time, DomainSends>& hours, Time hour) {
  if (!hours.empty() && std::prev(hours.end())->first == hour) return std::prev(hours.end())->second;
  return hours.try_emplace(hours.end(), hour)->second;
}

void make_later(std::optional<Time>& newest, const std::optional<Time>& at) {
  if (at && (!newest || *newest < *at)) newest = at;
}

}  // namespace

Fault fault_of(Category category) {
  switch (category) {
    case Category::connection:
    case Category::dns:
      return Fault::host;
    case Category::greylisted:
    case Category::server_error:
    case Category::undetermined_temporary:
      return Fault::either;
    default:
      return Fault::address;
  }
}

DomainSends& DomainSends::operator+=(const DomainSends& more) {
  taken += more.taken;
  failed += more.failed;
  return *this;
}

bool takes_mail(const DomainSends& sends) {
  return sends.taken > 0 && sends.taken >= kTakenPerFailed * sends.failed;
}

Time hour_of(Time at) {
  return std::chrono::floor<std::chrono::hours>(at);
}

void DomainHistory::add(Time at, const DomainSends& sends) {
  make_later(ended, at);
  of_hour(hours, hour_of(at)) += sends;
}

void DomainHistory::add(const DomainHistory& more) {
  make_later(delivered, more.delivered);
  make_later(ended, more.ended);
  for (const auto& [hour, sends] : more.hours) hours[hour] += sends;
  if (ended) hours.erase(hours.begin(), hours.upper_bound(hour_of(*ended) - kDomainHoursKept));
  std::erase_if(hours, [](const auto& hour) { return hour.second == DomainSends{}; });
}

DomainSends DomainHistory::between(Time from, Time to) const {
  DomainSends sends;
  for (auto hour = hours.lower_bound(hour_of(from)); hour != hours.end() && hour->first <= to; ++hour)
    sends += hour->second;
  return sends;
}

DomainHistory& DomainTally::of(std::string_view domain) {
  const auto known = domains_.find(domain);
  return known != domains_.end() ? known->second : domains_.try_emplace(std::string(domain)).first->second;
}

void DomainTally::add_delivery(std::string_view domain, Time at) {
  auto& history = of(domain);
  make_later(history.delivered, at);
  history.add(at, {.taken = 1, .failed = 0});
}

void DomainTally::forget_delivery(std::string_view domain, Time at) {
  of(domain).hours[hour_of(at)] += {.taken = -1, .failed = 0};
}

void DomainTally::see_delivery(std::string_view domain, Time at) {
  auto& history = of(domain);
  make_later(history.delivered, at);
  make_later(history.ended, at);
}

void DomainTally::add_failure(std::string_view domain, Time at) {
  of(domain).add(at, {.taken = 0, .failed = 1});
}

const DomainHistory* DomainTally::find(std::string_view domain) const {
  const auto known = domains_.find(domain);
  return known != domains_.end() ? &known->second : nullptr;
}

}  // namespace suppressd
