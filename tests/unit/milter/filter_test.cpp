// The milter protocol, spoken to a real Filter over its socket.
#include "suppressd/milter/filter.h"

#include <array>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include "milter_client.h"
#include "running_filter.h"

namespace suppressd {
namespace {

const Packet kContinue{SMFIR_CONTINUE, {}};
const Packet kAccept{SMFIR_ACCEPT, {}};

bool refuses(const Packet& packet, const std::string& start) {
  return packet.command == SMFIR_REPLYCODE && packet.data.starts_with(start);
}

class FilterTest : public testing::Test {
 protected:
  FilterTest() : running_(filter_of_this_process()) {
    running_.use({});
    running_.notes();
  }

  RunningFilter& running_;
};

/// A session that has negotiated as Postfix does.
class MtaSession : public MilterClient {
 public:
  explicit MtaSession(RunningFilter& running) : MilterClient(running.path()) { negotiate(); }

  void smtp_mail(const std::string& sender) { mail("<" + sender + ">", {{"{client_addr}", "192.0.2.7"}}); }
  void local_mail(const std::string& sender) {
    mail(sender, {{"i", "LOCAL1"}, {"{client_addr}", "127.0.0.1"}});
  }
  Packet local_rcpt(const std::string& address) {
    return rcpt(address, {{"i", "LOCAL1"}, {"{rcpt_addr}", address}});
  }
};

TEST_F(FilterTest, nothing_but_the_envelope_is_requested) {
  MilterClient client(running_.path());
  const Negotiated negotiated = client.negotiate();
  EXPECT_EQ(negotiated.version, 6u);
  EXPECT_EQ(negotiated.actions, static_cast<std::uint32_t>(SMFIF_DELRCPT | SMFIF_ADDHDRS | SMFIF_SETSYMLIST));
  EXPECT_EQ(negotiated.protocol,
            static_cast<std::uint32_t>(SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOBODY | SMFIP_NOHDRS |
                                       SMFIP_NOEOH | SMFIP_NOUNKNOWN | SMFIP_NR_CONN | SMFIP_NR_MAIL));
  const std::map<std::uint32_t, std::string> macros = {
      {SMFIM_ENVFROM, "i {auth_authen} {client_addr} {daemon_name}"},
      {SMFIM_ENVRCPT, "i {rcpt_addr} {rcpt_mailer}"},
      {SMFIM_DATA, "i"},
      {SMFIM_EOM, "i"}};
  EXPECT_EQ(negotiated.macros, macros);
}

TEST_F(FilterTest, an_old_mta_gets_no_more_than_it_offers) {
  MilterClient client(running_.path());
  const Negotiated negotiated = client.negotiate(SMFI_V1_ACTS, SMFI_V2_PROT, 2);
  EXPECT_EQ(negotiated.version, 2u);
  EXPECT_EQ(negotiated.actions, static_cast<std::uint32_t>(SMFIF_DELRCPT | SMFIF_ADDHDRS));
  EXPECT_EQ(negotiated.protocol,
            static_cast<std::uint32_t>(SMFIP_NOHELO | SMFIP_NOBODY | SMFIP_NOHDRS | SMFIP_NOEOH));
  EXPECT_TRUE(negotiated.macros.empty());

  // It accepts no macro lists, so the client's address comes with the connection, and it waits for
  // every reply.
  using std::string_literals::operator""s;
  client.send(SMFIC_CONNECT, "client.example\0"s + SMFIA_INET + "\x30\x39"s + "198.51.100.9\0"s);
  EXPECT_EQ(client.receive(), kContinue);
  client.mail("<a@sender.example>");
  EXPECT_EQ(client.receive(), kContinue);
  EXPECT_TRUE(refuses(client.rcpt("<dead@x.example>"), "550 5.1.1 "));
  EXPECT_EQ(client.end_of_message({{"i", "OLD1"}}), std::vector<Packet>{kAccept});
  const auto notes = running_.notes(1);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].client, "198.51.100.9");
  EXPECT_EQ(notes[0].queue_id, "OLD1");
}

