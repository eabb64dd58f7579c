#include <gtest/gtest.h>

#include "fixture.h"

namespace suppressd::test {
namespace {

class RetentionTest : public StoreTest {
 protected:
  RetentionTest() : ledger_(open_ledger()), shell_(path_) {}

  /// Until there is nothing left to do; returns the number of turns.
  int expunge_all(Time now = kNow, int limit = 1000) {
    int turns = 1;
    while (must(ledger_.expunge(settings_, now, limit))) ++turns;
    return turns;
  }
  template <typename Act>
  void write(Act&& act) {
    Batch batch = must(ledger_.begin());
    act(batch);
    must(batch.commit());
  }
  Refusal refusal(Time at, std::string outcome = "refused") {
    return {.at = at,
            .address = "a@b.example",
            .kind = "hard",
            .category = "bad-mailbox",
            .outcome = std::move(outcome)};
  }

  RetentionSettings settings_;
  Ledger ledger_;
  Shell shell_;
};

TEST_F(RetentionTest, old_refusals_become_daily_counts) {
  const Time old = kNow - 31 * kDay;
  write([&](Batch& batch) {
    must(batch.add_refusals({refusal(old), refusal(old), refusal(old - kDay), refusal(old, "monitored"),
                             refusal(kNow - 29 * kDay)},
                            0));
  });
  expunge_all();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM refusal"), "1");
  EXPECT_EQ(shell_.ask("SELECT day, kind, category, outcome, count FROM refusal_day ORDER BY day, outcome"),
            "2026-09-30|hard|bad-mailbox|refused|1\n2026-10-01|hard|bad-mailbox|monitored|1\n2026-10-01|hard|"
            "bad-mailbox|refused|2");
}

TEST_F(RetentionTest, a_transaction_removes_no_more_than_the_limit) {
  write([&](Batch& batch) {
    must(batch.add_refusals(std::vector<Refusal>(25, refusal(kNow - 40 * kDay)), 0));
  });
  EXPECT_TRUE(must(ledger_.expunge(settings_, kNow, 10)));
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM refusal"), "15");
  expunge_all(kNow, 10);
  EXPECT_EQ(shell_.ask("SELECT (SELECT count(*) FROM refusal), (SELECT sum(count) FROM refusal_day)"),
            "0|25");
}

TEST_F(RetentionTest, recipients_with_only_an_old_delivery_are_removed) {
  const Time old = kNow - 401 * kDay;
  const auto know = [&](Batch& batch, const std::string& address, const Recipient& recipient) {
    AddressRecord* record = must(batch.record(address));
    record->recipient = recipient;
    batch.changed(*record);
    return record;
  };
  write([&](Batch& batch) {
    know(batch, "old@b.example", {.last_delivery = old});
    know(batch, "new@b.example", {.last_delivery = kNow - 399 * kDay});
    know(batch, "failed@b.example", {.last_delivery = old});
    auto* failed = must(batch.record("failed@b.example"));
    for (auto& event : events_of(failure("failed@b.example", old))) failed->events.take(std::move(event));
    batch.changed(*failed);
    auto* record = know(batch, "entry@b.example", {.last_delivery = old});
    record->entry(SuppressionKind::hard) = entry("entry@b.example", SuppressionKind::hard);
    batch.changed(*record);
    for (int i = 0; i < 300; ++i)
      know(batch, "user" + std::to_string(i) + "@b.example", {.last_delivery = i % 2 ? old : kNow});
  });
  expunge_all(kNow, 7);
  EXPECT_EQ(shell_.ask("SELECT address FROM recipient WHERE address NOT GLOB 'user*' ORDER BY 1"),
            "entry@b.example\nfailed@b.example\nnew@b.example");
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM recipient WHERE address GLOB 'user*'"), "150");
}

TEST_F(RetentionTest, domains_that_are_not_heard_of_are_removed_unless_something_is_known_of_them) {
  write([&](Batch& batch) {
    for (const auto* domain : {"old.example", "failing.example"})
      must(batch.add(domain, {.delivered = kNow - 500 * kDay, .ended = kNow - 401 * kDay, .hours = {}}));
    must(batch.add("new.example", {.delivered = kNow - 500 * kDay, .ended = kNow - 399 * kDay, .hours = {}}));
    auto* record = must(batch.record("@failing.example"));
    record->recipient.streak = 3;
    record->entry(SuppressionKind::soft) = entry("@failing.example", SuppressionKind::soft);
    batch.changed(*record);
  });
  expunge_all(kNow, 1);
  EXPECT_EQ(shell_.ask("SELECT domain FROM domain ORDER BY 1"), "failing.example\nnew.example");
}

TEST_F(RetentionTest, old_cursors_are_removed_but_never_the_newest_of_a_source) {
  write([&](Batch& batch) {
    for (const char* source : {"/var/log/mail.log", "/var/log/other.log"})
      for (int i = 0; i < 3; ++i)
        must(batch.save_cursor({.kind = "file",
                                .source = source,
                                .first_line = std::to_string(i),
                                .last_time = kNow - 500 * kDay}));
    must(batch.add_gap({.from = kNow - 500 * kDay, .to = kNow - 500 * kDay, .source = "s", .reason = "r"}));
  });
  expunge_all();
  EXPECT_EQ(shell_.ask("SELECT source, first_line FROM cursor ORDER BY source"),
            "/var/log/mail.log|2\n/var/log/other.log|2");
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM gap"), "0");
}

TEST_F(RetentionTest, removals_are_audited_as_one_row_a_day_and_table) {
  write([&](Batch& batch) {
    must(batch.add_refusals(std::vector<Refusal>(25, refusal(kNow - 40 * kDay)), 0));
  });
  expunge_all(kNow, 10);
  expunge_all(kNow + Duration{60}, 10);
  EXPECT_EQ(shell_.ask("SELECT act, rule, before ->> '$.rows' FROM audit"), "expunged|retention.refusal|25");
  write([&](Batch& batch) { must(batch.add_refusals({refusal(kNow - 40 * kDay)}, 0)); });
  expunge_all(kNow + kDay);
  EXPECT_EQ(shell_.ask("SELECT before ->> '$.rows' FROM audit ORDER BY id"), "25\n1");
}

// Removing evidence is up to the decider (tests/unit/learn/upkeep_test.cpp).
TEST_F(RetentionTest, evidence_stays) {
  write([&](Batch& batch) { must(batch.save(evidence_of(failure("a@b.example", from_unix(1))))); });
  expunge_all();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM evidence"), "1");
}

TEST_F(RetentionTest, forever_keeps_everything) {
  settings_ = {.refusals = kForever, .evidence = kForever, .recipients = kForever};
  write([&](Batch& batch) { must(batch.add_refusals({refusal(from_unix(1))}, 0)); });
  expunge_all();
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM refusal"), "1");
}

}  // namespace
}  // namespace suppressd::test
