// Retention of evidence: events that can still matter are kept, and the list does not change.
#include <chrono>

#include "../core/fold_properties.h"
#include "learner_fixture.h"

namespace suppressd {
namespace {

constexpr Duration kDay = std::chrono::hours(24);

/// An outcome of one event, from a log or a report.
Outcome outcome_of(const std::string& address, const ListEvent& event) {
  Outcome outcome{.kind = OutcomeKind::failed, .address = address, .at = event.id.ended};
  outcome.message = event.id.message;
  auto& judgement = outcome.reason.judgement;
  switch (event.id.kind) {
    case ListEventKind::delivery:
      outcome.kind = OutcomeKind::delivered;
      break;
    case ListEventKind::complaint:
      outcome.kind = OutcomeKind::complaint;
      judgement.action = Action::complaint;
      break;
    case ListEventKind::take_back:
      outcome.ended_by = EndedBy::report;
      outcome.returned = true;
      judgement.category = Category::content;
      break;
    default: {
      const auto& failure = *event.failure();
      outcome.ended_by = event.id.phase == FailurePhase::window ? EndedBy::window : EndedBy::bounced;
      judgement = {
          .category = failure.category, .action = failure.action, .weak = failure.weak, .rule = failure.rule};
      outcome.reason.provider = failure.provider;
    }
  }
  return outcome;
}

class UpkeepTest : public LearnerTest {
 protected:
  /// Until there is nothing left to do; returns the number of turns.
  int upkeep(int limit = 1000) {
    for (int turns = 1;; ++turns) {
      const auto more = learner->upkeep(retention, limit);
      EXPECT_TRUE(more) << more.error().message;
      if (!more || !*more) return turns;
    }
  }
  void take(const Outcome& outcome) {
    decide([&](Decider& decider, Batch& open) { ASSERT_TRUE(decider.take(open, outcome)); });
  }
  Outcome failure(const std::string& address, Action action, Duration age,
                  const std::string& queue_id = "1Q") {
    return outcome_of(address, fold_test::failure_of(
                                   action, now - age, now - age, queue_id,
                                   action == Action::hard ? Category::bad_mailbox : Category::mailbox_full));
  }
  Outcome delivery(const std::string& address, Duration age, const std::string& queue_id = "2Q") {
    return outcome_of(address, fold_test::event_of(ListEventKind::delivery, now - age, now - age, queue_id));
  }
  std::string evidence() { return query("SELECT address FROM evidence ORDER BY address, at"); }
  std::string events_of_record(const std::string& address) {
    return query("SELECT events FROM recipient WHERE address = '" + address + "'");
  }