TEST_F(FilterTest, only_the_suppressed_recipient_is_refused) {
  MtaSession client(running_);
  client.smtp_mail("a@sender.example");
  const Packet dead = client.smtp_rcpt("dead@x.example");
  EXPECT_TRUE(refuses(dead, "550 5.1.1 recipient suppressed: bad-mailbox since 2026-11-01, ref "))
      << dead.data;
  EXPECT_EQ(client.smtp_rcpt("good@x.example", "QUEUE1"), kContinue);
  EXPECT_TRUE(refuses(client.smtp_rcpt("full@x.example", "QUEUE1"),
                      "550 5.7.1 recipient suppressed: mailbox-full since "));
  EXPECT_EQ(client.data({{"i", "QUEUE1"}}), kAccept);

  const auto notes = running_.notes(2);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].address, "dead@x.example");
  EXPECT_EQ(notes[0].sender, "a@sender.example");
  EXPECT_EQ(notes[0].client, "192.0.2.7");
  EXPECT_EQ(notes[0].queue_id, "QUEUE1");
  EXPECT_EQ(notes[0].kind, "hard");
  EXPECT_EQ(notes[0].category, "bad-mailbox");
  EXPECT_EQ(notes[0].outcome, "refused");
  EXPECT_EQ(notes[1].address, "full@x.example");
}

TEST_F(FilterTest, a_percent_sign_is_doubled_for_the_mta) {
  MtaSession client(running_);
  client.smtp_mail("a@sender.example");
  EXPECT_TRUE(refuses(client.smtp_rcpt("percent@x.example"),
                      "550 5.7.1 recipient suppressed: 100%% sure %%s since "));
}

TEST_F(FilterTest, the_mtas_own_form_of_the_address_is_preferred_to_what_the_client_typed) {
  MtaSession client(running_);
  client.smtp_mail("a@sender.example");
  EXPECT_TRUE(
      refuses(client.rcpt("<dead>", {{"{rcpt_addr}", "dead@x.example"}, {"{rcpt_mailer}", "smtp"}}), "550 "));
  EXPECT_TRUE(refuses(client.rcpt("<DEAD@X.example>", {{"{rcpt_addr}", "dead"}, {"{rcpt_mailer}", "local"}}),
                      "550 "));
  EXPECT_TRUE(refuses(client.rcpt("Dead@x.example", {{"{rcpt_mailer}", "smtp"}}), "550 "));
  EXPECT_EQ(client.rcpt("<dead>", {{"{rcpt_mailer}", "smtp"}}), kContinue);
}

TEST_F(FilterTest, one_letter_macros_are_found_in_both_forms) {
  for (const std::string name : {"i", "{i}"}) {
    MtaSession client(running_);
    client.smtp_mail("a@sender.example");
    client.rcpt("<dead@x.example>", {{name, "BOTH1"}, {"{rcpt_mailer}", "smtp"}});
    const auto notes = running_.notes(1);
    ASSERT_EQ(notes.size(), 1u) << name;
    EXPECT_EQ(notes[0].queue_id, "BOTH1") << name;
  }
}

TEST_F(FilterTest, no_recipient_switches_the_filter_off_for_the_next) {
  MtaSession client(running_);
  client.smtp_mail("a@sender.example");
  for (const char* address :
       {"good@x.example", "dead@x.example", "locked@x.example", "throws@x.example", "no-address", "@", ""}) {
    const Packet answer = client.rcpt(address, {{"{rcpt_mailer}", "smtp"}});
    EXPECT_NE(answer.command, SMFIR_ACCEPT) << address;
    EXPECT_NE(answer.command, SMFIR_DISCARD) << address;
  }
  EXPECT_TRUE(refuses(client.smtp_rcpt("dead@x.example"), "550 "));
}

