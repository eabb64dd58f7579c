// Tags of messages: from the milter's note to the row in `message`.
#include <gtest/gtest.h>

#include "suppressd/learn/sender_domains.h"

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

TEST_F(TagsTest, a_note_is_lost_when_the_log_is_an_hour_further_and_not_by_the_clock) {
  tag("4XB0001", "summer");
  now += std::chrono::hours(5);
  ASSERT_TRUE(learner->tag({}, 3));
  EXPECT_EQ(notes(), "4XB0001") << "the log could not be read for hours";
  EXPECT_EQ(lost(), "3");
  learn("Sep 21 10:59:00", "smtpd[1]: connect from app[192.0.2.1]");
  EXPECT_EQ(notes(), "4XB0001");
  learn("Sep 21 11:00:10", "smtpd[1]: connect from app[192.0.2.1]");
  EXPECT_EQ(notes(), "");
  EXPECT_EQ(lost(), "4");
}

TEST_F(TagsTest, a_log_whose_clock_is_ahead_loses_no_note) {
  tag("4XB0001", "summer");
  learn("Sep 21 13:00:00", "smtpd[1]: connect from app[192.0.2.1]");
  queued("4XB0001");
  EXPECT_EQ(tags(), "4XB0001=summer/shop");
}

TEST_F(TagsTest, messages_that_entered_when_the_milter_was_killed_are_counted) {
  const auto unnoted = [&] { return query("SELECT value FROM meta WHERE name = 'tags_unnoted'"); };
  now = must_time("2026-09-21T09:00:00Z");
  EXPECT_FALSE(learner->open_tags().value());
  tag("4XB0001", "summer");
  now = must_time("2026-09-21T10:05:00Z");
  restart();
  const auto gap = learner->open_tags().value();
  ASSERT_TRUE(gap);
  EXPECT_EQ(format_time(gap->from) + " " + format_time(gap->to), "2026-09-21T10:00:00Z 2026-09-21T10:05:00Z");
  queued("4XB0001");
  queued("4XB0002", "Sep 21 10:04:00");
  queued("4XB0003", "Sep 21 10:06:00");
  EXPECT_EQ(unnoted(), "1");
  ASSERT_TRUE(learner->close_tags());
  now = must_time("2026-09-21T11:00:00Z");
  restart();
  EXPECT_FALSE(learner->open_tags().value()) << "it ended, and lost nothing";
  queued("4XB0004", "Sep 21 10:30:00");
  EXPECT_EQ(unnoted(), "1");
}

TEST_F(TagsTest, rates_count_under_the_tags_and_follow_an_undo) {
  const auto rate = [&](const std::string& dimension) {
    return query(
        "SELECT name || ' sent ' || sum(sent) || ' delivered ' || sum(delivered) || ' dead ' || sum(dead)"
        " || ' excused ' || sum(excused) FROM rate WHERE dimension = '" +
        dimension + "' GROUP BY name");
  };
  const std::string sent =
      "smtp[1]: 4XB0002: to=<c@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, "
      "delays=0/0/1/0, dsn=2.0.0, status=sent (250 ok)\n";
  tag("4XB0001", "summer");
  tag("4XB0002", "summer", "");
  learn("Sep 21 10:00:01",
        message("4XB0001", "news@x.example", bounce("4XB0001", "a@b.example", "5.1.1", "550 5.1.1 unknown")) +
            "\n" + message("4XB0002", "news@x.example", sent) + "\n" +
            message("4XB0003", "news@x.example",
                    bounce("4XB0003", "d@b.example", "5.1.1", "550 5.1.1 unknown")));
  EXPECT_EQ(rate("campaign"), "summer sent 2 delivered 1 dead 1 excused 0");
  EXPECT_EQ(rate("account"), "shop sent 1 delivered 0 dead 1 excused 0");
  EXPECT_EQ(rate("source"), "");
  const auto active = [&] {
    return query("SELECT address FROM suppression WHERE state = 'active' ORDER BY address");
  };
  EXPECT_EQ(active(), "a@b.example d@b.example");

  UndoDetails undo{
      .since = Time{}, .until = now, .provider = {}, .category = {}, .rule = {}, .domain = {}, .text = {}};
  undo.campaign = "summer";
  decide([&](Decider& decider, Batch& open) {
    Hand hand{.now = now, .actor = "anna", .note = {}};
    const auto report = decider.undo(open, undo, hand);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->entries.size(), 1u);
  });
  EXPECT_EQ(active(), "d@b.example");
  EXPECT_EQ(rate("campaign"), "summer sent 2 delivered 1 dead 0 excused 1");
  EXPECT_EQ(rate("account"), "shop sent 1 delivered 0 dead 0 excused 1");
}

TEST_F(TagsTest, tags_that_come_with_a_second_reading_move_into_the_rates) {
  const auto failed =
      message("4XB0001", "news@x.example", bounce("4XB0001", "a@b.example", "5.1.1", "550 5.1.1 unknown"));
  const auto dead = [&] {
    return query("SELECT dimension || '=' || dead FROM rate WHERE dead > 0 ORDER BY dimension");
  };
  learn("Sep 21 10:00:01", failed);
  EXPECT_EQ(dead(), "provider=1 sender-domain=1 sender-domain+provider=1");
  tag("4XB0001", "summer");
  learn("Sep 21 10:00:01", failed);
  EXPECT_EQ(dead(), "account=1 campaign=1 provider=1 sender-domain=1 sender-domain+provider=1");
  learn("Sep 21 10:00:01", failed);
  EXPECT_EQ(dead(), "account=1 campaign=1 provider=1 sender-domain=1 sender-domain+provider=1");
}

TEST_F(TagsTest, evidence_has_the_message_id_cut_and_without_control_characters) {
  learn("Sep 21 10:00:01", "cleanup[1]: 4XB0001: message-id=<1\x01" + std::string(300, 'x') + "@x>\n" +
                               bounce("4XB0001", "a@b.example", "5.1.1", "550 5.1.1 unknown") +
                               "qmgr[1]: 4XB0001: removed");
  EXPECT_EQ(query("SELECT length(message_id) || substr(message_id, 1, 3) FROM evidence"), "2501 x");
  learn("Sep 21 10:00:01",
        message("4XB0002", "news@x.example", bounce("4XB0002", "c@b.example", "5.1.1", "550 5.1.1 unknown")));
  EXPECT_EQ(query("SELECT message_id FROM evidence WHERE queue_id = '4XB0002'"), "4XB0002@x");
}

TEST_F(TagsTest, sender_domains_beyond_ten_thousand_new_ones_a_day_are_one) {
  decide([&](Decider&, Batch& open) {
    SenderDomains names;
    const auto name = [&](int each, Time day) {
      return names.name_for(open, "a@d" + std::to_string(each) + ".example", day).value();
    };
    for (int each = 0; each < 10'000; ++each) ASSERT_NE(name(each, now), "other") << each;
    EXPECT_EQ(name(10'000, now), "other");
    EXPECT_EQ(name(7, now), "d7.example") << "known";
    EXPECT_EQ(name(10'001, now + std::chrono::hours(24)), "d10001.example") << "another day";
    EXPECT_EQ(names.name_for(open, "", now).value(), "");
  });
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
