#include "suppressd/learn/relays.h"

#include <gtest/gtest.h>

#include "suppressd/learn/settings.h"
#include "suppressd/mta/dialect.h"
#include "suppressd/mta/relay.h"

namespace suppressd {
namespace {

constexpr auto kPostfix = "smtp[1]: 4XA0001: to=<user@customer.example>, relay=";
constexpr auto kSendmail =
    "sendmail[1]: 6AKNELkC010160: to=<user@customer.example>, delay=00:00:00, xdelay=00:00:00, ";

std::string canonical(std::string_view entry) {
  auto relay = canonical_relay(entry);
  return relay ? std::move(*relay) : relay.error().message;
}

bool lists(const std::string& entry, std::string_view logged) {
  const auto list = RelayList::make({entry});
  EXPECT_TRUE(list) << list.error().message;
  return list && list->contains(read_relay(logged));
}

TEST(RelayList, no_spelling_that_an_mta_knows_fails_to_match) {
  for (const auto* entry :
       {"smart.provider.example", "smart.provider.example.", "Smart.Provider.EXAMPLE",
        " smart.provider.example ", "[smart.provider.example]", "[smart.provider.example]:587",
        "smart.provider.example:587", "smart.provider.example:submission", "relay:smart.provider.example",
        "relay:[smart.provider.example]", "smtp:[smart.provider.example]:587",
        "esmtp:smart.provider.example.", "lmtp:inet:smart.provider.example:24", ".provider.example"}) {
    EXPECT_TRUE(lists(entry, "smart.provider.example[198.51.100.9]:587")) << entry;
    EXPECT_TRUE(lists(entry, "smart.provider.example. [198.51.100.9]")) << entry;
    EXPECT_TRUE(lists(entry, "[smart.provider.example]")) << entry;
    EXPECT_FALSE(lists(entry, "mx.customer.example[203.0.113.5]:25")) << entry;
  }
  EXPECT_TRUE(lists("bücher.example", "xn--bcher-kva.example[198.51.100.9]:25"));
  EXPECT_TRUE(lists("mailhub:submission", "mailhub[198.51.100.9]:587"));
  EXPECT_TRUE(lists("relay:mailhub", "mailhub. [198.51.100.9]"));
  EXPECT_TRUE(lists("localhost:10024", "localhost[127.0.0.1]:10024"));
  EXPECT_TRUE(lists("Unix", "mta.example[private/lmtp]"));
}

TEST(RelayList, no_spelling_of_an_address_fails_to_match) {
  for (const auto* entry : {"198.51.100.9", "[198.51.100.9]", "[198.51.100.9]:587", "198.51.100.9:587",
                            "smtp:[198.51.100.9]:25"}) {
    EXPECT_TRUE(lists(entry, "198.51.100.9[198.51.100.9]:587")) << entry;
    EXPECT_TRUE(lists(entry, "smart.example.[198.51.100.9]")) << entry;
  }
  for (const auto* entry : {"2001:db8::25", "2001:DB8:0:0:0:0:0:25", "[2001:db8::25]", "[2001:db8::25]:587",
                            "[IPv6:2001:db8::25]", "IPv6:2001:db8::25", "smtp:[2001:db8::25]:25"}) {
    EXPECT_TRUE(lists(entry, "smart.example[2001:db8::25]:25")) << entry;
    EXPECT_TRUE(lists(entry, "smart.example. [IPv6:2001:db8:0:0:0:0:0:25]")) << entry;
  }
}

TEST(RelayList, what_can_match_no_relay_is_refused_with_what_would_be_right) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"", "write a host name"},
      {"[]", "write a host name"},
      {"[smart.example", "write a host name"},
      {"[smart.example]x", "write a host name"},
      {"smart.example:587:x", "write a host name"},
      {"smart.example:", "write a host name"},
      {"smart_host!.example", "write a host name"},
      {"198.51.100.0/24", "each address of a network"},
      {"198.51.100.300", "not an IP address"},
      {"198.51.100", "not an IP address"},
      {"*.provider.example", "write \".provider.example\""},
      {"smart@provider.example", "not a mail address"},
      {"smart1.example, smart2.example", "an entry of its own"},
      {"smart1.example smart2.example", "an entry of its own"},
      {"/var/run/dovecot/lmtp", "write \"unix\""},
      {"unix:private/lmtp", "write \"unix\""},
      {"lmtp:unix:/var/run/lmtp", "write \"unix\""},
      {"default", "not a host"},
      {"none", "not a host"},
  };
  for (const auto& [entry, words] : cases) {
    EXPECT_NE(canonical(entry).find(words), std::string::npos) << entry << ": " << canonical(entry);
    EXPECT_NE(canonical(entry).find("can match no relay"), std::string::npos)
        << entry << ": " << canonical(entry);
  }
}