  RetentionSettings retention;
};

TEST_F(UpkeepTest, evidence_is_removed_if_it_is_not_an_event_and_nothing_refers_to_it) {
  const auto old = 91 * kDay;
  take(failure("blocked@b.example", Action::none, old));
  take(failure("new@b.example", Action::none, 89 * kDay));
  take(failure("entry@b.example", Action::hard, old));
  take(failure("audit@b.example", Action::none, old));
  database->execute(
      "INSERT INTO audit(at, address, act, evidence) SELECT at, address, 'lifted', id FROM "
      "evidence WHERE address = 'audit@b.example'");
  take(failure("streak@b.example", Action::soft, old));
  take(failure("delivered@b.example", Action::soft, old));
  take(delivery("delivered@b.example", 40 * kDay));
  take(failure("lately@b.example", Action::soft, old));
  take(delivery("lately@b.example", 20 * kDay));
  take(failure("ancient@b.example", Action::soft, 361 * kDay));
  upkeep();
  EXPECT_EQ(evidence(), "audit@b.example entry@b.example lately@b.example new@b.example streak@b.example")
      << "a report may still take the delivery back, and a failure counts for 360 days";
  EXPECT_EQ(suppressed(), "entry@b.example");
  EXPECT_EQ(events_of_record("streak@b.example"), "1");
  EXPECT_EQ(events_of_record("delivered@b.example"), "0");
  EXPECT_EQ(query("SELECT count(*) FROM recipient WHERE address = 'ancient@b.example'"), "0");
}

TEST_F(UpkeepTest, complaints_and_take_backs_are_never_removed) {
  for (const auto kind : {ListEventKind::complaint, ListEventKind::take_back})
    take(outcome_of("a@b.example", fold_test::event_of(kind, now - 500 * kDay, now - 500 * kDay, "1Q")));
  take(delivery("a@b.example", 400 * kDay));
  database->execute("DELETE FROM audit");
  database->execute("UPDATE suppression SET evidence = NULL");
  upkeep();
  EXPECT_EQ(query("SELECT count(*) FROM evidence"), "2");
}

// Without the end that the log tells, the report of the same send would count.
TEST_F(UpkeepTest, a_report_does_not_begin_to_count_when_it_grows_old) {
  auto report = failure("a@b.example", Action::soft, 120 * kDay);
  report.origin = Origin::report;
  report.ended_by = EndedBy::report;
  report.message.entered = now - 300 * kDay;
  auto end = failure("a@b.example", Action::soft, 300 * kDay);
  take(end);
  take(report);
  take(failure("a@b.example", Action::none, 200 * kDay, "4Q"));
  take(delivery("a@b.example", 250 * kDay));
  database->execute(
      "INSERT INTO audit(at, address, act, evidence) SELECT at, address, 'changed', id FROM evidence WHERE "
      "ended_by = 'report'");
  for (int day = 0; day < 3; ++day, now += kDay) upkeep();
  EXPECT_EQ(query("SELECT count(*) FROM evidence WHERE action = 'none'"), "0");
  for (const auto day : {2, 1})
    take(failure("a@b.example", Action::soft, day * kDay, std::to_string(day) + "S"));
  EXPECT_EQ(query("SELECT streak FROM recipient"), "2");
}

TEST_F(UpkeepTest, a_walk_continues_where_it_stopped_and_begins_again_the_next_day) {
  decide([&](Decider& decider, Batch& open) {
    for (int i = 0; i < 95; ++i)
      ASSERT_TRUE(
          decider.take(open, failure("user" + std::to_string(i) + "@b.example", Action::soft, 400 * kDay)));
  });
  EXPECT_EQ(upkeep(10), 10);
  EXPECT_EQ(evidence(), "");
  EXPECT_EQ(query("SELECT count(*) FROM recipient"), "0");
  take(failure("late@b.example", Action::soft, 400 * kDay));
  upkeep();
  EXPECT_EQ(evidence(), "late@b.example");
  now += kDay;
  upkeep();
  EXPECT_EQ(evidence(), "");
}

TEST_F(UpkeepTest, removals_are_audited_as_one_row_a_day) {
  for (int i = 0; i < 25; ++i)
    take(failure("user" + std::to_string(i) + "@b.example", Action::none, 91 * kDay));
  upkeep(10);
  EXPECT_EQ(query("SELECT rule || ' ' || (before ->> '$.rows') FROM audit WHERE act = 'expunged'"),
            "retention.evidence 25");
}

TEST_F(UpkeepTest, forever_keeps_everything) {
  retention.evidence = kForever;
  take(failure("a@b.example", Action::none, 9000 * kDay));
  take(failure("b@b.example", Action::soft, 9000 * kDay));
  upkeep();
  EXPECT_EQ(evidence(), "a@b.example b@b.example");
}

/// Two lists of the same random events: one is kept small, the other keeps all.
class KeptSmallTest : public UpkeepTest {
 protected:
  static constexpr std::uint64_t kSets = 200;

  static std::string address_of(std::uint64_t seed) { return "user" + std::to_string(seed) + "@b.example"; }

