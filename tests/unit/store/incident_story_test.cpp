#include "incident_story.h"

#include <gtest/gtest.h>

#include "suppressd/store/reader.h"

#include "entries.h"
#include "fixture.h"
#include "story.h"

namespace suppressd::test {
namespace {

using std::chrono::hours;

class IncidentStoryTest : public StoreTest {
 protected:
  IncidentStoryTest() : database_(open()), shell_(path_) {}

  std::int64_t add(const std::string& domain, Time since, std::optional<Time> closed = {},
                   Time last = kNow - hours(1)) {
    Ledger ledger = open_ledger();
    Batch batch = must(ledger.begin());
    const auto id = must(batch.save(Incident{.id = 0,
                                             .place = {.provider = "example.com", .domain = domain},
                                             .span = {.since = since,
                                                      .opened = since + hours(1),
                                                      .closed = closed,
                                                      .last = last,
                                                      .sends = 60,
                                                      .failed = 40}}));
    must(batch.commit());
    return id;
  }
  void fail(const Outcome& outcome) {
    Ledger ledger = open_ledger();
    Batch batch = must(ledger.begin());
    must(batch.save(evidence_of(outcome)));
    must(batch.commit());
  }
  static Suppression pending(const std::string& address, Time since) {
    auto row = entry(address, SuppressionKind::hard, since);
    row.state = SuppressionState::pending;
    return row;
  }
  std::string numbers() {
    std::string text;
    for (const auto& summary : must(list_incidents(database_, kNow)))
      text += (text.empty() ? "" : " ") + std::to_string(summary.incident.id) + ":" +
              std::to_string(summary.pending) + (summary.closed(kNow) ? "" : "!");
    return text;
  }

