// Messages that test half-open entries: what settles them, and what becomes of the entry.
#include <gtest/gtest.h>

#include "learner_fixture.h"
#include "probe_watch.h"

namespace suppressd {
namespace {

class ProbeTest : public LearnerTest {
 protected:
  void SetUp() override {
    LearnerTest::SetUp();
    config.local_relays = {"127.0.0.1"};
    config.policy.threshold = 1;
    restart();
    learn("Sep 21 10:00:00", message("4XA0001", "news@x.example",
                                     bounce("4XA0001", "a@b.example", "5.2.2", "552 5.2.2 Mailbox full")));
    ASSERT_EQ(query("SELECT kind || (until - since) FROM suppression"), "soft2592000");
  }
  /// The entry of 30 days has ended; the milter lets this message through.
  void probe(const std::string& queue_id, const std::string& recipient = "a@b.example") {
    ASSERT_TRUE(learner->keep({{.address = "a@b.example",
                                .kind = SuppressionKind::soft,
                                .recipient = recipient,
                                .queue_id = queue_id,
                                .since = must_time("2026-10-25T10:00:00Z")}}));
    ASSERT_EQ(probes(), queue_id);
  }
  std::string probes() { return query("SELECT queue_id FROM probe"); }
  std::string entry() {
    return query(
        "SELECT kind || ' ' || date(since, 'unixepoch') || ' ' || coalesce(until - since, '') FROM "
        "suppression");
  }
  bool half_open() {
    const auto found =
        query("SELECT s.until <= " + std::to_string(to_unix(must_time("2026-10-25T12:00:00Z"))) +
              " AND r.soft_step > 0 FROM suppression AS s JOIN recipient AS r ON r.address = s.address");
    return found == "1";
  }
  static std::string queued(const std::string& id) {
    return "smtpd[1]: " + id + ": client=app[192.0.2.1]\ncleanup[1]: " + id + ": message-id=<" + id +
           "@x>\nqmgr[1]: " + id + ": from=<news@x.example>, size=1, nrcpt=1 (queue active)\n";
  }
  static std::string sent(const std::string& id, const std::string& to = "a@b.example") {
    return "smtp[1]: " + id + ": to=<" + to +
           ">, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 "
           "ok)\n";
  }
  static std::string deferred(const std::string& id) {
    return "smtp[1]: " + id +
           ": to=<a@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=4.2.2, "
           "status=deferred (host mx.b.example[198.51.100.1] said: 452 4.2.2 Mailbox full (in reply to RCPT "
           "TO "
           "command))\n";
  }
  static std::string removed(const std::string& id) { return "qmgr[1]: " + id + ": removed\n"; }
};

TEST_F(ProbeTest, a_delivery_settles_it_and_nothing_is_half_open_any_more) {
  EXPECT_TRUE(half_open());
  probe("4XB0001");
  learn("Oct 25 10:00:01", queued("4XB0001") + sent("4XB0001"));
  EXPECT_EQ(probes(), "");
  EXPECT_EQ(entry(), "");
  EXPECT_FALSE(half_open());
}

TEST_F(ProbeTest, a_failure_takes_the_next_step_of_the_ladder) {
  probe("4XB0001");
  learn("Oct 25 10:00:01", message("4XB0001", "news@x.example",
                                   bounce("4XB0001", "a@b.example", "5.2.2", "552 5.2.2 Mailbox full")));
  EXPECT_EQ(probes(), "");
  EXPECT_EQ(entry(), "soft 2026-10-25 7776000");
}

TEST_F(ProbeTest, a_failure_that_blames_us_leaves_it_half_open_for_the_next_message) {
  probe("4XB0001");
  learn("Oct 25 10:00:01",
        queued("4XB0001") + bounce("4XB0001", "a@b.example", "5.7.1",
                                   "554 5.7.1 Service unavailable; client blocked using zen.spamhaus.org"));
  EXPECT_EQ(probes(), "") << "although the message may have other recipients, and is not removed";
  EXPECT_TRUE(half_open());
}

TEST_F(ProbeTest, while_it_is_deferred_it_is_not_settled_and_deleted_from_the_queue_it_is) {
  probe("4XB0001");
  learn("Oct 25 10:00:01", queued("4XB0001") + deferred("4XB0001"));
  EXPECT_EQ(probes(), "4XB0001");
  restart();
  learn("Oct 25 11:00:00", deferred("4XB0001"));
  EXPECT_EQ(probes(), "4XB0001");
  learn("Oct 25 12:00:00", "postsuper[1]: 4XB0001: removed");
  EXPECT_EQ(probes(), "");
  EXPECT_TRUE(half_open());
}

TEST_F(ProbeTest, a_message_that_comes_and_goes_within_one_batch_under_another_address_is_settled) {
  probe("4XB0001");
  learn("Oct 25 10:00:01",
        queued("4XB0001") + sent("4XB0001", "alias-member@c.example") + removed("4XB0001"));
  EXPECT_EQ(probes(), "");
}

TEST_F(ProbeTest, other_messages_do_not_settle_it) {
  learn("Oct 25 08:30:00", queued("4XB0001") + deferred("4XB0001"));
  probe("4XB0001");
  learn("Oct 25 09:59:30", removed("4XB0001"));  // an older message with the same queue id
  EXPECT_EQ(probes(), "4XB0001");
  learn("Oct 25 10:00:01", queued("4XB0002") + removed("4XB0002"));
  EXPECT_EQ(probes(), "4XB0001");
  learn("Oct 25 10:00:01", queued("4XB0001") + sent("4XB0001", "other@c.example"));
  EXPECT_EQ(probes(), "4XB0001") << "another recipient of the message";
}

TEST_F(ProbeTest, a_queue_id_that_is_used_again_is_another_message) {
  probe("4XB0001");
  learn("Oct 25 10:00:01", queued("4XB0001") + deferred("4XB0001"));
  learn("Oct 27 10:00:00", queued("4XB0001"));
  EXPECT_EQ(probes(), "");
}

TEST_F(ProbeTest, it_follows_the_message_through_a_content_filter) {
  probe("4XB0001");
  learn("Oct 25 10:00:01",
        queued("4XB0001") +
            "smtp[1]: 4XB0001: to=<a@b.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/1/0, "
            "dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as "
            "4XC0009)\n" +
            removed("4XB0001"));
  EXPECT_EQ(probes(), "4XC0009");
  learn("Oct 25 10:00:02", queued("4XC0009") + deferred("4XC0009"));
  EXPECT_EQ(probes(), "4XC0009");
  learn("Oct 25 12:00:00", removed("4XC0009"));
  EXPECT_EQ(probes(), "");
}

TEST_F(ProbeTest, a_row_of_another_process_is_settled_and_one_that_is_gone_there_is_not_written_again) {
  learn("Oct 25 09:00:00", queued("4XB0000"));
  database->execute("INSERT INTO probe VALUES ('a@b.example', 'soft', 'a@b.example', '4XB0001', " +
                    std::to_string(to_unix(must_time("2026-10-25T10:00:00Z"))) + ")");
  learn("Oct 25 10:00:01", queued("4XB0001") + deferred("4XB0001"));
  EXPECT_EQ(probes(), "4XB0001");
  database->execute("DELETE FROM probe");
  learn("Oct 25 10:00:02", queued("4XB0002"));
  EXPECT_EQ(probes(), "");
  database->execute("INSERT INTO probe VALUES ('a@b.example', 'soft', 'a@b.example', '4XB0001', " +
                    std::to_string(to_unix(must_time("2026-10-25T10:00:00Z"))) + ")");
  learn("Oct 25 10:00:03", sent("4XB0001"));
  EXPECT_EQ(probes(), "");
}

TEST_F(ProbeTest, two_recipients_of_one_message_are_settled_each) {
  probe("4XB0001");
  const auto since = must_time("2026-10-25T10:00:00Z");
  for (const std::string to : {"c@b.example", "d@b.example"})
    ASSERT_TRUE(learner->keep({{.address = to,
                                .kind = SuppressionKind::hard,
                                .recipient = to,
                                .queue_id = "4XB0001",
                                .since = since}}));
  const std::string open = "SELECT address FROM probe ORDER BY address";
  learn("Oct 25 10:00:01", queued("4XB0001") + sent("4XB0001", "c@b.example"));
  EXPECT_EQ(query(open), "a@b.example d@b.example");
  learn("Oct 25 10:00:02", sent("4XB0001"));
  EXPECT_EQ(query(open), "d@b.example");
  learn("Oct 25 10:00:03", removed("4XB0001"));
  EXPECT_EQ(query(open), "");
}

TEST_F(ProbeTest, one_that_the_log_does_not_show_is_forgotten_after_an_hour) {
  probe("4XB0001");
  now = must_time("2026-10-25T10:59:00Z");
  ASSERT_TRUE(learner->upkeep({}));
  EXPECT_EQ(probes(), "4XB0001");
  now = must_time("2026-10-25T11:00:01Z");
  ASSERT_TRUE(learner->upkeep({}));
  EXPECT_EQ(probes(), "");
}

TEST_F(ProbeTest, a_failure_by_the_retry_window_is_not_the_end_of_the_send) {
  probe("4XB0001");
  learn("Oct 25 10:00:01", queued("4XB0001") + deferred("4XB0001"));
  learn("Oct 27 10:00:01", deferred("4XB0001"));
  learn("Oct 28 10:00:02", deferred("4XB0001"));
  EXPECT_EQ(entry(), "soft 2026-10-28 7776000");
  EXPECT_EQ(probes(), "4XB0001");
  learn("Oct 29 10:00:02", sent("4XB0001") + removed("4XB0001"));
  EXPECT_EQ(probes(), "");
  EXPECT_EQ(entry(), "");
}

}  // namespace
}  // namespace suppressd
