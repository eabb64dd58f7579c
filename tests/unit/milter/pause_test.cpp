// Breakers in the milter: what is paused, where it is answered, and which messages test.
#include <memory>

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
using std::string_literals::operator""s;
const Time kNow = from_unix(1795219200);

/// Breakers in memory: those of the names that were set, brought by anybody.
class PauseList : public PauseLookup {
 public:
  Result<std::optional<Pause>> find_pause(const PauseQuery& query, Time /*now*/) override {
    ++questions;
    last_bringer = query.brought_by;
    if (broken) return Error{"database is locked"};
    const auto found = pauses.find({query.dimension, std::string(query.name)});
    return found == pauses.end() ? std::nullopt : std::optional(found->second);
  }
  Pause& pause(BreakerDimension dimension, const std::string& name,
               BreakerState state = BreakerState::paused) {
    const BreakerPlace place{dimension, name};
    return pauses[place] = {.place = place,
                            .state = state,
                            .until = kNow + std::chrono::hours(1),
                            .why = "hard failures 12.0 % (12 of 100) in 24h"};
  }

  std::map<BreakerPlace, Pause> pauses;
  std::string last_bringer;
  int questions = 0;
  bool broken = false;
};

class PauseSession : public testing::Test {
 protected:
  PauseSession() {
    use({});
    settings_.dimensions = {BreakerDimension::campaign, BreakerDimension::account,
                            BreakerDimension::sender_domain};
    settings_.test_messages = 2;
    rules_.tags = {.campaign = *tag_source_from("header:X-Campaign"), .account = *tag_source_from("sasl")};
    use_breaker();
  }

  void use(GatekeeperSettings settings) {
    rules_.gatekeeper = *Gatekeeper::make(std::move(settings), lookup_);
  }
  void use_breaker() {
    rules_.breaker = std::make_shared<BreakerRules>(BreakerRules{settings_, rules_.tags, pauses_, tickets_});
  }
  Session& fresh(bool answers_mail = true) {
    session_ =
        std::make_unique<Session>(SessionContext{refusals_, mails_, claims_, tags_, counters_, reporter_});
    session_->set_answers_mail(answers_mail);
    return *session_;
  }
  Answer mail(const std::string& sender = "<news@mail.shop.example>", const std::string& login = "anna",
              const std::string& queue_id = {}) {
    return session_->begin(
        std::make_shared<const SessionRules>(rules_),
        {.argument = sender, .queue_id = queue_id, .sasl_user = login, .client_ip = "192.0.2.7"}, kNow);
  }
  Answer rcpt(const std::string& mailer = "smtp") {
    return session_->recipient({.argument = mailer.empty() ? "a@x.example" : "<a@x.example>",
                                .address = "a@x.example",
                                .mailer = mailer},
                               kNow);
  }
  Answer headers(const std::string& campaign) {
    if (!campaign.empty()) session_->header("X-Campaign", campaign);
    return session_->headers_end(kNow);
  }
  Answer end(const std::string& queue_id = "4Q") {
    held_.clear();
    MessageEdit edit{[](const auto&) { return true; }, [](const auto&, const auto&) { return true; }};
    if (can_hold_) edit.hold = [this](const std::string& reason) { return held_ = reason, true; };
    return session_->end(queue_id, edit, kNow);
  }
  /// A whole message; its last answer.
  Answer send(const std::string& campaign, const std::string& queue_id = "4Q") {
    if (auto answer = mail(); answer.kind != Kind::proceed) return answer;
    if (auto answer = rcpt(); answer.kind != Kind::proceed) return answer;
    if (auto answer = session_->data(queue_id); answer.kind != Kind::proceed) return answer;
    if (auto answer = headers(campaign); answer.kind != Kind::proceed) return answer;
    return end(queue_id);
  }