TEST_F(FilterTest, bounces_are_never_refused) {
  MtaSession client(running_);
  client.mail("<>", {{"{client_addr}", "192.0.2.7"}});
  EXPECT_EQ(client.smtp_rcpt("dead@x.example", "BOUNCE1"), kContinue);
  EXPECT_EQ(client.data({{"i", "BOUNCE1"}}), kAccept);
  const auto notes = running_.notes(1);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].outcome, "bypassed");

  MtaSession internal(running_);  // internal_mail_filter_classes = bounce
  internal.local_mail("");
  EXPECT_EQ(internal.local_rcpt("dead@x.example"), kContinue);
  EXPECT_EQ(internal.data({{"i", "LOCAL1"}}), kAccept);
}

TEST_F(FilterTest, messages_of_a_session_do_not_mix) {
  MtaSession client(running_);
  client.smtp_mail("a@sender.example");
  EXPECT_EQ(client.smtp_rcpt("good@x.example"), kContinue);
  EXPECT_TRUE(refuses(client.smtp_rcpt("dead@x.example", "FIRST1"), "550 "));
  EXPECT_EQ(client.data({{"i", "FIRST1"}}), kAccept);
  client.send(SMFIC_ABORT);

  client.mail("<>", {{"{client_addr}", "192.0.2.7"}});
  EXPECT_EQ(client.smtp_rcpt("dead@x.example"), kContinue);
  client.send(SMFIC_ABORT);

  client.smtp_mail("b@sender.example");
  EXPECT_TRUE(refuses(client.smtp_rcpt("dead@x.example"), "550 "));
  EXPECT_EQ(client.smtp_rcpt("good@x.example", "THIRD1"), kContinue);
  EXPECT_EQ(client.data({{"i", "THIRD1"}}), kAccept);

  const auto notes = running_.notes(3);
  ASSERT_EQ(notes.size(), 3u);
  EXPECT_EQ(notes[0].queue_id, "FIRST1");
  EXPECT_EQ(notes[1].queue_id, "");
  EXPECT_EQ(notes[1].sender, "");
  EXPECT_EQ(notes[1].outcome, "bypassed");
  EXPECT_EQ(notes[2].queue_id, "THIRD1");
  EXPECT_EQ(notes[2].sender, "b@sender.example");
}

TEST_F(FilterTest, notes_without_a_queue_id_are_not_lost) {
  {
    MtaSession client(running_);
    client.smtp_mail("reset@sender.example");
    client.smtp_rcpt("dead@x.example");
    client.send(SMFIC_ABORT);
    client.smtp_mail("quit@sender.example");
    client.smtp_rcpt("dead@x.example");
    client.send(SMFIC_QUIT);
    EXPECT_EQ(running_.notes(2).size(), 2u);
  }
  {
    MtaSession client(running_);
    client.smtp_mail("hang-up@sender.example");
    client.smtp_rcpt("dead@x.example");
  }
  const auto notes = running_.notes(1);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].sender, "hang-up@sender.example");
  EXPECT_EQ(notes[0].queue_id, "");
}

TEST_F(FilterTest, a_recipient_of_non_smtp_mail_is_removed_and_not_refused) {
  MtaSession client(running_);
  client.local_mail("a@sender.example");
  for (const char* address : {"dead@x.example", "good@x.example", "full@x.example"}) {
    EXPECT_EQ(client.local_rcpt(address), kContinue) << address;
  }
  EXPECT_EQ(client.data({{"i", "LOCAL1"}}), kContinue);
  const std::vector<Packet> wanted = {{SMFIR_DELRCPT, std::string("dead@x.example\0", 15)},
                                      {SMFIR_DELRCPT, std::string("full@x.example\0", 15)},
                                      kAccept};
  EXPECT_EQ(client.end_of_message({{"i", "LOCAL1"}}), wanted);
  const auto notes = running_.notes(2);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].outcome, "removed");
  EXPECT_EQ(notes[0].queue_id, "LOCAL1");
  EXPECT_EQ(notes[0].client, "local");
}

