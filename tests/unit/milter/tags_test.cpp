// Tags through libmilter: what is negotiated for them, and the note at the end of the message.
#include <gtest/gtest.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include "milter_client.h"
#include "running_filter.h"

namespace suppressd {
namespace {

using std::string_literals::operator""s;

class TagsFilter : public testing::Test {
 protected:
  TagsFilter() : running_(filter_of_this_process()) {}
  ~TagsFilter() override { running_.use({}); }

  void use(TagSources tags, std::vector<std::string> inbound = {}) {
    auto gatekeeper = Gatekeeper::make({}, running_.lookup());
    running_.use_rules({*gatekeeper, nullptr, std::move(inbound), std::move(tags)});
  }
  static std::uint32_t content_of(const Negotiated& negotiated) {
    return negotiated.protocol & (SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY);
  }
  static void mail(MilterClient& client, const std::string& sender = "<a@sender.example>") {
    client.mail(sender, {{"{client_addr}", "192.0.2.7"}, {"{auth_authen}", "shop7"}});
  }

  static void end_headers(MilterClient& client) {
    client.send(SMFIC_EOH);
    EXPECT_EQ(client.receive().command, SMFIR_CONTINUE);
  }

  const TagSources by_header_ = {.campaign = *tag_source_from("header:X-Campaign")};
  const TagSources by_login_ = {.account = *tag_source_from("sasl")};
  RunningFilter& running_;
};

TEST_F(TagsFilter, headers_are_requested_only_if_a_tag_needs_them) {
  constexpr std::uint32_t kNone = SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY;
  use({});
  EXPECT_EQ(content_of(MilterClient(running_.path()).negotiate()), kNone);
  use(by_login_);
  EXPECT_EQ(content_of(MilterClient(running_.path()).negotiate()), kNone);
  use(by_header_);
  EXPECT_EQ(content_of(MilterClient(running_.path()).negotiate()), static_cast<std::uint32_t>(SMFIP_NOBODY));
  use(by_header_, {"inbound"});
  EXPECT_EQ(content_of(MilterClient(running_.path()).negotiate()), 0u);
}

TEST_F(TagsFilter, the_note_is_there_when_the_end_of_the_message_is_answered) {
  use({.campaign = *tag_source_from("header:X-Campaign"), .account = *tag_source_from("sasl")});
  MilterClient client(running_.path());
  client.negotiate();
  for (const std::string campaign : {"summer", "winter"}) {
    mail(client);
    ASSERT_EQ(client.smtp_rcpt("good@x.example").command, SMFIR_CONTINUE);
    EXPECT_EQ(client.data({{"i", "4Q"}}).command, SMFIR_CONTINUE) << "the end of the message is needed";
    client.send(SMFIC_HEADER, "Subject\0hello\0"s);
    client.send(SMFIC_HEADER, "X-Campaign\0"s + campaign + "\0"s);
    end_headers(client);
    EXPECT_EQ(client.end_of_message({{"i", "4Q"}}).back().command, SMFIR_ACCEPT);
    const auto notes = running_.tags();
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_EQ(notes[0].queue_id, "4Q");
    EXPECT_EQ(notes[0].tags, (Tags{.campaign = campaign, .account = "shop7"}));
  }
}

TEST_F(TagsFilter, what_is_aborted_is_a_bounce_or_has_no_value_leaves_no_note) {
  use(by_header_);
  MilterClient client(running_.path());
  client.negotiate();
  mail(client);
  client.smtp_rcpt("good@x.example");
  client.data({{"i", "4Q"}});
  client.send(SMFIC_HEADER, "X-Campaign\0summer\0"s);
  client.send(SMFIC_ABORT);
  mail(client);
  client.smtp_rcpt("good@x.example");
  client.data({{"i", "4R"}});
  end_headers(client);  // there were none
  EXPECT_EQ(client.end_of_message({{"i", "4R"}}).back().command, SMFIR_ACCEPT);
  mail(client, "<>");
  client.smtp_rcpt("good@x.example");
  EXPECT_EQ(client.data({{"i", "4S"}}).command, SMFIR_ACCEPT);
  EXPECT_TRUE(running_.tags().empty());
}

TEST_F(TagsFilter, who_sends_a_message_without_mail_ends_no_session_but_his_own) {
  use(by_header_);
  {
    MilterClient client(running_.path());
    client.negotiate();
    client.send(SMFIC_UNKNOWN, "X\0"s);
    client.rcpt("<good@x.example>", {});
    client.data({});
  }
  EXPECT_EQ(content_of(MilterClient(running_.path()).negotiate()), static_cast<std::uint32_t>(SMFIP_NOBODY));
}

}  // namespace
}  // namespace suppressd