  ListLookup lookup_;
  PauseList pauses_;
  TestTickets tickets_;
  BreakerSettings settings_;
  SessionRules rules_;
  RefusalQueue refusals_{1000};
  MailQueue mails_{1};
  ProbeClaims claims_{4};
  TagQueue tags_{100};
  FilterCounters counters_;
  std::string said_;
  Reporter reporter_{[this](Severity, const std::string& line) { said_ = line; }};
  std::unique_ptr<Session> session_;
  bool can_hold_ = true;
  std::string held_;
};

TEST_F(PauseSession, a_paused_campaign_is_deferred_at_the_end_of_the_header_with_the_reason) {
  pauses_.pause(BreakerDimension::campaign, "spring");
  fresh();
  const auto paused = send("spring");
  EXPECT_EQ(paused.kind, Kind::tempfail);
  EXPECT_EQ(paused.code, 451);
  EXPECT_EQ(paused.status, "4.7.1");
  EXPECT_EQ(paused.text, "campaign spring is paused until " + format_time(kNow + std::chrono::hours(1)) +
                             ": hard failures 12.0 % (12 of 100) in 24h");
  EXPECT_EQ(pauses_.last_bringer, "login anna");
  EXPECT_EQ(send("autumn").kind, Kind::accept) << "the same session goes on";
  EXPECT_EQ(send("").kind, Kind::accept) << "untagged";
}

TEST_F(PauseSession, what_is_known_at_mail_is_answered_there) {
  pauses_.pause(BreakerDimension::sender_domain, "shop.example");
  fresh();
  EXPECT_EQ(mail().kind, Kind::tempfail);
  EXPECT_EQ(mail("<news@other.example>").kind, Kind::proceed);
  pauses_.pause(BreakerDimension::account, "anna");
  EXPECT_EQ(mail("<news@other.example>").kind, Kind::tempfail);
  EXPECT_EQ(mail("<news@other.example>", "bob").kind, Kind::proceed);
}

TEST_F(PauseSession, a_session_that_did_not_negotiate_it_is_answered_at_rcpt) {
  pauses_.pause(BreakerDimension::sender_domain, "shop.example");
  fresh(false);
  EXPECT_EQ(mail().kind, Kind::proceed);
  EXPECT_EQ(rcpt().kind, Kind::tempfail);
  EXPECT_EQ(rcpt().kind, Kind::tempfail);
  EXPECT_EQ(mail("<news@other.example>").kind, Kind::proceed);
  EXPECT_EQ(rcpt().kind, Kind::proceed);
}

TEST_F(PauseSession, bounces_and_bypassed_mail_are_not_even_asked_about) {
  pauses_.pause(BreakerDimension::sender_domain, "shop.example");
  pauses_.pause(BreakerDimension::campaign, "spring");
  use({.bypass_senders = {"@mail.shop.example"}});
  fresh();
  EXPECT_EQ(send("spring").kind, Kind::accept);
  EXPECT_EQ(mail("<>").kind, Kind::proceed);
  EXPECT_EQ(rcpt().kind, Kind::proceed);
  EXPECT_EQ(pauses_.questions, 0);
}

TEST_F(PauseSession, monitor_mode_and_enforcement_that_is_off_say_what_they_would_do) {
  auto& pause = pauses_.pause(BreakerDimension::campaign, "spring");
  use({.mode = Mode::monitor});
  fresh();
  EXPECT_EQ(send("spring").kind, Kind::accept);
  EXPECT_TRUE(said_.starts_with("mail passes that would be paused: campaign spring is paused until"))
      << said_;
  use({});
  pause.enforced = false;
  EXPECT_EQ(send("spring").kind, Kind::accept);
}