TEST_F(FilterTest, non_smtp_mail_to_suppressed_recipients_only_is_refused_as_a_whole) {
  MtaSession client(running_);
  client.local_mail("a@sender.example");
  EXPECT_EQ(client.local_rcpt("dead@x.example"), kContinue);
  EXPECT_TRUE(refuses(client.data({{"i", "LOCAL1"}}), "550 5.1.1 recipient suppressed: bad-mailbox since "));
  const auto notes = running_.notes(1);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].outcome, "refused");
}

TEST_F(FilterTest, it_is_refused_at_the_end_of_the_message_if_the_mta_knows_no_data_step) {
  MtaSession client(running_);
  client.local_mail("a@sender.example");
  client.local_rcpt("dead@x.example");
  client.local_rcpt("full@x.example");
  const auto answers = client.end_of_message({{"i", "LOCAL1"}});
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_TRUE(refuses(answers[0], "550 5.7.1 recipient suppressed: bad-mailbox since ")) << answers[0].data;
}

TEST_F(FilterTest, a_failed_look_up_passes_by_default) {
  MtaSession client(running_);
  client.smtp_mail("a@sender.example");
  const auto errors = running_.filter().counters().lookup_errors.load();
  const auto exceptions = running_.filter().counters().exceptions.load();
  EXPECT_EQ(client.smtp_rcpt("locked@x.example"), kContinue);
  EXPECT_EQ(client.smtp_rcpt("throws@x.example"), kContinue);
  EXPECT_EQ(running_.filter().counters().lookup_errors, errors + 1);
  EXPECT_EQ(running_.filter().counters().exceptions, exceptions + 1);
}

TEST_F(FilterTest, a_failed_look_up_defers_if_so_configured) {
  running_.use({.on_error = OnError::tempfail, .bypass_senders = {"@critical.example"}});
  MtaSession client(running_);
  client.smtp_mail("a@sender.example");
  EXPECT_TRUE(refuses(client.smtp_rcpt("locked@x.example"), "451 4.3.0 "));
  EXPECT_TRUE(refuses(client.smtp_rcpt("throws@x.example"), "451 4.3.0 "));
  EXPECT_EQ(client.smtp_rcpt("good@x.example"), kContinue);

  for (const std::string sender : {"", "reset@critical.example"}) {
    client.send(SMFIC_ABORT);
    client.smtp_mail(sender);
    EXPECT_EQ(client.smtp_rcpt("locked@x.example"), kContinue) << sender;
    EXPECT_EQ(client.smtp_rcpt("throws@x.example"), kContinue) << sender;
  }
}

TEST_F(FilterTest, non_smtp_mail_is_deferred_as_a_whole_and_never_at_rcpt) {
  running_.use({.on_error = OnError::tempfail});
  for (const char* address : {"locked@x.example", "throws@x.example"}) {
    MtaSession client(running_);
    client.local_mail("a@sender.example");
    EXPECT_EQ(client.local_rcpt("dead@x.example"), kContinue);
    EXPECT_EQ(client.local_rcpt(address), kContinue);
    EXPECT_TRUE(refuses(client.data({{"i", "LOCAL1"}}), "451 4.3.0 ")) << address;
  }
  EXPECT_TRUE(running_.notes().empty());  // It comes again, and is noted then.
}

TEST_F(FilterTest, monitor_mode_touches_no_mail) {
  running_.use({.mode = Mode::monitor, .on_error = OnError::tempfail});
  MtaSession client(running_);
  client.smtp_mail("a@sender.example");
  for (const char* address : {"dead@x.example", "locked@x.example", "throws@x.example"}) {
    EXPECT_EQ(client.smtp_rcpt(address, "WATCH1"), kContinue) << address;
  }
  const auto notes = running_.notes(1);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].outcome, "monitored");
}

