#include <gtest/gtest.h>

#include "suppressd/core/advice.h"
#include "suppressd/core/local_attempts.h"
#include "suppressd/core/sender_sends.h"

namespace suppressd {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kStart = from_unix(1'760'000'100);  // the beginning of five minutes

std::string name(const std::string& of, int number) {
  return of + std::to_string(number) + ".example";
}

TEST(SampleTest, of_few_elements_all_are_known_in_whatever_order_they_come) {
  Sample forth;
  Sample back;
  for (int i = 0; i < 200; ++i) forth.add(stable_hash(name("d", i)));
  for (int i = 199; i >= 0; --i) back.add(stable_hash(name("d", i)));
  EXPECT_FALSE(back.add(stable_hash(name("d", 7)))) << "it is known";
  EXPECT_EQ(forth.text(), back.text());
  EXPECT_EQ(Sample::from(forth.text()).text(), forth.text());
  SampleUnion both;
  both.add(forth);
  both.add(back);
  EXPECT_EQ(both.counts().all, 200);
}

TEST(SampleTest, of_many_elements_parts_give_the_same_sample_as_the_whole_and_a_good_estimate) {
  Sample whole;
  Sample parts[2];
  for (int i = 0; i < 20'000; ++i) {
    whole.add(stable_hash(name("d", i)));
    parts[i % 2].add(stable_hash(name("d", i)));
  }
  SampleUnion of_whole;
  of_whole.add(whole);
  SampleUnion of_parts;
  of_parts.add(parts[0]);
  of_parts.add(parts[1]);
  EXPECT_NEAR(static_cast<double>(of_whole.counts().all), 20'000, 4000);
  EXPECT_NEAR(static_cast<double>(of_parts.counts().all), 20'000, 4000);
  for (const auto& [hash, said] : whole.elements())
    EXPECT_TRUE(parts[0].elements().contains(hash) || parts[1].elements().contains(hash));
}

// The hash is stored, so it must never change.
TEST(SampleTest, the_hash_is_the_same_for_ever) {
  Sample sample;
  sample.add(stable_hash("example.com"));
  EXPECT_EQ(sample.text(), "9591d6421994d599 1\n");
}

class LocalAttemptsTest : public testing::Test {
 protected:
  void add(int first, int count, Duration at, bool failed) {
    for (int i = 0; i < count; ++i) attempts.add(name("d", first + i), kStart + at, failed);
  }
  std::vector<IncidentSpan> found() { return attempts.find(kStart - hours(1), {}).spans(); }
  LocalAttempts attempts;
};

TEST_F(LocalAttemptsTest, a_third_of_the_domains_and_ten_are_an_incident) {
  add(0, 20, minutes(1), false);
  add(100, 10, minutes(2), true);
  const auto spans = found();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].since, kStart);
  EXPECT_EQ(spans[0].failed, 10);
  EXPECT_EQ(spans[0].sends, 30);
  EXPECT_FALSE(spans[0].closed);
}

TEST_F(LocalAttemptsTest, nine_domains_or_fewer_than_a_third_are_none) {
  add(0, 9, minutes(1), true);
  EXPECT_TRUE(found().empty());
  add(100, 10, minutes(1), true);
  add(200, 39, minutes(1), false);
  EXPECT_TRUE(found().empty()) << "19 of 58";
}

TEST_F(LocalAttemptsTest, a_domain_of_which_one_attempt_was_answered_has_not_failed) {
  add(0, 30, minutes(1), true);
  add(0, 25, minutes(6), false);
  EXPECT_EQ(attempts.window(kStart + minutes(5)).failed, 5);
}

TEST_F(LocalAttemptsTest, failures_of_the_five_minutes_before_lie_in_it) {
  add(0, 6, minutes(4), true);
  add(100, 6, minutes(5), true);
  const auto spans = found();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].since, kStart);
  EXPECT_EQ(spans[0].opened, kStart + minutes(10));
}

TEST_F(LocalAttemptsTest, it_closes_when_most_domains_are_answered_again) {
  add(0, 30, minutes(1), true);
  add(0, 30, minutes(6), true);
  add(0, 30, minutes(11), false);
  const auto spans = found();
  ASSERT_EQ(spans.size(), 1U);
  ASSERT_TRUE(spans[0].closed);
  EXPECT_EQ(*spans[0].closed, kStart + minutes(15));
}

TEST_F(LocalAttemptsTest, it_closes_an_hour_after_its_last_failures_if_nothing_is_sent) {
  add(0, 30, minutes(1), true);
  add(0, 1, hours(5), false);
  const auto spans = found();
  ASSERT_EQ(spans.size(), 1U);
  ASSERT_TRUE(spans[0].closed);
  EXPECT_EQ(*spans[0].closed, kStart + minutes(5) + hours(1));
}

