// Random sets of events of one address: the fold's properties, and whether a set gives its fold in whatever
// order it arrives.
//
// SUPPRESSD_MODEL_PROGRAMS says how many sets; the seed of one that fails is printed, and
// SUPPRESSD_MODEL_SEED begins there.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "../unit/core/fold_fixture.h"
#include "../unit/core/fold_properties.h"

namespace suppressd {
namespace {

using namespace fold_test;

constexpr std::uint64_t kEnough = 10;
constexpr int kOrders = 6;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Runs `check(seed)` for each seed; it returns what is wrong, or nothing.
template <typename Check>
void for_each_set(Check check) {
  const bool one =
      std::getenv("SUPPRESSD_MODEL_SEED") != nullptr && std::getenv("SUPPRESSD_MODEL_PROGRAMS") == nullptr;
  const auto first = number_from("SUPPRESSD_MODEL_SEED", 1);
  const auto count = one ? 1 : number_from("SUPPRESSD_MODEL_PROGRAMS", 1000);
  std::uint64_t wrong = 0;
  std::uint64_t seed = first;
  for (; seed < first + count && wrong < kEnough; ++seed) {
    const std::string what = check(seed);
    if (what.empty()) continue;
    ++wrong;
    ADD_FAILURE() << "set " << seed << ": " << what << "; SUPPRESSD_MODEL_SEED=" << seed << " runs it alone";
  }
  std::cout << seed - first << " sets from seed " << first << "\n";
}

template <typename Arrive>
std::string differing(RandomSet& set, Arrive arrive, std::size_t most = kMostKept) {
  const auto expected = fold(set.events(), set.input());
  for (int order = 0; order < kOrders; ++order)
    if (take_all(arrive(set), set.input(), most).fold(set.input()) != expected)
      return "an arrival differs from the fold";
  return {};
}

TEST(FoldModel, all_properties_hold) {
  for_each_set([](std::uint64_t seed) {
    RandomSet set(seed, 30);
    return Properties(set).broken();
  });
}

TEST(FoldModel, any_order_gives_the_fold) {
  for_each_set([](std::uint64_t seed) {
    RandomSet set(seed, 30, {.take_backs = true});
    return differing(set, shuffled);
  });
}

TEST(FoldModel, late_and_very_late_events_with_reports_as_they_come_give_the_fold) {
  for_each_set([](std::uint64_t seed) {
    RandomSet set(seed, 30);
    return differing(set, by_clock);
  });
}

TEST(FoldModel, a_checkpoint_gives_the_fold_where_no_event_is_older) {
  for_each_set([](std::uint64_t seed) {
    RandomSet set(seed, 60, {.take_backs = true, .acts_that_reach_back = true});
    return differing(
        set, [](RandomSet& events) { return displaced(events, 5); }, 12);
  });
}

}  // namespace
}  // namespace suppressd
