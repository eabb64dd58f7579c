#include <gtest/gtest.h>

#include "suppressd/store/reader.h"
#include "suppressd/store/verdict_reader.h"

#include "fixture.h"

namespace suppressd::test {
namespace {

using Answer = LookupResult::Answer;
using Kind = SuppressionKind;

class HalfOpenLookUp : public StoreTest {
 protected:
  HalfOpenLookUp() : database_(open()), reader_(path_), shell_(path_) {}

  /// An entry that ended a day ago, after the first step of its ladder.
  static Suppression ended(const std::string& address, Kind kind) {
    auto row = entry(address, kind, kNow - 31 * kDay);
    row.until = kNow - kDay;
    return row;
  }
  void put_ended(const std::string& address, Kind kind) { put(database_, {ended(address, kind)}, kOneStep); }
  LookupResult find(const std::string& address, Time now = kNow) {
    return reader_.find({address, "+"}, {}, now);
  }

  static constexpr auto step_of = [] {
    Recipient recipient;
    recipient.soft_step = 1;
    recipient.hard_step = 1;
    return recipient;
  };
  const Recipient kOneStep = step_of();
  const Probe probe_{.address = "a@b.example",
                     .kind = Kind::soft,
                     .recipient = "a@b.example",
                     .queue_id = "4Q",
                     .since = kNow};
  Database database_;
  VerdictReader reader_;
  Shell shell_;
};

TEST_F(HalfOpenLookUp, an_entry_past_its_time_is_half_open_and_tells_which_message_tests_it) {
  put_ended("a@b.example", Kind::soft);
  auto found = find("a@b.example");
  EXPECT_EQ(found.answer, Answer::half_open);
  EXPECT_EQ(found.entry.kind, Kind::soft);
  EXPECT_FALSE(found.refuses());
  {
    auto ledger = open_ledger();
    auto batch = must(ledger.begin());
    must(batch.save(probe_));
    must(batch.commit());
  }
  found = find("a@b.example");
  EXPECT_EQ(found.answer, Answer::half_open);
  EXPECT_EQ(found.probe, probe_);
  EXPECT_TRUE(found.refuses());
  EXPECT_EQ(find("a+x@b.example").answer, Answer::clear) << "its delivery would say nothing of the address";
  EXPECT_EQ(must(Reader::open(path_)).verdict("a@b.example", {}, kNow).probe, probe_);
  EXPECT_EQ(find("other@b.example").answer, Answer::clear);
}

TEST_F(HalfOpenLookUp, an_entry_in_force_decides_before_one_that_has_ended) {
  put(database_, {ended("a@b.example", Kind::hard), entry("a@b.example", Kind::soft)}, kOneStep);
  auto found = find("a@b.example");
  EXPECT_EQ(found.answer, Answer::suppressed);
  EXPECT_EQ(found.entry.kind, Kind::soft);
  put_ended("c@d.example", Kind::soft);
  put(database_, {entry("@d.example", Kind::manual)});
  found = find("c@d.example");
  EXPECT_EQ(found.answer, Answer::suppressed);
  EXPECT_EQ(found.entry.address, "@d.example");
}

TEST_F(HalfOpenLookUp, one_that_is_exempt_or_was_lifted_with_sqlite3_is_clear) {
  put_ended("a@b.example", Kind::soft);
  put(database_, {entry("c@b.example", Kind::hard, kNow - kDay)}, kOneStep);
  EXPECT_EQ(shell_.run("INSERT INTO exemption(address) VALUES ('a@b.example')"), "");
  EXPECT_EQ(shell_.run("UPDATE suppression SET until = since + 1 WHERE address = 'c@b.example'"), "");
  EXPECT_EQ(find("a@b.example").answer, Answer::clear);
  EXPECT_EQ(find("c@b.example").answer, Answer::clear);
}

TEST_F(HalfOpenLookUp, stale_after_its_end_it_is_forgotten) {
  put_ended("a@b.example", Kind::soft);
  EXPECT_EQ(find("a@b.example", kNow + 178 * kDay).answer, Answer::half_open);
  EXPECT_EQ(find("a@b.example", kNow + 180 * kDay).answer, Answer::clear);
  EXPECT_EQ(shell_.run("UPDATE meta SET value = NULL WHERE name = 'soft.stale_after'"), "");
  EXPECT_EQ(find("a@b.example", kNow + 1000 * kDay).answer, Answer::half_open);
}

// The view says in SQL what is_half_open() says.
TEST_F(HalfOpenLookUp, the_view_is_not_of_another_opinion) {
  const auto now = wall_clock();
  int number = 0;
  for (const auto kind : {Kind::hard, Kind::soft, Kind::manual, Kind::complaint})
    for (const auto state : {SuppressionState::active, SuppressionState::suspended})
      for (const auto steps : {0, 1})
        for (const std::string actor : {"suppressd", "root"})
          for (const auto until :
               {std::optional<Time>{}, std::optional{now + kDay}, std::optional{now - kDay},
                std::optional{now - 179 * kDay}, std::optional{now - 181 * kDay}}) {
            auto row = entry("n" + std::to_string(number++) + "@b.example", kind, now - 400 * kDay);
            row.state = state;
            row.actor = actor;
            row.until = until;
            Recipient recipient;
            (kind == Kind::hard ? recipient.hard_step : recipient.soft_step) = steps;
            put(database_, {row}, recipient);
          }
  int half_open = 0;
  for (int each = 0; each < number; ++each) {
    const auto address = "n" + std::to_string(each) + "@b.example";
    const bool expected = find(address, now).answer == Answer::half_open;
    half_open += expected ? 1 : 0;
    EXPECT_EQ(shell_.ask("SELECT count(*) FROM v_half_open WHERE address = '" + address + "'"),
              expected ? "1" : "0")
        << shell_.ask("SELECT * FROM suppression WHERE address = '" + address + "'");
  }
  EXPECT_EQ(half_open, 4);
}

TEST_F(HalfOpenLookUp, a_probe_that_never_came_into_the_queue_is_forgotten_and_one_that_did_is_not) {
  auto ledger = open_ledger();
  auto batch = must(ledger.begin());
  for (const std::string name : {"lost", "refused", "queued", "older"}) {
    auto probe = probe_;
    probe.address = name + "@b.example";
    probe.queue_id = name;
    must(batch.save(probe));
  }
  TrackerChanges tracked;
  for (const std::string name : {"refused", "queued", "older"}) {
    Message message;
    message.key = {.host = "mx", .instance = "postfix", .queue_id = name, .entered = kNow - Duration{5}};
    if (name == "older") message.key.entered = kNow - kDay;  // another message with this queue id
    message.sender_known = name != "refused";                // by the filter after ours
    message.last_line = kNow;
    tracked.messages.push_back(message);
  }
  must(batch.save(tracked));
  must(batch.remove_unseen_probes(kNow + kProbeUnseen));
  const auto left = must(batch.probes());
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].queue_id, "queued");
}

}  // namespace
}  // namespace suppressd::test
