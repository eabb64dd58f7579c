// What is the host's fault counts against `@domain`, and not against the address.
#include <algorithm>
#include <chrono>
#include <utility>

#include "suppressd/learn/decider.h"
#include "suppressd/store/reader.h"

#include "learner_fixture.h"

namespace suppressd {
namespace {

constexpr Duration kDay = std::chrono::hours(24);
constexpr Duration kHour = std::chrono::hours(1);

class DomainFaultsTest : public LearnerTest {
 protected:
  // Postfix's lines about one message. Times are counted from kStart.
  void say(Duration at, const std::string& text) {
    const auto stamp = format_time(kStart + at);
    lines.emplace_back(to_unix(kStart + at),
                       stamp.substr(0, stamp.size() - 1) + "+00:00 " + host + " postfix/" + text);
  }
  std::string enter(Duration at) {
    const auto id = "A" + std::to_string(1000 + ++messages);
    say(at, "cleanup[1]: " + id + ": message-id=<" + id + "@x>");
    say(at, "qmgr[1]: " + id + ": from=<news@x.example>, size=1, nrcpt=1 (queue active)");
    return id;
  }
  void attempt(const std::string& id, Duration entered, Duration at, const std::string& to,
               const std::string& how) {
    const auto delay = std::to_string((at - entered).count());
    say(at, "smtp[1]: " + id + ": to=<" + to + ">, relay=mx.b.example[198.51.100.1]:25, delay=" + delay +
                ", delays=0/0/0/" + delay + ", " + how);
  }
  void deliver(Duration at, const std::string& to = "well@b.example") {
    const auto id = enter(at);
    attempt(id, at, at, to, "dsn=2.0.0, status=sent (250 Ok)");
    say(at, "qmgr[1]: " + id + ": removed");
  }
  // It enters, is deferred, and expires a day later.
  void fail(Duration at, const std::string& words, const std::string& to = "a@b.example") {
    const auto id = enter(at);
    attempt(id, at, at + Duration(1), to, "dsn=4.0.0, status=deferred (" + words + ")");
    say(at + kDay, "qmgr[1]: " + id + ": from=<news@x.example>, status=expired, returned to sender");
    say(at + kDay, "qmgr[1]: " + id + ": removed");
  }
  // All that was said, in the order of time; each line is a batch of its own if `one_by_one`.
  void learn_all(bool one_by_one = false) {
    std::ranges::stable_sort(lines, {}, [](const auto& line) { return line.first; });
    std::vector<std::string> texts;
    for (auto& [at, text] : std::exchange(lines, {})) {
      texts.push_back(std::move(text));
      if (one_by_one) go_on(learner->learn(batch_of(std::exchange(texts, {}))));
    }
    if (!texts.empty()) go_on(learner->learn(batch_of(std::move(texts))));
  }
  std::string against() {
    return query("SELECT CASE against WHEN '' THEN address ELSE against END FROM evidence");
  }
  std::string streaks() { return query("SELECT address || '=' || streak FROM recipient WHERE streak > 0"); }
  std::string entries() {
    return query("SELECT address || ' ' || kind || ' ' || ((since - " + std::to_string(to_unix(kStart)) +
                 ") / 86400) || 'd' FROM suppression WHERE until > since ORDER BY address");
  }
  std::string dump() {
    std::string all;
    auto reader = Reader::open(database_path);
    EXPECT_TRUE(reader && reader->dump([&](std::string_view line) { all.append(line).append("\n"); }));
    return all;
  }
  /// The learner sees it.
  template <typename Act>
  void decide(Act act) {
    LearnerTest::decide(act);
    restart();
  }