TEST(RelayList, the_local_ones_are_so_in_every_spelling_of_the_log) {
  const auto list = RelayList::local_by_default();
  for (const auto* relay : {"127.0.0.1[127.0.0.1]:10024", "[127.0.0.1] [127.0.0.1]", "localhost[::1]:10024",
                            "[IPv6:0:0:0:0:0:0:0:1]", "mta.example[private/dovecot-lmtp]"})
    EXPECT_TRUE(list.contains(read_relay(relay))) << relay;
  for (const auto* relay : {"127.0.0.2[127.0.0.2]:25", "mx.example[198.51.100.9]:25", "none"})
    EXPECT_FALSE(list.contains(read_relay(relay))) << relay;
}

/// Whether the line's attempt failed at a host of ours.
class NextHop : public testing::Test {
 protected:
  bool ours(const std::string& line, std::string_view domain = "customer.example") {
    const auto tag = line.substr(0, line.find('['));
    const auto message = line.substr(line.find(": ") + 2);
    const LogEntry entry{
        .at = {}, .host = "mta", .tag = tag == "smtp" ? "postfix/smtp" : "sm-mta", .message = message};
    const auto reading = parse_entry(entry);
    if (!reading) throw std::invalid_argument(line);
    const auto& attempt = reading->attempt();
    return failed_at_next_hop(attempt, relays().peer_of(attempt.failed).standing, domain);
  }
  bool postfix(const std::string& text, const std::string& relay = "none", const std::string& dsn = "4.4.1") {
    return ours(kPostfix + relay + ", delay=1, delays=0/0/1/0, dsn=" + dsn + ", status=deferred (" + text +
                ")");
  }
  bool sendmail(const std::string& rest) { return ours(kSendmail + rest); }
  Relays relays() const { return *Relays::make(config_); }

  LearnSettings config_;
};

TEST_F(NextHop, a_name_outside_the_recipients_domain_that_does_not_exist_is_not_his_fault) {
  EXPECT_TRUE(
      postfix("Host or domain name not found. Name service error for name=smart.nodomain.example type=A: "
              "Host not found"));
  EXPECT_TRUE(postfix("unable to look up host smart.nodomain.example: Name or service not known"));
  EXPECT_TRUE(
      postfix("Host or domain name not found. Name service error for name=mail.customer.example.net type=A: "
              "Host not found"));
  EXPECT_TRUE(sendmail(
      "mailer=esmtp, pri=1, relay=smart.nodomain.example, dsn=5.1.2, stat=Host unknown (Name server: "
      "smart.nodomain.example: host not found)"));
}

TEST_F(NextHop, his_own_domain_or_a_broken_mx_in_it_stays_his_fault) {
  EXPECT_FALSE(postfix(
      "Host or domain name not found. Name service error for name=customer.example type=A: Host not found"));
  EXPECT_FALSE(
      postfix("Host or domain name not found. Name service error for name=mx.customer.example type=A: Host "
              "not found"));
  EXPECT_FALSE(postfix("Domain customer.example does not accept mail (nullMX)", "none", "5.1.0"));
  EXPECT_FALSE(
      sendmail("mailer=esmtp, pri=1, relay=mx.customer.example., dsn=5.1.2, stat=Host unknown (Name server: "
               "mx.customer.example.: host not found)"));
  EXPECT_FALSE(sendmail(
      "mailer=esmtp, pri=1, dsn=4.4.3, stat=Deferred: host map: lookup (customer.example): deferred"));
}

TEST_F(NextHop, postfixs_relayhost_is_known_by_its_status_even_in_the_recipients_domain) {
  const auto* text =
      "Host or domain name not found. Name service error for name=smart.customer.example type=A: Host not "
      "found";
  EXPECT_TRUE(postfix(text, "none", "4.3.5"));
  EXPECT_FALSE(postfix(text, "none", "5.4.4"));
}

