// Half-open entries: which message becomes the probe. Sessions by themselves, and many at once on a real
// Filter.
#include <atomic>
#include <latch>
#include <memory>
#include <thread>

#include <gtest/gtest.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include "suppressd/milter/session.h"

#include "list_lookup.h"
#include "milter_client.h"
#include "running_filter.h"

namespace suppressd {
namespace {

using Kind = Answer::Kind;
const Time kNow = from_unix(1795219200);
const std::string kOpen = "open@h.example";

class ProbeSession : public testing::Test {
 protected:
  ProbeSession() { use({}); }

  void use(GatekeeperSettings settings) {
    rules_.gatekeeper = *Gatekeeper::make(std::move(settings), lookup_);
  }
  std::unique_ptr<Session> message(const std::string& sender = "<a@sender.example>") {
    auto session =
        std::make_unique<Session>(SessionContext{refusals_, mails_, claims_, tags_, counters_, reporter_});
    begin(*session, sender);
    return session;
  }
  void begin(Session& session, const std::string& sender = "<a@sender.example>") {
    session.begin(std::make_shared<const SessionRules>(rules_), {.argument = sender});
  }
  static Answer rcpt(Session& session, const std::string& address = kOpen) {
    return session.recipient({.argument = "<" + address + ">", .address = address, .mailer = "smtp"}, kNow);
  }
  bool passes(Session& session, const std::string& address = kOpen) {
    return rcpt(session, address).kind == Kind::proceed;
  }
  static void end(Session& session, const std::string& queue_id = "4Q") {
    const MessageEdit edit{[](const auto&) { return true; }, [](const auto&, const auto&) { return true; }};
    EXPECT_EQ(session.end(queue_id, edit, kNow).kind, Kind::accept);
  }
  bool is_free() {
    auto other = message();
    return passes(*other);
  }

