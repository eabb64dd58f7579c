// Tags of messages: from the milter's note to the row in `message`.
#include <gtest/gtest.h>

#include "learner_fixture.h"

namespace suppressd {
namespace {

class TagsTest : public LearnerTest {
 protected:
  void SetUp() override {
    LearnerTest::SetUp();
    config.local_relays = {"127.0.0.1"};
    now = must_time("2026-09-21T10:00:10Z");
    restart();
  }
  void tag(const std::string& queue_id, const std::string& campaign, const std::string& account = "shop",
           const std::string& at = "2026-09-21T10:00:00Z") {
    ASSERT_TRUE(learner->tag({{.queue_id = queue_id,
                               .begun = must_time(at),
                               .ended = must_time(at),
                               .tags = {.campaign = campaign, .account = account}}},
                             0));
  }
  void queued(const std::string& id, const std::string& day = "Sep 21 10:00:01") {
    learn(day, "cleanup[1]: " + id + ": message-id=<" + id + "@x>\nqmgr[1]: " + id +
                   ": from=<news@x.example>, size=1, nrcpt=1 (queue active)");
  }
  std::string tags() {
    return query("SELECT queue_id || '=' || campaign || '/' || account FROM message ORDER BY queue_id");
  }
  std::string lost() { return query("SELECT value FROM meta WHERE name = 'tags_lost'"); }
  std::string notes() { return query("SELECT queue_id FROM tag_note"); }
};

TEST_F(TagsTest, a_note_before_the_log_waits_for_it_also_over_a_restart) {
  tag("4XB0001", "summer");
  EXPECT_EQ(notes(), "4XB0001");
  restart();
  queued("4XB0001");
  EXPECT_EQ(tags(), "4XB0001=summer/shop");
  EXPECT_EQ(notes(), "");
  restart();
  learn("Sep 21 10:00:05", "qmgr[1]: 4XB0001: from=<news@x.example>, size=1, nrcpt=1 (queue active)");
  EXPECT_EQ(tags(), "4XB0001=summer/shop");
  EXPECT_EQ(lost(), "");
}

TEST_F(TagsTest, a_note_behind_the_log_goes_to_the_row_that_is_there) {
  queued("4XB0001");
  queued("4XB0002");
  tag("4XB0001", "summer");
  EXPECT_EQ(tags(), "4XB0001=summer/shop 4XB0002=/");
  EXPECT_EQ(notes(), "");
}

TEST_F(TagsTest, another_message_with_that_queue_id_does_not_get_them) {
  queued("4XB0001", "Sep 21 09:50:00");
  tag("4XB0001", "summer");
  EXPECT_EQ(tags(), "4XB0001=/");
  queued("4XB0001");
  EXPECT_EQ(tags(), "4XB0001=summer/shop");
}

TEST_F(TagsTest, two_messages_that_fit_are_ambiguous) {
  for (const std::string host : {"mta1", "mta2"})
    go_on(learner->learn(
        batch_of(std::vector{"Sep 21 10:00:01 " + host + " postfix/cleanup[1]: 4XB0001: message-id=<x@x>"})));
  tag("4XB0001", "summer");
  EXPECT_EQ(tags(), "4XB0001=/ 4XB0001=/");
  EXPECT_EQ(lost(), "1");
}

TEST_F(TagsTest, they_follow_the_message_through_a_content_filter) {
  const std::string handed_over =
      "4XB0001: to=<a@b.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/1/0, dsn=2.0.0, "
      "status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4XC0009)";
  const std::string second = "smtp[1]: 4XB0001: to=<c@b.example>" + handed_over.substr(handed_over.find(','));
  tag("4XB0001", "summer");
  queued("4XB0001");
  learn("Sep 21 10:00:02", "smtp[1]: " + handed_over + "\n" + second + "\nqmgr[1]: 4XB0001: removed");
  EXPECT_EQ(notes(), "4XC0009");
  queued("4XC0009", "Sep 21 10:00:02");
  EXPECT_EQ(tags(), "4XC0009=summer/shop");
  EXPECT_EQ(notes(), "");

  tag("4XB0001", "winter");  // and where the log tells of the other message first
  queued("4XB0001");
  queued("4XD0009");
  auto later = handed_over;
  later.replace(later.find("4XC0009"), 7, "4XD0009");
  learn("Sep 21 10:00:02", "smtp[1]: " + later);
  EXPECT_EQ(tags(), "4XB0001=winter/shop 4XC0009=summer/shop 4XD0009=winter/shop");
  EXPECT_EQ(lost(), "");
}

TEST_F(TagsTest, evidence_has_those_of_its_message_however_it_is_read_again) {
  const auto evidence = [&] {
    return query("SELECT queue_id || '=' || campaign || '/' || account FROM evidence ORDER BY queue_id");
  };
  const auto failed =
      message("4XB0001", "news@x.example", bounce("4XB0001", "a@b.example", "5.1.1", "550 5.1.1 unknown"));
  tag("4XB0001", "summer");
  learn("Sep 21 10:00:01", failed);
  EXPECT_EQ(evidence(), "4XB0001=summer/shop");
  learn("Sep 21 10:00:01", failed);
  EXPECT_EQ(evidence(), "4XB0001=summer/shop") << "read again without the note";

  const auto first =
      message("4XB0002", "news@x.example", bounce("4XB0002", "c@b.example", "5.1.1", "550 no"));
  learn("Sep 21 10:00:01", first);
  EXPECT_EQ(evidence(), "4XB0001=summer/shop 4XB0002=/");
  tag("4XB0002", "winter");
  learn("Sep 21 10:00:01", first);
  EXPECT_EQ(evidence(), "4XB0001=summer/shop 4XB0002=winter/shop") << "read first without the note";
}

TEST_F(TagsTest, an_outcome_that_waits_for_the_clock_keeps_them) {
  now = must_time("2026-09-21T06:00:00Z");
  tag("4XB0001", "summer");
  learn("Sep 21 10:00:01",
        message("4XB0001", "news@x.example", bounce("4XB0001", "a@b.example", "5.1.1", "550 5.1.1 unknown")));
  EXPECT_EQ(query("SELECT campaign FROM evidence"), "");
  now = must_time("2026-09-21T10:00:10Z");
  learn("Sep 21 10:00:10", "smtpd[1]: connect from app[192.0.2.1]");
  EXPECT_EQ(query("SELECT campaign FROM evidence"), "summer");
}

TEST_F(TagsTest, a_note_whose_message_the_log_does_not_show_is_lost_after_an_hour) {
  tag("4XB0001", "summer");
  now += std::chrono::minutes(61);
  ASSERT_TRUE(learner->tag({}, 3));
  EXPECT_EQ(notes(), "");
  EXPECT_EQ(lost(), "4");
}

TEST_F(TagsTest, new_values_of_an_account_and_day_are_bounded) {
  std::vector<TagNote> many;
  for (int each = 0; each < 1100; ++each)
    many.push_back({.queue_id = "4X" + std::to_string(each),
                    .begun = now,
                    .ended = now,
                    .tags = {.campaign = "c" + std::to_string(each), .account = "spammer"}});
  ASSERT_TRUE(learner->tag(many, 0));
  EXPECT_EQ(query("SELECT count(*) FROM tag_value WHERE account = 'spammer'"), "1000");
  EXPECT_EQ(query("SELECT count(*) FROM tag_note WHERE campaign = 'other'"), "100");
  tag("5A", "c1099", "spammer");
  EXPECT_EQ(query("SELECT campaign FROM tag_note WHERE queue_id = '5A'"), "other");
  tag("5B", "c7", "spammer");
  EXPECT_EQ(query("SELECT campaign FROM tag_note WHERE queue_id = '5B'"), "c7") << "known";
  tag("5C", "c1099", "shop");
  EXPECT_EQ(query("SELECT campaign FROM tag_note WHERE queue_id = '5C'"), "c1099") << "another account";
  now += std::chrono::hours(24);
  tag("5D", "c1099", "spammer", "2026-09-22T10:00:00Z");
  EXPECT_EQ(query("SELECT campaign FROM tag_note WHERE queue_id = '5D'"), "c1099") << "another day";
}

}  // namespace
}  // namespace suppressd
