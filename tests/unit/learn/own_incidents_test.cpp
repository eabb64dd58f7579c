// What is our own fault costs no address.
#include <algorithm>
#include <chrono>
#include <utility>

#include "suppressd/store/reader.h"

#include "learner_fixture.h"

namespace suppressd {
namespace {

constexpr Duration kDay = std::chrono::hours(24);
constexpr Duration kHour = std::chrono::hours(1);
constexpr Duration kMinute = std::chrono::minutes(1);

class OwnIncidentsTest : public LearnerTest {
 protected:
  // Postfix's lines; times are counted from kStart.
  void say(Duration at, const std::string& text) {
    const auto stamp = format_time(kStart + at);
    lines.emplace_back(to_unix(kStart + at),
                       stamp.substr(0, stamp.size() - 1) + "+00:00 " + host + " postfix/" + text);
  }
  void send(Duration at, const std::string& to, const std::string& how, bool expires = false) {
    const auto id = "A" + std::to_string(1000 + ++messages);
    say(at, "qmgr[1]: " + id + ": from=<news@shop.example>, size=1, nrcpt=1 (queue active)");
    say(at, "smtp[1]: " + id + ": to=<" + to + ">, " + how);
    if (expires)
      say(at + kMinute, "qmgr[1]: " + id + ": from=<news@shop.example>, status=expired, returned to sender");
    say(at + kMinute, "qmgr[1]: " + id + ": removed");
  }
  void deliver(Duration at, const std::string& to) {
    send(at, to,
         "relay=mx.b.example[198.51.100.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 Ok)");
  }
  void not_found(Duration at, const std::string& to) {
    send(at, to,
         "relay=none, delay=0, delays=0/0/0/0, dsn=4.4.3, status=deferred (Host or domain name not found. "
         "Name "
         "service error for name=" +
             domain_of(to) + " type=MX: Host not found, try again)",
         true);
  }
  void no_such_domain(Duration at, const std::string& to) {
    send(
        at, to,
        "relay=none, delay=0, delays=0/0/0/0, dsn=5.4.4, status=bounced (Host or domain name not found. Name "
        "service error for name=" +
            domain_of(to) + " type=AAAA: Host not found)");
  }
  void refuse(Duration at, const std::string& to, const std::string& reply) {
    send(at, to,
         "relay=mx.b.example[198.51.100.1]:25, delay=0, delays=0/0/0/0, dsn=" + reply.substr(4, 5) +
             ", status=bounced (host mx.b.example[198.51.100.1] said: " + reply +
             " (in reply to RCPT TO command))");
  }
  static std::string domain_of(const std::string& to) { return to.substr(to.find('@') + 1); }
  static std::string user(int number) { return "user@d" + std::to_string(number) + ".example"; }
  // Each line is a batch of its own, with a restart now and then, if `one_by_one`.
  void learn_all(bool one_by_one = false) {
    std::ranges::stable_sort(lines, {}, [](const auto& line) { return line.first; });
    std::vector<std::string> texts;
    int count = 0;
    for (const auto& [at, text] : lines) {
      texts.push_back(text);
      if (!one_by_one) continue;
      go_on(learner->learn(batch_of(std::exchange(texts, {}))));
      if (++count % 7 == 0) restart();
    }
    if (!texts.empty()) go_on(learner->learn(batch_of(std::move(texts))));
  }
  std::string incidents() {
    return query(
        "SELECT kind || ' ' || provider || ' ' || host || ' ' || failed || '/' || sends || ' ' || (since - " +
        std::to_string(to_unix(kStart)) + ") FROM incident ORDER BY since, provider");
  }
  std::string entries() { return query("SELECT address || ' ' || state FROM suppression ORDER BY address"); }
  std::string dump() {
    std::string all;
    auto reader = Reader::open(database_path);
    EXPECT_TRUE(reader && reader->dump([&](std::string_view line) { all.append(line).append("\n"); }));
    return all;
  }
  void twenty_domains_of_which_none_is_found() {
    for (int i = 0; i < 20; ++i) deliver(kMinute, user(i));
    for (int day = 1; day < 4; ++day)
      for (int i = 0; i < 20; ++i)
        i == 7 ? no_such_domain(day * kDay, user(i)) : not_found(day * kDay, user(i));
    for (int i = 0; i < 20; ++i) deliver(3 * kDay + kHour, user(i + 100));
  }

  const Time kStart = from_unix(1'779'999'900);  // the beginning of five minutes
  std::string host = "mta";
  std::vector<std::pair<std::int64_t, std::string>> lines;
  int messages = 0;
};

TEST_F(OwnIncidentsTest, a_resolver_that_fails_costs_neither_addresses_nor_domains) {
  twenty_domains_of_which_none_is_found();
  learn_all();
  EXPECT_EQ(query("SELECT count(*) FROM incident WHERE kind = 'local'"), "3");
  EXPECT_EQ(query("SELECT count(*) FROM recipient WHERE streak > 0"), "0");
  EXPECT_EQ(entries(), "user@d7.example pending");
}

TEST_F(OwnIncidentsTest, without_known_domains_there_is_none) {
  for (int day = 1; day < 4; ++day)
    for (int i = 0; i < 20; ++i) no_such_domain(day * kDay, user(i));
  learn_all();
  EXPECT_EQ(incidents(), "");
  EXPECT_EQ(query("SELECT count(*) FROM suppression WHERE state = 'active'"), "20");
}

TEST_F(OwnIncidentsTest, wherever_the_log_is_cut_they_are_the_same) {
  twenty_domains_of_which_none_is_found();
  for (int i = 0; i < 30; ++i)
    refuse(5 * kDay, user(i), "554 5.7.1 Client host [192.0.2.9] blocked using zen.spamhaus.org");
  learn_all();
  const auto whole = dump();
  EXPECT_NE(whole.find("\"kind\":\"sender\""), std::string::npos) << whole;
  start_afresh();
  learn_all(true);
  EXPECT_EQ(dump(), whole);
}

TEST_F(OwnIncidentsTest, what_may_be_about_us_is_pending_while_a_provider_blames_us) {
  for (int i = 0; i < 25; ++i)
    refuse(kMinute, user(i), "554 5.7.1 Client host [192.0.2.9] blocked using zen.spamhaus.org");
  refuse(2 * kMinute, "weak@b.example", "550 5.4.1 Recipient address rejected: Access denied");
  refuse(2 * kMinute, "dead@b.example", "550 5.1.1 user unknown");
  learn_all();
  EXPECT_EQ(query("SELECT count(*) FROM incident WHERE kind = 'sender'"), "1");
  EXPECT_EQ(entries(), "dead@b.example active weak@b.example pending");
  EXPECT_EQ(query("SELECT 'incident ' || incident FROM v_entry WHERE state = 'pending'"), "incident 1");
}

}  // namespace
}  // namespace suppressd