TEST_F(PauseSession, hold_accepts_it_into_the_hold_queue_and_its_tags_are_noted) {
  settings_.action = BreakerAction::hold;
  use_breaker();
  pauses_.pause(BreakerDimension::sender_domain, "shop.example");
  fresh();
  EXPECT_EQ(send("spring").kind, Kind::accept);
  EXPECT_TRUE(held_.starts_with("sender-domain shop.example is paused until")) << held_;
  std::uint64_t dropped = 0;
  const auto notes = tags_.take(dropped);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].brought_by, "login anna");
  can_hold_ = false;
  EXPECT_EQ(send("spring").kind, Kind::tempfail) << "an MTA that cannot";
  pauses_.pauses.clear();
  can_hold_ = true;
  EXPECT_EQ(send("spring").kind, Kind::accept);
  EXPECT_EQ(held_, "");
}

TEST_F(PauseSession, mail_of_the_sendmail_command_is_held_and_never_deferred) {
  pauses_.pause(BreakerDimension::campaign, "spring");
  fresh();
  ASSERT_EQ(mail("news@mail.shop.example", "", "4Q").kind, Kind::proceed);
  ASSERT_EQ(rcpt("").kind, Kind::proceed);
  ASSERT_EQ(session_->data("4Q").kind, Kind::proceed);
  ASSERT_EQ(headers("spring").kind, Kind::proceed);
  EXPECT_EQ(pauses_.last_bringer, "local");
  EXPECT_EQ(end().kind, Kind::accept);
  EXPECT_NE(held_, "");
  pauses_.pause(BreakerDimension::sender_domain, "shop.example");
  ASSERT_EQ(mail("news@mail.shop.example", "", "4R").kind, Kind::proceed);
  ASSERT_EQ(rcpt("").kind, Kind::proceed);
  ASSERT_EQ(session_->data("4R").kind, Kind::proceed) << "the end of the message is needed";
  ASSERT_EQ(headers("").kind, Kind::proceed);
  EXPECT_EQ(end().kind, Kind::accept);
  EXPECT_TRUE(held_.starts_with("sender-domain")) << held_;
}

TEST_F(PauseSession, a_test_lets_as_many_messages_pass_as_it_has_and_counts_what_is_on_its_way) {
  auto& pause = pauses_.pause(BreakerDimension::campaign, "spring", BreakerState::testing);
  fresh();
  EXPECT_EQ(send("spring", "4Q1").kind, Kind::accept);
  ASSERT_EQ(mail().kind, Kind::proceed);
  ASSERT_EQ(rcpt().kind, Kind::proceed);
  ASSERT_EQ(rcpt().kind, Kind::proceed);
  ASSERT_EQ(headers("spring").kind, Kind::proceed);
  auto open = std::move(session_);
  fresh();
  EXPECT_EQ(send("spring").kind, Kind::tempfail) << "two are out";
  std::swap(open, session_);
  EXPECT_EQ(end("4Q2").kind, Kind::accept);
  const auto sent = tickets_.waiting();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].queue_id, "4Q1");
  EXPECT_EQ(sent[1].recipients, 2);
  pause.test_messages = 2;
  tickets_.stored(2);
  EXPECT_EQ(send("spring").kind, Kind::tempfail) << "the batch is full";
  pause.test_messages = 1;
  EXPECT_EQ(send("spring").kind, Kind::accept);
}

TEST_F(PauseSession, a_test_message_that_does_not_go_gives_its_place_back) {
  settings_.test_messages = 1;
  use_breaker();
  pauses_.pause(BreakerDimension::campaign, "spring", BreakerState::testing);
  fresh();
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(mail().kind, Kind::proceed);
    ASSERT_EQ(rcpt().kind, Kind::proceed);
    ASSERT_EQ(headers("spring").kind, Kind::proceed);
    session_->finish();  // aborted
  }
  EXPECT_TRUE(tickets_.waiting().empty());
  EXPECT_EQ(send("spring").kind, Kind::accept);
}

class NoHistory : public WarmUpLookup {
 public:
  Result<WarmUpHistory> sends_before(std::string_view /*sender_domain*/, std::string_view /*provider*/,
                                     Time /*now*/) override {
    return WarmUpHistory{};
  }
  Result<ProvidersOfDomains> providers_of_domains() override { return ProvidersOfDomains{}; }
  Result<bool> enforcement_is_off(Time /*now*/) override { return off; }
  bool off = false;
};

