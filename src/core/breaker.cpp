#include "suppressd/core/breaker.h"

#include <algorithm>
#include <set>
#include <utility>

#include "suppressd/base/enum_names.h"
#include "suppressd/core/rate.h"
#include "suppressd/core/suppression.h"

namespace suppressd {
namespace {

constexpr std::array<std::string_view, kBreakerDimensions.size()> kDimensionNames = {
    "campaign", "source", "account", "sender-domain"};
constexpr std::array<std::string_view, 5> kStateNames = {"paused", "testing", "by-hand", "closed", "resumed"};

constexpr Duration kCampaignOver = std::chrono::hours(24 * 30);  // a test waits so long for a message
constexpr std::string_view kBy = " (by ";
constexpr std::int64_t kPerDead = 50;  // one dead of so many sends passes
constexpr std::int64_t kTenths = 9;    // of the sends of a batch have ended when it is judged

// Rates are counted by the hour. What was sent in the hour of the pause's begin counts no more.
Time counted_from(Time paused, Time tested) {
  const auto hour = rate_hour(tested);
  return hour > rate_hour(paused) ? hour : hour + std::chrono::hours(1);
}

enum class TestResult { open, passed, failed };

TestResult result_of(const BreakerTest& test, const BreakerSettings& settings, Time now) {
  const auto whole = std::max(test.sends, settings.test_messages);
  if (test.dead > most_dead(whole)) return TestResult::failed;
  const bool full = test.messages >= settings.test_messages && test.ended * 10 >= test.sends * kTenths;
  const bool over = test.first && now >= *test.first + settings.test_for;
  if (!full && !over) return TestResult::open;
  return test.ended > 0 && test.dead <= most_dead(test.ended) ? TestResult::passed : TestResult::failed;
}

void pause(Breaker& breaker, const BreakerSettings& settings, Time since) {
  breaker.since = since;
  breaker.until.reset();
  breaker.state = BreakerState::by_hand;
  if (breaker.pauses >= std::ssize(settings.pauses)) return;
  breaker.state = BreakerState::paused;
  breaker.until = end_of(since, settings.pauses[static_cast<std::size_t>(breaker.pauses)]);
  ++breaker.pauses;
}

void begin_test(Breaker& breaker) {
  const auto tested = breaker.until.value_or(breaker.since);
  breaker.counted_from = counted_from(breaker.since, tested);
  breaker.state = BreakerState::testing;
  breaker.since = tested;
  breaker.until.reset();
}

void open(Breaker& breaker, const BreakerAlert& alert, const BreakerSettings& settings) {
  breaker.opened = std::max(alert.opened, breaker.since);
  breaker.why = alert.why;
  breaker.alert = alert.id;
  breaker.brought_by = alert.brought_by;
  breaker.pauses = 0;
  breaker.actor = kProgram;
  breaker.note.clear();
  pause(breaker, settings, breaker.opened);
}

}  // namespace

std::string_view name_of(BreakerDimension dimension) {
  return kDimensionNames[static_cast<std::size_t>(dimension)];
}
std::optional<BreakerDimension> breaker_dimension_from(std::string_view name) {
  return enum_from<BreakerDimension>(kDimensionNames, name);
}
std::string_view name_of(BreakerState state) {
  return kStateNames[static_cast<std::size_t>(state)];
}
std::optional<BreakerState> breaker_state_from(std::string_view name) {
  return enum_from<BreakerState>(kStateNames, name);
}

bool BreakerSettings::watches(BreakerDimension dimension) const {
  return std::ranges::find(dimensions, dimension) != dimensions.end();
}

const TagSource* source_of(const TagSources& sources, BreakerDimension dimension) {
  switch (dimension) {
    case BreakerDimension::campaign:
      return &sources.campaign;
    case BreakerDimension::source:
      return &sources.source;
    case BreakerDimension::account:
      return &sources.account;
    case BreakerDimension::sender_domain:
      break;
  }
  return nullptr;
}

const std::string* tag_of(const Tags& tags, BreakerDimension dimension) {
  switch (dimension) {
    case BreakerDimension::campaign:
      return &tags.campaign;
    case BreakerDimension::source:
      return &tags.source;
    case BreakerDimension::account:
      return &tags.account;
    case BreakerDimension::sender_domain:
      break;
  }
  return nullptr;
}

bool known_at_mail(const TagSources& sources, BreakerDimension dimension) {
  const auto* source = source_of(sources, dimension);
  return source == nullptr || source->from == TagSource::From::sasl;
}

std::string BreakerPlace::words() const {
  return std::string(name_of(dimension)) + " " + name;
}

std::int64_t most_dead(std::int64_t ended) {
  return (ended + kPerDead - 1) / kPerDead;
}

Breaker advance(Breaker breaker, const BreakerTest& test, std::int64_t newest_alert,
                const BreakerSettings& settings, Time now) {
  if (breaker.state == BreakerState::paused && breaker.until && now >= *breaker.until) {
    begin_test(breaker);
  } else if (breaker.state == BreakerState::testing) {
    if (test.messages == 0 && now >= breaker.since + kCampaignOver) {
      breaker.state = BreakerState::closed;  // nobody sends it any more
      breaker.since = now;
      return breaker;
    }
    const auto result = result_of(test, settings, now);
    if (result == TestResult::open) return breaker;
    breaker.alert = std::max(breaker.alert, newest_alert);
    if (result == TestResult::passed) {
      breaker.state = BreakerState::closed;
      breaker.since = now;
    } else {
      pause(breaker, settings, now);
    }
  } else if (breaker.state == BreakerState::resumed && breaker.until && now >= *breaker.until) {
    // From now on, alerts that are still open count.
    breaker.state = BreakerState::closed;
    breaker.since = *breaker.until;
    breaker.until.reset();
    breaker.alert = 0;
  }
  return breaker;
}

std::vector<Breaker> step(const BreakerView& view, const BreakerSettings& settings, Time now) {
  std::map<BreakerPlace, Breaker> before;
  for (const auto& breaker : view.breakers) before.emplace(breaker.place, breaker);
  auto after = before;
  for (auto& [place, breaker] : after) {
    if (!settings.watches(place.dimension)) continue;
    const auto test = view.tests.find(place);
    const auto newest = view.newest_alerts.find(place);
    breaker = advance(std::move(breaker), test == view.tests.end() ? BreakerTest{} : test->second,
                      newest == view.newest_alerts.end() ? 0 : newest->second, settings, now);
  }
  for (const auto& alert : view.alerts) {
    if (!settings.watches(alert.place.dimension) || alert.place.name.empty() || alert.place.name == kOtherTag)
      continue;
    Breaker fresh;
    fresh.place = alert.place;
    const auto [found, added] = after.try_emplace(alert.place, std::move(fresh));
    auto& breaker = found->second;
    const bool news = alert.id > breaker.alert && std::max(alert.opened, breaker.since) > now - kAlertIsNews;
    if (breaker.state == BreakerState::closed && news)
      open(breaker, alert, settings);
    else if (added)
      after.erase(found);
  }
  std::vector<Breaker> changed;
  for (auto& [place, breaker] : after)
    if (const auto known = before.find(place); known == before.end() || known->second != breaker)
      changed.push_back(std::move(breaker));
  return changed;
}

Breaker resume(Breaker breaker, std::int64_t newest_alert, Duration length, std::string actor,
               std::string note, Time now) {
  breaker.state = BreakerState::resumed;
  breaker.since = now;
  breaker.until = end_of(now, length);
  breaker.counted_from = rate_hour(now) + std::chrono::hours(1);
  breaker.alert = std::max(breaker.alert, newest_alert);
  breaker.actor = std::move(actor);
  breaker.note = std::move(note);
  return breaker;
}

std::string words_of(const Breaker& breaker) {
  const auto begin = breaker.place.words() + " is ";
  const auto until = breaker.until ? " until " + format_time(*breaker.until) : std::string{};
  switch (breaker.state) {
    case BreakerState::paused:
      return begin + "paused" + until + ": " + breaker.why;
    case BreakerState::testing:
      return begin + "paused but for test messages: " + breaker.why;
    case BreakerState::by_hand:
      return begin + "paused until it is resumed by hand: " + breaker.why;
    case BreakerState::closed:
      return begin + "no longer paused";
    case BreakerState::resumed:
      return begin + "resumed" + until + (breaker.note.empty() ? "" : ": " + breaker.note);
  }
  return begin;
}

std::string foreign_name(std::string_view value, std::string_view brought_by) {
  return std::string(value).append(kBy).append(brought_by).append(")");
}

bool looks_foreign(std::string_view value) {
  return value.ends_with(')') && value.find(kBy) != std::string_view::npos;
}

}  // namespace suppressd