  ListLookup lookup_;
  SessionRules rules_;
  RefusalQueue refusals_{1000};
  MailQueue mails_{1};
  ProbeClaims claims_{4};
  TagQueue tags_{1};
  FilterCounters counters_;
  Reporter reporter_{[](Severity, const std::string&) {}};
};

TEST_F(ProbeSession, one_message_passes_and_others_are_refused_in_plain_words) {
  const auto first = message();
  EXPECT_TRUE(passes(*first));
  const auto second = message();
  const auto refused = rcpt(*second);
  EXPECT_EQ(refused.kind, Kind::refuse);
  EXPECT_EQ(refused.code, 550);
  EXPECT_EQ(refused.status, "5.7.1");
  EXPECT_TRUE(
      refused.text.starts_with("recipient suppressed: undetermined-permanent since 2026-11-01, ref "));
  EXPECT_NE(refused.text.find("(half open since 2026-12-01: another message tests whether"),
            std::string::npos);
  EXPECT_EQ(counters_.refused, 1u);
}

TEST_F(ProbeSession, the_claim_becomes_a_note_at_the_end_of_the_message_and_no_sooner) {
  const auto session = message();
  ASSERT_TRUE(passes(*session));
  EXPECT_EQ(session->data("4Q1").kind, Kind::proceed) << "the end of the message is needed";
  EXPECT_TRUE(claims_.waiting().empty());
  end(*session, "4Q1");
  const Probe expected{
      .address = kOpen, .kind = SuppressionKind::hard, .recipient = kOpen, .queue_id = "4Q1", .since = kNow};
  EXPECT_EQ(claims_.waiting(), std::vector{expected});
  session->finish();
  EXPECT_FALSE(is_free()) << "it is not stored yet";
}

TEST_F(ProbeSession, a_message_without_a_claim_ends_at_data) {
  const auto session = message();
  ASSERT_TRUE(passes(*session, "good@x.example"));
  EXPECT_EQ(session->data("4Q1").kind, Kind::accept);
  const auto probe = message();
  ASSERT_TRUE(passes(*probe));
  const auto other = message();
  EXPECT_FALSE(passes(*other));
  ASSERT_TRUE(passes(*other, "good@x.example"));
  EXPECT_EQ(other->data("4Q2").kind, Kind::accept);
}

TEST_F(ProbeSession, an_abort_a_new_message_and_the_end_of_the_session_free_it) {
  auto session = message();
  ASSERT_TRUE(passes(*session));
  session->finish();  // RSET, a reject by the MTA, a lost connection before DATA
  ASSERT_TRUE(is_free());
  begin(*session);
  ASSERT_TRUE(passes(*session));
  begin(*session);
  ASSERT_TRUE(is_free());
  ASSERT_TRUE(passes(*session));
  session->data("4Q1");
  session.reset();
  EXPECT_TRUE(is_free());
  EXPECT_TRUE(claims_.waiting().empty());
}

TEST_F(ProbeSession, several_recipients_of_one_message_are_tested_each) {
  const auto session = message();
  EXPECT_TRUE(passes(*session));
  EXPECT_TRUE(passes(*session)) << "the same one again";
  EXPECT_TRUE(passes(*session, "open2@h.example"));
  EXPECT_TRUE(passes(*session, "good@x.example"));
  EXPECT_FALSE(passes(*session, "dead@x.example"));
  end(*session);
  EXPECT_EQ(claims_.waiting().size(), 2u);
}

TEST_F(ProbeSession, what_is_bypassed_or_monitored_takes_no_claim) {
  use({.bypass_senders = {"reset@sender.example"}});
  for (const std::string sender : {"<reset@sender.example>", "<>"}) {
    const auto session = message(sender);
    ASSERT_TRUE(passes(*session));
    EXPECT_EQ(session->data("4Q1").kind, Kind::accept);
    ASSERT_TRUE(is_free());
  }
  use({.mode = Mode::monitor});
  const auto session = message();
  ASSERT_TRUE(passes(*session));
  EXPECT_EQ(counters_.monitored, 0u) << "it would not have been refused";
  use({});
  ASSERT_TRUE(is_free());
  std::uint64_t dropped = 0;
  EXPECT_TRUE(refusals_.take(dropped).empty());

  lookup_.store({.address = kOpen, .recipient = kOpen, .queue_id = "4P", .since = kNow});
  use({.mode = Mode::monitor});
  ASSERT_TRUE(is_free());
  EXPECT_EQ(counters_.monitored, 1u) << "it would have been refused";
}

TEST_F(ProbeSession, one_that_was_stored_meanwhile_is_seen_under_the_claim) {
  const auto first = message();
  ASSERT_TRUE(passes(*first));
  end(*first);
  for (const auto& probe : claims_.waiting()) lookup_.store(probe);
  claims_.stored(claims_.waiting());
  EXPECT_FALSE(is_free());
  EXPECT_EQ(claims_.take(kOpen), ProbeClaims::Taken::ours) << "who is refused keeps no claim";
  claims_.release(kOpen);
  lookup_.settle(kOpen);
  EXPECT_TRUE(is_free());
}

TEST_F(ProbeSession, where_no_note_could_be_queued_the_recipient_is_refused) {
  std::vector<std::unique_ptr<Session>> sessions;
  for (int number = 0; number < 4; ++number) {
    sessions.push_back(message());
    ASSERT_TRUE(passes(*sessions.back(), "open" + std::to_string(number) + "@h.example"));
  }
  EXPECT_FALSE(is_free());
  const auto other = message();
  EXPECT_NE(rcpt(*other, "open0@h.example").text.find("another message tests"), std::string::npos);
  EXPECT_NE(rcpt(*other, "open9@h.example").text.find("a later message will test it, as too many"),
            std::string::npos)
      << "no message tests it, so none is named";
  EXPECT_TRUE(passes(*sessions[0], "good@x.example"));
  sessions.clear();
  EXPECT_TRUE(is_free());
}

TEST_F(ProbeSession, a_message_of_the_sendmail_command_is_a_probe_too_and_loses_its_recipient_otherwise) {
  std::vector<std::string> removed;
  const MessageEdit edit{[&](const auto& argument) { return removed.push_back(argument), true; },
                         [](const auto&, const auto&) { return true; }};
  const auto local = [&](Session& session) {
    session.begin(std::make_shared<const SessionRules>(rules_),
                  {.argument = "a@sender.example", .queue_id = "L1", .client_ip = "127.0.0.1"});
    for (const std::string& to : {kOpen, std::string("good@x.example")})
      EXPECT_EQ(session.recipient({.argument = to, .address = to, .queue_id = "L1"}, kNow).kind,
                Kind::proceed);
  };
  const auto first = message();
  local(*first);
  const auto second = message();
  local(*second);
  EXPECT_EQ(first->end("L1", edit, kNow).kind, Kind::accept);
  EXPECT_TRUE(removed.empty());
  EXPECT_EQ(second->end("L2", edit, kNow).kind, Kind::accept);
  EXPECT_EQ(removed, std::vector{kOpen});
  ASSERT_EQ(claims_.waiting().size(), 1u);
  EXPECT_EQ(claims_.waiting()[0].queue_id, "L1");
}

/// Messages through libmilter.
class ProbeFilter : public testing::Test {
 protected:
  ProbeFilter() : running_(filter_of_this_process()) { running_.use({}); }
  ~ProbeFilter() override {
    for (const auto& probe : running_.probes().waiting()) running_.lookup().settle(probe.address);
    running_.probes().stored(running_.probes().waiting());
    running_.notes();
  }