TEST_F(LocalAttemptsTest, a_third_of_very_many_domains_is_seen_in_the_sample) {
  add(0, 20'000, minutes(1), false);
  add(100'000, 14'000, minutes(1), true);
  EXPECT_EQ(found().size(), 1U);
  LocalAttempts few;
  std::swap(attempts, few);
  add(0, 20'000, minutes(1), false);
  add(100'000, 200, minutes(1), true);
  EXPECT_TRUE(found().empty());
}

class SenderSendsTest : public testing::Test {
 protected:
  OurSide side(const std::string& host, const std::string& domain = "shop.example",
               const std::string& campaign = {}) {
    return {.host = host, .sender_domain = domain, .campaign = campaign};
  }
  void blame(const OurSide& who, int count, Duration at, int first = 0,
             const std::string& text = "{ip} is listed") {
    hosts.insert(who.host);
    for (int i = 0; i < count; ++i)
      sends.add_blamed(who, kStart + at, stable_hash(who.host + std::to_string(first + i)), text,
                       "192.0.2.1 is listed");
  }
  void others(const OurSide& who, int count, Duration at) {
    hosts.insert(who.host);
    sends.add_other(who, kStart + at, count);
  }
  /// The sides of incidents.
  std::vector<OurSide> found() {
    std::vector<OurSide> sides;
    for (const auto& [who, state] : states())
      if (!state.spans().empty()) sides.push_back(who);
    return sides;
  }
  SenderSends::States states() { return sends.find(kStart - hours(1), {}, hosts, true); }
  static OurSide of_host(const std::string& host) {
    return {.host = host, .sender_domain = {}, .campaign = {}};
  }

  SenderSends sends;
  std::set<std::string> hosts;
};

TEST_F(SenderSendsTest, twenty_sends_and_a_tenth_are_an_incident) {
  others(side("mta1"), 180, minutes(1));
  blame(side("mta1"), 19, minutes(2));
  EXPECT_TRUE(found().empty());
  blame(side("mta1"), 1, minutes(3), 19);
  EXPECT_EQ(found(), std::vector{of_host("mta1")});
  others(side("mta1"), 30, minutes(4));
  EXPECT_TRUE(found().empty()) << "20 of 230";
}

TEST_F(SenderSendsTest, a_send_that_is_tried_again_and_again_counts_once) {
  for (int retry = 0; retry < 100; ++retry) blame(side("mta1"), 19, minutes(retry / 2));
  EXPECT_TRUE(found().empty());
}

TEST_F(SenderSendsTest, of_one_listed_host_there_is_one_incident_and_none_of_its_senders) {
  for (const auto* host : {"mta1", "mta2", "mta3"}) others(side(host), 100, minutes(1));
  blame(side("mta2"), 40, minutes(2));
  EXPECT_EQ(found(), std::vector{of_host("mta2")});
}

TEST_F(SenderSendsTest, of_one_domain_on_several_hosts_there_is_one_incident) {
  for (const auto* host : {"mta1", "mta2"}) {
    others(side(host), 100, minutes(1));
    blame(side(host, "club.example"), 15, minutes(2));
  }
  EXPECT_EQ(found(), (std::vector{OurSide{.host = {}, .sender_domain = "club.example", .campaign = {}}}));
}

TEST_F(SenderSendsTest, of_one_campaign_of_a_domain_there_is_one_incident) {
  others(side("mta1"), 100, minutes(1));
  blame(side("mta1", "shop.example", "spring"), 30, minutes(2));
  EXPECT_EQ(found(), (std::vector{OurSide{.host = {}, .sender_domain = {}, .campaign = "spring"}}));
}

TEST_F(SenderSendsTest, it_closes_with_the_first_hour_in_which_there_is_not_enough) {
  blame(side("mta1"), 30, minutes(1));
  for (int five = 1; five <= 24; ++five) others(side("mta1"), 1, minutes(5 * five));
  const auto spans = states().at(of_host("mta1")).spans();
  ASSERT_EQ(spans.size(), 1U);
  ASSERT_TRUE(spans[0].closed);
  EXPECT_EQ(*spans[0].closed, kStart + hours(1) + minutes(5));
  EXPECT_EQ(spans[0].failed, 30);
}

TEST_F(SenderSendsTest, of_many_texts_the_memory_is_bounded) {
  for (int i = 0; i < 1000; ++i) blame(side("mta1"), 1, minutes(1), i, "text " + std::to_string(i));
  EXPECT_LE(sends.buckets().begin()->second.begin()->second.blamed.size(), 21U);
  EXPECT_EQ(found().size(), 1U);
}

TEST_F(SenderSendsTest, what_was_said_most_often_is_told_with_an_example) {
  blame(side("mta1"), 30, minutes(1));
  blame(side("mta1"), 10, minutes(1), 100, "spam");
  const auto said = sends.said_most(of_host("mta1"), kStart);
  EXPECT_EQ(said.text, "{ip} is listed");
  EXPECT_EQ(said.example, "192.0.2.1 is listed");
}

TEST(AdviceTest, a_list_that_is_named_in_a_reply_is_found) {
  for (const auto& [reply, page] : std::initializer_list<std::pair<const char*, const char*>>{
           {"Client host [192.0.2.1] blocked using ZEN.Spamhaus.org", "https://check.spamhaus.org/"},
           {"blocked using bl.spamcop.net", "https://www.spamcop.net/bl.shtml"},
           {"http://www.barracudacentral.org/reputation?pr=1&ip=192.0.2.1",
            "https://www.barracudacentral.org/lookups"},
           {"part of their network is on our block list (S3150).", "https://olcsupport.office.com/"},
           {"550-5.7.26 Your email has been blocked because the sender is unauthenticated.",
            "https://support.google.com/a/answer/81126"},
           {"550 5.7.515 Access denied, sending domain shop.example does not meet",
            "https://sendersupport.olc.protection.outlook.com/pm/policies.aspx"}}) {
    const auto found = advice_in(reply);
    ASSERT_EQ(found.size(), 1U) << reply;
    EXPECT_EQ(found[0].page, page);
  }
  EXPECT_TRUE(advice_in("550 5.1.1 user unknown").empty());
}

TEST(AdviceTest, a_provider_without_a_page_has_its_postmaster) {
  EXPECT_EQ(advice_at("google.com").page, "https://postmaster.google.com/");
  EXPECT_EQ(advice_at("small.example").page, "postmaster@small.example");
}

}  // namespace
}  // namespace suppressd