class WarmUpSession : public PauseSession {
 protected:
  void use_warm_up(BreakerAction action) {
    BreakerSettings settings;
    settings.action = action;
    rules_.breaker = std::make_shared<BreakerRules>(BreakerRules{
        settings, rules_.tags, pauses_, tickets_, {.start = 2, .growth = 1.25}, &history_, &day_});
  }
  NoHistory history_;
  WarmUpDay day_;
};

TEST_F(WarmUpSession, recipients_over_the_limit_of_the_day_are_deferred) {
  use_warm_up(BreakerAction::tempfail);
  fresh();
  ASSERT_EQ(mail().kind, Kind::proceed);
  EXPECT_EQ(rcpt().kind, Kind::proceed);
  session_->finish();  // aborted: it does not count
  ASSERT_EQ(mail().kind, Kind::proceed);
  EXPECT_EQ(rcpt().kind, Kind::proceed);
  EXPECT_EQ(rcpt().kind, Kind::proceed);
  const auto over = rcpt();
  EXPECT_EQ(over.kind, Kind::tempfail);
  EXPECT_EQ(over.code, 451);
  EXPECT_EQ(
      over.text,
      "sender-domain shop.example is new at x.example: 2 recipients today are the limit; try again tomorrow");
  ASSERT_EQ(session_->data("4Q").kind, Kind::proceed) << "the end of the message is needed";
  EXPECT_EQ(end().kind, Kind::accept);
  EXPECT_EQ(held_, "");
  ASSERT_EQ(mail().kind, Kind::proceed);
  EXPECT_EQ(rcpt().kind, Kind::tempfail);
  ASSERT_EQ(mail("<news@other.example>").kind, Kind::proceed);
  EXPECT_EQ(rcpt().kind, Kind::proceed);
  use({.bypass_senders = {"@mail.shop.example"}});
  ASSERT_EQ(mail().kind, Kind::proceed);
  EXPECT_EQ(rcpt().kind, Kind::proceed);
}

TEST_F(WarmUpSession, a_message_over_the_limit_is_held_where_that_is_configured_or_by_the_sendmail_command) {
  for (const auto action : {BreakerAction::hold, BreakerAction::tempfail}) {
    use_warm_up(action);
    fresh();
    const bool by_sendmail = action == BreakerAction::tempfail;
    ASSERT_EQ(mail("news@mail.shop.example", "", by_sendmail ? "4Q" : "").kind, Kind::proceed);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(rcpt(by_sendmail ? "" : "smtp").kind, Kind::proceed);
    ASSERT_EQ(session_->data("4Q").kind, Kind::proceed);
    EXPECT_EQ(end().kind, Kind::accept);
    EXPECT_TRUE(held_.starts_with("sender-domain shop.example is new at x.example")) << held_;
  }
}

TEST_F(PauseSession, if_the_database_cannot_answer_mail_passes) {
  pauses_.broken = true;
  fresh();
  EXPECT_EQ(send("spring").kind, Kind::accept);
  EXPECT_GT(counters_.lookup_errors, 0u);
}

TEST(Bringer, is_the_login_or_the_network_or_local) {
  EXPECT_EQ(bringer({.sender = {}, .sasl_user = "anna", .client_ip = "192.0.2.7", .queue_id = {}}),
            "login anna");
  EXPECT_EQ(bringer({.sender = {}, .sasl_user = {}, .client_ip = "192.0.2.7", .queue_id = {}}),
            "192.0.2.0/24");
  EXPECT_EQ(bringer({.sender = {}, .sasl_user = {}, .client_ip = "2001:db8::1:2", .queue_id = {}}),
            "2001:db8::/64");
  EXPECT_EQ(bringer({.sender = {}, .sasl_user = {}, .client_ip = {}, .queue_id = {}}), "local");
}