  static constexpr const char* kTimeout = "connect to mx.b.example[198.51.100.1]:25: Connection timed out";
  static constexpr const char* kBusy =
      "host mx.b.example[198.51.100.1] said: 451 4.3.0 Temporary server error (in reply to RCPT TO command)";
  const Time kStart = from_unix(1'756'684'800);  // 2025-09-01
  std::string host = "mta";
  std::vector<std::pair<std::int64_t, std::string>> lines;
  int messages = 0;
};

TEST_F(DomainFaultsTest, a_host_that_does_not_answer_costs_no_address) {
  for (int day = 0; day < 6; ++day) fail(day * kDay, kTimeout);
  learn_all();
  EXPECT_EQ(against(), "@b.example @b.example @b.example @b.example @b.example @b.example");
  EXPECT_EQ(streaks(), "@b.example=6");
  EXPECT_EQ(suppressed(), "");
}

TEST_F(DomainFaultsTest, a_domain_that_does_not_come_back_is_suppressed_and_a_delivery_ends_it) {
  deliver(0 * kDay);
  for (int day = 1; day < 10; ++day) fail(day * kDay, kTimeout, "user" + std::to_string(day) + "@b.example");
  learn_all();
  EXPECT_EQ(entries(), "@b.example soft 9d");
  EXPECT_EQ(query("SELECT e.address FROM suppression AS s JOIN evidence AS e ON e.id = s.evidence"),
            "user8@b.example");
  EXPECT_EQ(query("SELECT cause FROM audit"),
            "8th failed send in a row, nothing delivered to the domain for 7 days, for 30d");
  deliver(12 * kDay, "bypassed@b.example");
  learn_all();
  EXPECT_EQ(entries() + streaks(), "");
  EXPECT_EQ(acts, "suppressed @b.example\nlifted @b.example\n");
  EXPECT_EQ(query("SELECT count(*) FROM recipient WHERE address = '@b.example'"), "0");
}

TEST_F(DomainFaultsTest, a_delivery_to_any_address_begins_the_seven_days_again) {
  for (int day = 0; day < 5; ++day) fail(day * kDay, kTimeout);
  deliver(5 * kDay + kHour, "other@b.example");
  for (int day = 5; day < 11; ++day) fail(day * kDay + 2 * kHour, kTimeout);
  learn_all();
  EXPECT_EQ(suppressed(), "");
  EXPECT_EQ(streaks(), "@b.example=6");
}

TEST_F(DomainFaultsTest, a_mailbox_that_fails_while_its_domain_takes_mail_is_at_fault) {
  for (int nth = 0; nth < 20; ++nth) deliver(nth * kHour, "user" + std::to_string(nth) + "@b.example");
  fail(kHour, kBusy);
  fail(kHour, kTimeout, "c@b.example");
  learn_all();
  EXPECT_EQ(query("SELECT address FROM evidence WHERE against = ''"), "a@b.example");
  EXPECT_EQ(streaks(), "@b.example=1 a@b.example=1");
}

TEST_F(DomainFaultsTest, one_of_ten_that_fail_is_an_address_and_two_are_the_host) {
  for (int nth = 0; nth < 18; ++nth) deliver(nth * kHour, "user" + std::to_string(nth) + "@b.example");
  fail(kHour, kBusy, "a@b.example");
  fail(kHour, kBusy, "c@b.example");
  learn_all();
  EXPECT_EQ(streaks(), "a@b.example=1 c@b.example=1");
  for (int nth = 0; nth < 17; ++nth)
    deliver(10 * kDay + nth * kHour, "user" + std::to_string(nth) + "@b.example");
  for (const auto* to : {"d@b.example", "e@b.example", "f@b.example"}) fail(10 * kDay + kHour, kBusy, to);
  learn_all();
  EXPECT_EQ(query("SELECT address FROM evidence WHERE against <> '' ORDER BY 1"),
            "d@b.example e@b.example f@b.example")
      << "the first of them, too: the others have not failed yet, but are failing";
}

TEST_F(DomainFaultsTest, what_an_address_took_and_failed_itself_does_not_tell_of_its_domain) {
  for (int nth = 0; nth < 12; ++nth) deliver(nth * kHour, "a@b.example");
  fail(kHour, kBusy, "a@b.example");
  learn_all();
  EXPECT_EQ(against(), "@b.example") << "nobody else there was mailed";
  for (int nth = 0; nth < 12; ++nth) deliver(10 * kDay + nth * kHour, "other@b.example");
  for (int nth = 0; nth < 5; ++nth) fail(10 * kDay + nth * kHour, kBusy, "a@b.example");
  learn_all();
  EXPECT_EQ(against(), "@b.example a@b.example a@b.example a@b.example a@b.example a@b.example");
}

TEST_F(DomainFaultsTest, a_failure_that_is_read_again_keeps_its_judgement) {
  fail(kHour, kBusy);
  auto again = lines;
  learn_all();
  EXPECT_EQ(against(), "@b.example");
  for (int nth = 0; nth < 20; ++nth) deliver(2 * kHour, "user" + std::to_string(nth) + "@b.example");
  lines.insert(lines.end(), again.begin(), again.end());
  learn_all();
  EXPECT_EQ(against(), "@b.example");
  EXPECT_EQ(streaks(), "@b.example=1");
}

TEST_F(DomainFaultsTest, it_does_not_matter_where_a_log_is_cut) {
  const auto say_all = [&] {
    for (int day = 0; day < 33; ++day) {
      for (int nth = 0; nth < 4; ++nth) {
        const auto to = "user" + std::to_string(nth) + "@b.example";
        const auto at = day * kDay + nth * kHour;
        if (day % 20 < 3)
          deliver(at, to);
        else
          fail(at, (day + nth) % 3 == 0 ? kTimeout : kBusy, to);
      }
    }
  };
  say_all();
  learn_all();
  const auto whole = dump();
  EXPECT_EQ(query("SELECT group_concat(act, ' ') FROM audit"), "suppressed lifted suppressed");
  start_afresh();
  messages = 0;
  say_all();
  learn_all(true);
  EXPECT_EQ(dump(), whole);
}

TEST_F(DomainFaultsTest, an_old_log_that_is_read_late_is_judged_the_same_wherever_it_is_cut) {
  for (const bool one_by_one : {false, true}) {
    const Duration begin = (one_by_one ? 0 : 100) * kDay;
    const std::string domain = one_by_one ? "@one.example" : "@b.example";
    deliver(begin + 50 * kDay, "newer" + domain);
    learn_all();
    for (int nth = 0; nth < 20; ++nth) deliver(begin + nth * kHour, "user" + std::to_string(nth) + domain);
    fail(begin + kHour, kBusy, "a" + domain);
    learn_all(one_by_one);
  }
  EXPECT_EQ(against(), "@b.example @one.example") << "what the domain took then is not kept";
}

TEST_F(DomainFaultsTest, a_delivery_that_another_hosts_log_tells_later_counts_even_among_many_failures) {
  for (int nth = 0; nth < 400; ++nth) fail(nth * kHour / 2, kTimeout);
  learn_all();
  EXPECT_EQ(entries(), "@b.example soft 8d");
  host = "mta2";
  deliver(5 * kDay);
  learn_all();
  const auto late = query("SELECT streak || ' ' || streak_since FROM recipient WHERE address = '@b.example'");
  EXPECT_EQ(entries(), "") << "less than seven days of failures after it";
  EXPECT_EQ(late, "7 " + std::to_string(to_unix(kStart + 5 * kDay) + 1800));
}

TEST_F(DomainFaultsTest, an_undo_takes_out_failures_of_a_domain_and_its_revert_brings_them_back) {
  for (int day = 0; day < 9; ++day) fail(day * kDay, kTimeout);
  learn_all();
  EXPECT_EQ(entries(), "@b.example soft 8d");
  Hand hand{.now = now, .actor = "root", .note = {}};
  std::int64_t nth = 0;
  decide([&](Decider& decider, Batch& open) {
    UndoDetails hours{
        .since = kStart, .until = kStart + 5 * kDay, .provider = {}, .category = {}, .rule = {}};
    const auto report = decider.undo(open, hours, hand);
    ASSERT_TRUE(report);
    ASSERT_EQ(report->entries.size(), 1U);
    EXPECT_EQ(report->entries.front().address, "@b.example");
    nth = report->number;
  });
  EXPECT_EQ(entries(), "");
  EXPECT_EQ(streaks(), "@b.example=5");
  decide([&](Decider& decider, Batch& open) { ASSERT_TRUE(decider.revert(open, nth, hand)); });
  EXPECT_EQ(entries(), "@b.example soft 8d");
  decide([&](Decider& decider, Batch& open) { ASSERT_TRUE(decider.lift(open, "@b.example", hand)); });
  EXPECT_EQ(entries() + streaks(), "");
}

TEST_F(DomainFaultsTest, evidence_against_a_domain_that_was_delivered_to_is_removed_when_it_is_old) {
  fail(0 * kDay, kTimeout);
  fail(2 * kDay, kTimeout);
  deliver(4 * kDay);
  fail(5 * kDay, kTimeout);
  learn_all();
  now = kStart + 200 * kDay;
  restart();
  RetentionSettings retention;
  ASSERT_TRUE(learner->upkeep(retention, 1000));
  EXPECT_EQ(query("SELECT (at - " + std::to_string(to_unix(kStart)) + ") / 86400 FROM evidence"), "6");
  EXPECT_EQ(streaks(), "@b.example=1");
}

TEST_F(DomainFaultsTest, an_entry_by_hand_of_a_whole_domain_is_not_ended_by_a_delivery) {
  query("INSERT INTO suppression(address, kind) VALUES ('@b.example', 'hard')");
  for (int day = 0; day < 3; ++day) fail(day * kDay, kTimeout);
  deliver(now - kStart);
  learn_all();
  EXPECT_EQ(streaks(), "");
  EXPECT_EQ(suppressed(), "@b.example");
}

TEST_F(DomainFaultsTest, failures_of_a_domain_that_is_exempt_are_ignored) {
  query("INSERT INTO exemption(address, since) VALUES ('@b.example', 0)");
  for (int day = 0; day < 9; ++day) fail(day * kDay, kTimeout);
  learn_all();
  EXPECT_EQ(entries() + streaks() + against(), "");
}

}  // namespace
}  // namespace suppressd
