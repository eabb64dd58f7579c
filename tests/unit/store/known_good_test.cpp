// The counts of known-good sends, and how long they are kept.
#include <gtest/gtest.h>

#include "suppressd/core/incident.h"

#include "fixture.h"

namespace suppressd::test {
namespace {

using std::chrono::hours;

class KnownGoodRowsTest : public StoreTest {
 protected:
  static ProviderDomain place(const std::string& domain) {
    return {.provider = "example.com", .domain = domain};
  }
  static KnownGoodCounts counts(std::int64_t sends, std::int64_t failed) {
    return {.sends = sends, .days = sends * 2, .failed = failed, .again = 1};
  }
  template <typename Act>
  auto in_batch(Act act) {
    Ledger ledger = open_ledger();
    Batch batch = must(ledger.begin());
    auto result = must(act(batch));
    must(batch.commit());
    return result;
  }
  void add(const std::string& domain, Time start, const KnownGoodCounts& added) {
    Ledger ledger = open_ledger();
    Batch batch = must(ledger.begin());
    must(batch.add_known_good({{place(domain), {{start, added}}}}));
    must(batch.commit());
  }
  void forget(Time before) {
    Ledger ledger = open_ledger();
    Batch batch = must(ledger.begin());
    must(batch.forget_known_good(before));
    must(batch.commit());
  }
  KnownGoodBuckets stored(const std::string& domain) {
    return in_batch([&](Batch& batch) { return batch.known_good(place(domain)); });
  }
};

TEST_F(KnownGoodRowsTest, counts_are_added_to_what_is_stored) {
  add("b.example", kNow, counts(3, 1));
  add("b.example", kNow, counts(2, 1));
  add("b.example", kNow + hours(1), counts(1, 0));
  add("c.example", kNow, counts(9, 0));
  const KnownGoodBuckets expected{
      {kNow, {.sends = 5, .days = 10, .failed = 2, .again = 2}},
      {kNow + hours(1), {.sends = 1, .days = 2, .failed = 0, .again = 1}},
  };
  EXPECT_EQ(stored("b.example"), expected);
}

TEST_F(KnownGoodRowsTest, domains_with_addresses_that_failed_are_known) {
  add("", kNow, counts(9, 3));
  add("b.example", kNow, counts(3, 1));
  add("b.example", kNow + hours(1), counts(3, 1));
  add("c.example", kNow, counts(9, 0));
  const auto failed = in_batch([](Batch& batch) { return batch.known_good_failed("example.com"); });
  EXPECT_EQ(failed, std::vector<std::string>{"b.example"});
  EXPECT_TRUE(in_batch([](Batch& batch) { return batch.known_good_failed("other.example"); }).empty());
}

TEST_F(KnownGoodRowsTest, old_counts_are_forgotten_but_not_those_of_an_incident_or_the_day_before_it) {
  EXPECT_EQ(in_batch([](Batch& batch) { return batch.known_good_since(); }), Time::min());
  const auto old = kNow - hours(24 * 10);
  for (const auto* domain : {"", "b.example"}) {
    add(domain, old - hours(25), counts(1, 0));
    add(domain, old - hours(23), counts(2, 0));
    add(domain, old, counts(3, 3));
    add(domain, kNow, counts(4, 0));
  }
  in_batch([&](Batch& batch) {
    return batch.save(
        Incident{.id = 0,
                 .place = place("b.example"),
                 .span = {.since = old, .opened = old, .closed = {}, .last = old, .sends = 3, .failed = 3}});
  });
  forget(kNow - hours(48));
  EXPECT_EQ(in_batch([](Batch& batch) { return batch.known_good_since(); }), kNow - hours(48));
  EXPECT_EQ(stored("b.example").size(), 3U) << "it is open";
  EXPECT_EQ(stored("").size(), 3U) << "the provider is judged without what lies in its domain's";

  in_batch([&](Batch& batch) {
    auto incident = must(batch.incidents()).at(0);
    incident.span.closed = old + hours(3);
    return batch.save(incident);
  });
  forget(kNow - hours(48));
  EXPECT_EQ(stored("b.example").size(), 1U);
  EXPECT_EQ(stored("").size(), 1U);
  forget(kNow - hours(72));
  EXPECT_EQ(in_batch([](Batch& batch) { return batch.known_good_since(); }), kNow - hours(48))
      << "what is gone does not come back";
}

}  // namespace
}  // namespace suppressd::test