TEST_F(FilterTest, an_incoming_bounce_is_read_and_other_content_is_not_requested) {
  running_.use_rules({*Gatekeeper::make({}, running_.lookup()), nullptr, {"inbound"}});
  MilterClient client(running_.path());
  const auto negotiated = client.negotiate();
  EXPECT_EQ(negotiated.protocol & static_cast<std::uint32_t>(SMFIP_NOBODY | SMFIP_NOHDRS | SMFIP_NOEOH), 0u);
  using std::string_literals::operator""s;
  client.mail("<>", {{"{daemon_name}", "inbound"}});
  EXPECT_EQ(client.rcpt("<dead@x.example>", {{"{rcpt_addr}", "dead@x.example"}, {"{rcpt_mailer}", "smtp"}}),
            kContinue);
  EXPECT_EQ(client.data(), kContinue);
  client.send(SMFIC_HEADER, "Subject\0gone\0"s);
  client.send(SMFIC_EOH);
  EXPECT_EQ(client.receive(), kContinue);
  client.send(SMFIC_BODY, "sorry\r\n");
  EXPECT_EQ(client.receive(), kContinue);
  client.end_of_message();
  const auto mails = running_.mails();
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].text, "Return-Path: <>\nSubject: gone\n\nsorry\r\n");

  client.mail("<app@sender.example>", {{"{daemon_name}", "out"}});
  EXPECT_EQ(client.rcpt("<good@x.example>", {{"{rcpt_addr}", "good@x.example"}, {"{rcpt_mailer}", "smtp"}}),
            kContinue);
  EXPECT_EQ(client.data(), kAccept);
  running_.use({});
}

TEST_F(FilterTest, a_new_gatekeeper_waits_for_the_next_message) {
  MtaSession client(running_);
  client.smtp_mail("a@sender.example");
  EXPECT_TRUE(refuses(client.smtp_rcpt("dead@x.example"), "550 "));
  running_.use({.mode = Mode::monitor});
  EXPECT_TRUE(refuses(client.smtp_rcpt("dead@x.example"), "550 "));
  client.send(SMFIC_ABORT);
  client.smtp_mail("a@sender.example");
  EXPECT_EQ(client.smtp_rcpt("dead@x.example"), kContinue);
}

TEST_F(FilterTest, a_thousand_recipients_each_get_their_own_answer) {
  MtaSession client(running_);
  client.smtp_mail("list@sender.example");
  for (int i = 0; i < 1000; ++i) {
    const bool dead = i % 2 == 1;
    const std::string address = dead ? "dead@x.example" : "good" + std::to_string(i) + "@x.example";
    ASSERT_EQ(client.smtp_rcpt(address, i == 0 ? "" : "THOUSAND").command,
              dead ? SMFIR_REPLYCODE : SMFIR_CONTINUE)
        << i;
  }
  EXPECT_EQ(client.data({{"i", "THOUSAND"}}), kAccept);
  const auto notes = running_.notes(500);
  ASSERT_EQ(notes.size(), 500u);
  for (const auto& note : notes) EXPECT_EQ(note.queue_id, "THOUSAND");
}

TEST_F(FilterTest, commands_that_come_in_one_packet_are_answered_in_order) {
  MtaSession client(running_);
  client.hold();
  client.smtp_mail("a@sender.example");
  for (const char* address : {"good@x.example", "dead@x.example", "full@x.example"}) {
    client.macros(SMFIC_RCPT, {{"{rcpt_mailer}", "smtp"}});
    client.send(SMFIC_RCPT, std::string("<") + address + ">" + '\0');
  }
  client.send(SMFIC_ABORT);
  client.smtp_mail("b@sender.example");
  client.macros(SMFIC_RCPT, {{"{rcpt_mailer}", "smtp"}});
  client.send(SMFIC_RCPT, std::string("<dead@x.example>") + '\0');
  client.send(SMFIC_ABORT);
  client.send(SMFIC_QUIT);
  client.flush();
  EXPECT_EQ(client.receive(), kContinue);
  EXPECT_TRUE(refuses(client.receive(), "550 5.1.1 "));
  EXPECT_TRUE(refuses(client.receive(), "550 5.7.1 "));
  EXPECT_TRUE(refuses(client.receive(), "550 5.1.1 "));
  EXPECT_EQ(running_.notes(3).size(), 3u);
}