TEST_F(NextHop, a_host_that_may_be_his_mx_stays_his_fault_wherever_it_is) {
  EXPECT_FALSE(postfix("connect to mx1.provider.example[198.51.100.9]:25: Connection timed out"));
  EXPECT_FALSE(postfix("lost connection with mx1.provider.example[198.51.100.9] while sending RCPT TO",
                       "mx1.provider.example[198.51.100.9]:25"));
  EXPECT_FALSE(
      sendmail("mailer=esmtp, pri=1, relay=mx1.provider.example. [198.51.100.9], dsn=4.4.1, stat=Deferred: "
               "Connection refused by mx1.provider.example."));
}

TEST_F(NextHop, an_address_or_a_port_that_no_mx_record_can_name_is_no_mx) {
  EXPECT_TRUE(postfix("connect to 198.51.100.9[198.51.100.9]:25: Connection refused"));
  EXPECT_TRUE(postfix("connect to smart.provider.example[198.51.100.9]:587: Connection refused"));
  EXPECT_TRUE(postfix(
      "conversation with 198.51.100.9[198.51.100.9] timed out while receiving the initial server greeting",
      "198.51.100.9[198.51.100.9]:25"));
  EXPECT_TRUE(
      sendmail("mailer=esmtp, pri=1, relay=[198.51.100.9] [198.51.100.9], dsn=4.4.1, stat=Deferred: "
               "Connection refused by [198.51.100.9]"));
  EXPECT_FALSE(
      ours("smtp[1]: 4XA0001: to=<user@[198.51.100.9]>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, "
           "status=deferred (connect to 198.51.100.9[198.51.100.9]:25: Connection refused)",
           "[198.51.100.9]"));
}

TEST_F(NextHop, sendmails_relay_mailer_is_never_his_host_but_for_his_domain_itself) {
  EXPECT_TRUE(sendmail(
      "mailer=relay, pri=1, relay=smart.nodomain.example, dsn=5.1.2, stat=Host unknown (Name server: "
      "smart.nodomain.example: host not found)"));
  EXPECT_TRUE(sendmail(
      "mailer=relay, pri=1, relay=[smart.nodomain.example], dsn=5.1.2, stat=Host unknown (Name server: "
      "[smart.nodomain.example]: host not found)"));
  EXPECT_TRUE(
      sendmail("mailer=relay, pri=1, relay=smart.provider.example. [198.51.100.9], dsn=4.4.1, stat=Deferred: "
               "Connection refused by smart.provider.example."));
  EXPECT_TRUE(sendmail(
      "mailer=relay, pri=1, relay=smart.provider.example. [198.51.100.9], dsn=4.4.2, reply=read error from "
      "smart.provider.example., stat=Deferred: Connection reset by smart.provider.example."));
  EXPECT_FALSE(
      sendmail("mailer=relay, pri=1, relay=customer.example, dsn=5.1.2, stat=Host unknown (Name server: "
               "customer.example: host not found)"));
}

TEST_F(NextHop, a_listed_relay_is_ours_in_every_text_that_names_it) {
  config_.relays = {"smart.provider.example", "203.0.113.9"};
  for (const auto* text : {"connect to smart.provider.example[198.51.100.9]:25: Connection refused",
                           "connect to other.example[203.0.113.9]:25: Connection timed out",
                           "Host or domain name not found. Name service error for "
                           "name=smart.provider.example type=MX: Host not found, try again",
                           "delivery temporarily suspended: connect to "
                           "smart.provider.example[198.51.100.9]:25: Connection refused",
                           "delivery temporarily suspended: host smart.provider.example[198.51.100.9] "
                           "refused to talk to me: 421 4.7.0 too many connections",
                           "delivery temporarily suspended: lost connection with "
                           "smart.provider.example[198.51.100.9] while performing the EHLO handshake",
                           "conversation with smart.provider.example[198.51.100.9] timed out while sending "
                           "end of data -- message may be sent more than once"})
    EXPECT_TRUE(ours(
        std::string(
            "smtp[1]: 4XA0001: to=<user@customer.example>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, "
            "status=deferred (") +
        text + ")"))
        << text;
}

TEST_F(NextHop, a_remote_text_that_names_a_listed_relay_makes_it_not_ours) {
  config_.relays = {"smart.provider.example"};
  EXPECT_FALSE(
      postfix("host mx.customer.example[203.0.113.5] said: 450 4.2.0 connect to "
              "smart.provider.example[198.51.100.9]:25: refused (in "
              "reply to RCPT TO command)",
              "mx.customer.example[203.0.113.5]:25"));
}

}  // namespace
}  // namespace suppressd