class PauseFilter : public testing::Test {
 protected:
  PauseFilter() : running_(filter_of_this_process()) {}
  ~PauseFilter() override {
    running_.use({});
    running_.tags();  // those of these tests
  }

  void use(std::vector<BreakerDimension> dimensions) {
    auto gatekeeper = Gatekeeper::make({}, running_.lookup());
    SessionRules rules{*gatekeeper, nullptr, {}, {.campaign = *tag_source_from("header:X-Campaign")}};
    BreakerSettings settings;
    settings.dimensions = std::move(dimensions);
    if (settings.on())
      rules.breaker = std::make_shared<BreakerRules>(BreakerRules{settings, rules.tags, pauses_, tickets_});
    running_.use_rules(std::move(rules));
  }
  static void mail(MilterClient& client) {
    client.mail("<news@shop.example>", {{"{client_addr}", "192.0.2.7"}});
  }

  PauseList pauses_;
  TestTickets tickets_;
  RunningFilter& running_;
};

TEST_F(PauseFilter, an_answer_to_mail_and_the_right_to_hold_are_negotiated_only_if_needed) {
  const auto negotiated = [this] { return MilterClient(running_.path()).negotiate(); };
  use({});
  EXPECT_NE(negotiated().protocol & SMFIP_NR_MAIL, 0u);
  EXPECT_EQ(negotiated().actions & SMFIF_QUARANTINE, 0u);
  use({BreakerDimension::campaign});
  EXPECT_NE(negotiated().protocol & SMFIP_NR_MAIL, 0u) << "known after the header";
  EXPECT_NE(negotiated().actions & SMFIF_QUARANTINE, 0u);
  use({BreakerDimension::sender_domain});
  EXPECT_EQ(negotiated().protocol & SMFIP_NR_MAIL, 0u);
}

TEST_F(PauseFilter, sessions_that_are_open_at_a_reload_answer_as_they_negotiated) {
  pauses_.pause(BreakerDimension::sender_domain, "shop.example");
  use({});
  MilterClient before(running_.path());
  before.negotiate();
  use({BreakerDimension::sender_domain});
  MilterClient after(running_.path());
  after.negotiate();
  mail(before);
  EXPECT_EQ(before.smtp_rcpt("a@x.example").command, SMFIR_REPLYCODE) << "at RCPT, where MAIL cannot";
  mail(after);
  const auto answer = after.receive();
  EXPECT_EQ(answer.command, SMFIR_REPLYCODE);
  EXPECT_TRUE(answer.data.starts_with("451 4.7.1 sender-domain shop.example is paused until")) << answer.data;
  use({});
  mail(after);
  EXPECT_EQ(after.receive().command, SMFIR_CONTINUE) << "the MTA still waits for an answer";
  EXPECT_EQ(after.smtp_rcpt("a@x.example").command, SMFIR_CONTINUE);
  mail(before);
  EXPECT_EQ(before.smtp_rcpt("a@x.example").command, SMFIR_CONTINUE);
}

TEST_F(PauseFilter, a_paused_message_is_held_through_libmilter) {
  pauses_.pause(BreakerDimension::campaign, "spring");
  use({BreakerDimension::campaign});
  MilterClient client(running_.path());
  client.negotiate();
  client.mail("news@shop.example", {{"i", "4Q"}});
  ASSERT_EQ(client.rcpt("a@x.example", {{"i", "4Q"}}).command, SMFIR_CONTINUE);
  ASSERT_EQ(client.data({{"i", "4Q"}}).command, SMFIR_CONTINUE);
  client.send(SMFIC_HEADER, "X-Campaign\0spring\0"s);
  client.send(SMFIC_EOH);
  ASSERT_EQ(client.receive().command, SMFIR_CONTINUE);
  const auto packets = client.end_of_message({{"i", "4Q"}});
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].command, SMFIR_QUARANTINE);
  EXPECT_EQ(client.receive().command, SMFIR_ACCEPT);
}

}  // namespace
}  // namespace suppressd