TEST_F(FilterTest, commands_out_of_order_do_no_harm) {
  MtaSession client(running_);
  client.send(SMFIC_UNKNOWN, std::string("XYZZY\0", 6));
  EXPECT_EQ(client.receive(), kContinue);
  client.send(SMFIC_RCPT, std::string("<dead@x.example>") + '\0');
  EXPECT_EQ(client.receive(), kContinue);
  client.send(SMFIC_QUIT);

  MtaSession next(running_);
  next.smtp_mail("a@sender.example");
  EXPECT_TRUE(refuses(next.smtp_rcpt("dead@x.example"), "550 "));
}

TEST_F(FilterTest, another_connection_on_the_same_socket_begins_afresh) {
  MtaSession client(running_);
  client.mail("<a@sender.example>", {{"i", "BEFORE"}, {"{client_addr}", "192.0.2.7"}});
  client.rcpt("<good@x.example>", {{"{rcpt_mailer}", "esmtp"}});
  client.send(SMFIC_QUIT_NC);
  client.mail("<b@sender.example>", {{"{client_addr}", "IPv6:2001:db8::9"}});
  EXPECT_TRUE(refuses(client.smtp_rcpt("dead@x.example"), "550 "));
  client.send(SMFIC_QUIT);
  const auto notes = running_.notes(1);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].queue_id, "");
  EXPECT_EQ(notes[0].client, "2001:db8::9");
}

TEST_F(FilterTest, sessions_at_the_same_time_do_not_mix) {
  constexpr std::size_t kClients = 16;
  constexpr int kMessages = 20;
  std::array<int, kClients> right{};
  std::vector<std::thread> clients;
  for (std::size_t number = 0; number < kClients; ++number) {
    clients.emplace_back([&, number] {
      MtaSession client(running_);
      for (int message = 0; message < kMessages; ++message) {
        const std::string id = std::to_string(number) + "M" + std::to_string(message);
        client.smtp_mail("s" + std::to_string(number) + "@sender.example");
        const bool well = refuses(client.smtp_rcpt("dead@x.example"), "550 ") &&
                          client.smtp_rcpt("good@x.example", id) == kContinue &&
                          client.data({{"i", id}}) == kAccept;
        if (well) ++right[number];
      }
      client.send(SMFIC_QUIT);
    });
  }
  for (auto& client : clients) client.join();
  for (const int count : right) EXPECT_EQ(count, kMessages);
  const auto notes = running_.notes(kClients * kMessages);
  ASSERT_EQ(notes.size(), kClients * kMessages);
  for (const auto& note : notes) {
    EXPECT_EQ(note.sender, "s" + note.queue_id.substr(0, note.queue_id.find('M')) + "@sender.example")
        << note.queue_id;
  }
}

TEST_F(FilterTest, there_is_no_second_filter_in_a_process) {
  ListLookup lookup;
  RefusalQueue refusals(10);
  MailQueue mails(10);
  ProbeClaims probes(10);
  TagQueue tags(10);
  const auto second =
      Filter::open({.socket = "unix:/tmp/second.sock"},
                   {.gatekeeper = *Gatekeeper::make({}, lookup), .trace_keys = {}, .inbound_daemons = {}},
                   refusals, mails, probes, tags, {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("already has a filter"), std::string::npos);
}

}  // namespace
}  // namespace suppressd