  static bool passes(MilterClient& client, const std::string& address) {
    return client.smtp_rcpt(address, "4Q").command == SMFIR_CONTINUE;
  }
  std::unique_ptr<MilterClient> session() {
    auto client = std::make_unique<MilterClient>(running_.path());
    client->negotiate();
    client->mail("<a@sender.example>", {{"{client_addr}", "192.0.2.7"}});
    return client;
  }
  /// A session is told of its end at some time after its socket was closed.
  bool becomes_free(const std::string& address) {
    for (int tries = 0; tries < 1000; ++tries) {
      auto client = session();
      if (passes(*client, address)) {
        client->send(SMFIC_ABORT);
        passes(*client, "good@x.example");  // waits until the abort was taken
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  RunningFilter& running_;
};

TEST_F(ProbeFilter, of_fifty_messages_at_once_exactly_one_goes_out) {
  constexpr int kMessages = 50;
  for (int round = 0; round < 5; ++round) {
    const auto address = "open.crowd" + std::to_string(round) + "@h.example";
    std::atomic<int> passed{0};
    std::latch all_there(kMessages);
    std::vector<std::jthread> clients;
    for (int number = 0; number < kMessages; ++number)
      clients.emplace_back([&, number] {
        const auto client = session();
        all_there.arrive_and_wait();
        if (!passes(*client, address)) return;
        ++passed;
        client->data({{"i", "4Q"}});
        client->end_of_message({{"i", "4Q" + std::to_string(number)}});
      });
    clients.clear();
    ASSERT_EQ(passed, 1);
  }
  EXPECT_EQ(running_.probes().waiting().size(), 5u);
}

TEST_F(ProbeFilter, reset_and_a_lost_connection_free_it) {
  auto client = session();
  ASSERT_TRUE(passes(*client, "open.lost@h.example"));
  client->send(SMFIC_ABORT);
  client->mail("<a@sender.example>", {{"{client_addr}", "192.0.2.7"}});
  ASSERT_TRUE(passes(*client, "good@x.example"));
  ASSERT_TRUE(becomes_free("open.lost@h.example"));
  ASSERT_TRUE(passes(*client, "open.lost@h.example"));
  client->data({{"i", "4Q"}});
  client.reset();
  EXPECT_TRUE(becomes_free("open.lost@h.example"));
}

}  // namespace
}  // namespace suppressd