  Database database_;
  Shell shell_;
};

TEST_F(IncidentStoryTest, open_ones_come_first_then_the_newest) {
  add("", kNow - kDay);
  add("", kNow - 9 * kDay, kNow - 8 * kDay);
  add("a.example", kNow - 3 * kDay, kNow - 2 * kDay);
  add("b.example", kNow - 60 * kDay, {}, kNow - 30 * kDay);  // over by silence
  EXPECT_EQ(numbers(), "1:0! 3:0 2:0 4:0");
}

TEST_F(IncidentStoryTest, an_entry_is_held_by_the_incident_of_its_domain_before_that_of_its_provider) {
  const auto whole = add("", kNow - kDay);
  const auto own = add("b.example", kNow - kDay, kNow - hours(2));
  auto by_hand = pending("hand@c.example", kNow - 9 * kDay);
  by_hand.actor = "sqlite3";
  auto over = pending("over@c.example", kNow - hours(3));
  over.until = kNow;
  put(database_, {pending("own@b.example", kNow - hours(3)), pending("later@b.example", kNow - hours(2)),
                  pending("other@c.example", kNow - hours(3)), pending("brake@c.example", kNow - 2 * kDay),
                  over, by_hand, entry("active@c.example", SuppressionKind::hard, kNow - hours(3))});
  EXPECT_EQ(numbers(), std::to_string(whole) + ":2! " + std::to_string(own) + ":1");
  EXPECT_EQ(shell_.ask("SELECT address, pending_by FROM v_at_risk ORDER BY 1"),
            "brake@c.example|brake\nhand@c.example|\nlater@b.example|incident 1\nother@c.example|incident "
            "1\nown@b.example|incident 2");
  EXPECT_EQ(must(story_of(database_, "own@b.example", kNow)).incident, own);
  EXPECT_EQ(must(story_of(database_, "brake@c.example", kNow)).incident, 0);
  EXPECT_EQ(must(story_of(database_, "active@c.example", kNow)).incident, 0);
  std::string listed;
  must(each_entry(database_, {.incident = whole, .pending = true}, kNow,
                  [&](const Suppression& row, std::int64_t incident) {
                    listed += row.address + ":" + std::to_string(incident) + " ";
                  }));
  EXPECT_EQ(listed, "later@b.example:1 other@c.example:1 ");
}

TEST_F(IncidentStoryTest, replies_that_differ_in_names_only_are_counted_together) {
  const auto id = add("b.example", kNow - kDay, kNow);
  for (int number = 0; number < 3; ++number) {
    const auto address = "a" + std::to_string(number) + "@b.example";
    auto failed = failure(address, kNow - hours(number + 1), "4A" + std::to_string(number));
    failed.reason.text = "550 5.1.1 <" + address + ">: no record of " + std::to_string(10'000 + number);
    if (number == 2) failed.message.host = "mx2";
    fail(failed);
  }
  fail(failure("other@b.example", kNow - hours(9), "4B"));
  fail(failure("before@b.example", kNow - 2 * kDay, "4C"));
  fail(failure("end@b.example", kNow, "4D"));
  fail(failure("elsewhere@c.example", kNow - hours(1), "4E"));
  auto soft = failure("soft@b.example", kNow - hours(1), "4F");
  soft.reason.judgement.action = Action::soft;
  fail(soft);

  const auto story = must(incident_story(database_, id, kNow));
  ASSERT_TRUE(story);
  ASSERT_EQ(story->replies.size(), 2U);
  EXPECT_EQ(story->replies[0].text, "550 5.1.1 <{address}>: no record of {number}");
  EXPECT_EQ(story->replies[0].code, 550);
  EXPECT_EQ(story->replies[0].rule, "unknown-user");
  EXPECT_EQ(format_status(story->replies[0].status), "5.1.1");
  EXPECT_EQ(story->replies[0].failures.count, 3);
  EXPECT_EQ(story->replies[0].failures.first, kNow - hours(3));
  EXPECT_EQ(story->replies[0].failures.last, kNow - hours(1));
  EXPECT_EQ(story->replies[1].failures.count, 1);
  ASSERT_EQ(story->hosts.size(), 2U);
  EXPECT_EQ(story->hosts[0].host, "mx");
  EXPECT_EQ(story->hosts[0].failures.count, 3);
  EXPECT_EQ(story->hosts[1].host, "mx2");
}

TEST_F(IncidentStoryTest, the_first_ten_addresses_are_shown_and_all_are_counted) {
  const auto id = add("", kNow - kDay);
  std::vector<Suppression> rows;
  for (int number = 10; number < 30; ++number)
    rows.push_back(pending("a" + std::to_string(number) + "@b.example", kNow - hours(1)));
  put(database_, rows);
  const auto story = must(incident_story(database_, id, kNow));
  ASSERT_TRUE(story);
  EXPECT_EQ(story->summary.pending, 20);
  ASSERT_EQ(story->pending.size(), 10U);
  EXPECT_EQ(story->pending.front(), "a10@b.example");
}

TEST_F(IncidentStoryTest, an_unknown_number_has_no_story) {
  EXPECT_FALSE(must(incident_story(database_, 7, kNow)));
}

TEST_F(IncidentStoryTest, an_incident_that_changes_stays_read) {
  const auto id = add("", kNow - kDay);
  Ledger ledger = open_ledger();
  {
    Batch batch = must(ledger.begin());
    EXPECT_TRUE(must(batch.mark_incident_read(id)));
    EXPECT_FALSE(must(batch.mark_incident_read(id)));
    EXPECT_FALSE(must(batch.mark_incident_read(id + 1)));
    must(batch.commit());
  }
  Batch batch = must(ledger.begin());
  auto incident = must(batch.incidents()).at(0);
  incident.span.closed = kNow;
  must(batch.save(incident));
  must(batch.commit());
  EXPECT_TRUE(must(list_incidents(database_, kNow)).at(0).read);
}

TEST_F(IncidentStoryTest, v_incident_shows_times_and_state) {
  add("b.example", kNow - kDay);
  shell_.run("UPDATE incident SET last = unixepoch()");
  add("", kNow - 60 * kDay, {}, kNow - 300 * kDay);  // over by silence
  EXPECT_EQ(
      shell_.ask(
          "SELECT id, state, provider, domain, since, closed, sends, failed, pending, read FROM v_incident"
          " ORDER BY id"),
      "1|open|example.com|b.example|2026-10-31T23:00:00Z|NULL|60|40|0|0\n"
      "2|closed|example.com||2026-09-02T23:00:00Z|2026-02-04T23:00:00Z|60|40|0|0");
}

TEST_F(IncidentStoryTest, the_views_end_an_open_incident_when_the_program_does) {
  const auto silence = std::to_string(kIncidentSilence.count());
  add("", kNow - 60 * kDay);
  shell_.run("UPDATE incident SET last = unixepoch() - " + silence + " + 60");
  EXPECT_EQ(shell_.ask("SELECT state FROM v_incident"), "open");
  shell_.run("UPDATE incident SET last = unixepoch() - " + silence);
  EXPECT_EQ(shell_.ask("SELECT state FROM v_incident"), "closed");
}

}  // namespace
}  // namespace suppressd::test