  // Reads the events that ended in [from, to).
  void take_events(Time from, Time to) {
    decide([&](Decider& decider, Batch& open) {
      for (std::uint64_t seed = 1; seed <= kSets; ++seed) {
        const fold_test::RandomSet set(seed, 30, {.acts_that_reach_back = true});
        for (const auto& event : merge_readings(set.events())) {
          if (event.id.ended < from || event.id.ended >= to) continue;
          Hand hand{.now = event.id.ended, .actor = "alice", .note = {}};
          switch (event.id.kind) {
            case ListEventKind::lift:
              ASSERT_TRUE(decider.lift(open, address_of(seed), hand));
              break;
            case ListEventKind::confirm:
              ASSERT_TRUE(decider.confirm(open, address_of(seed), hand));
              break;
            case ListEventKind::reconfirm:
              ASSERT_TRUE(decider.reconfirm(open, address_of(seed), hand));
              break;
            case ListEventKind::add:
              break;
            default:
              ASSERT_TRUE(decider.take(open, outcome_of(address_of(seed), event)));
          }
        }
      }
    });
  }

  // One event for each address: any, in the half year before the clock.
  void take_late_events() {
    decide([&](Decider& decider, Batch& open) {
      std::mt19937_64 random(1);
      for (std::uint64_t seed = 1; seed <= kSets; ++seed) {
        const auto at = now - Duration(static_cast<std::int64_t>(random() % (179UL * 86400)));
        const auto kind = random() % 4;
        auto late = fold_test::failure_of(kind == 0 ? Action::hard : Action::soft, at, at, "late",
                                          kind == 0 ? Category::bad_mailbox : Category::mailbox_full);
        if (kind == 1) late = fold_test::event_of(ListEventKind::delivery, at, at, "late");
        ASSERT_TRUE(decider.take(open, outcome_of(address_of(seed), late)));
      }
    });
  }

  std::vector<fold_test::Shown> shown_now() {
    std::vector<fold_test::Shown> all;
    const SettingsHistory settings{
        FoldSettings{.policy = config.policy, .report_window = config.report_window}};
    decide([&](Decider&, Batch& open) {
      for (std::uint64_t seed = 1; seed <= kSets; ++seed) {
        const auto record = open.record(address_of(seed));
        ASSERT_TRUE(record);
        all.push_back(fold_test::shown((**record).events.fold({.settings = settings}), config.policy, now));
      }
    });
    return all;
  }
  std::string list() {
    return query(
        "SELECT address || kind || state || category || since || coalesce(until, '') || ref FROM "
        "suppression ORDER BY address, kind");
  }
  std::int64_t number(const std::string& sql) { return std::stoll(query(sql)); }
};

TEST_F(KeptSmallTest, after_a_late_event_the_list_is_that_of_one_that_keeps_everything) {
  config.hard_burst = 0;
  config.incidents = false;
  restart();
  struct End {
    std::string before_late;
    std::vector<fold_test::Shown> early;
    std::string list;
    std::vector<fold_test::Shown> shown;
    std::int64_t evidence;
    std::int64_t events;
  };
  const auto run = [&](Duration keep) {
    End end;
    retention.evidence = keep;
    Time from{};
    for (const auto days : {60, 120, 250, 400, 700}) {
      now = fold_test::kStart + days * kDay;
      take_events(from, now);
      from = now;
      upkeep(50);
    }
    end.before_late = list();
    end.early = shown_now();
    end.evidence = number("SELECT count(*) FROM evidence");
    end.events = number("SELECT coalesce(sum(events), 0) FROM recipient");
    take_late_events();
    end.list = list();
    end.shown = shown_now();
    return end;
  };
  const auto all = run(kForever);
  start_afresh();
  const auto small = run(kDay);
  EXPECT_EQ(small.before_late, all.before_late);
  EXPECT_EQ(small.list, all.list);
  for (std::uint64_t seed = 1; seed <= kSets; ++seed) {
    EXPECT_EQ(small.early[seed - 1], all.early[seed - 1]) << "seed " << seed;
    EXPECT_EQ(small.shown[seed - 1], all.shown[seed - 1]) << "seed " << seed << ", after the late event";
  }
  EXPECT_LT(small.evidence, all.evidence * 9 / 10);
  EXPECT_LT(small.events, all.events * 9 / 10);
}

}  // namespace
}  // namespace suppressd
