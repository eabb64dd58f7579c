#include "suppressd/report/reader.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

std::string dsn(const std::string& group, const std::string& more = {},
                const std::string& human = "See below.\n") {
  return "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nDate: Sat, 21 Nov 2026 12:00:00 "
         "+0100\nSubject: Undelivered Mail\n"
         "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: "
         "text/plain\n\n" +
         human +
         "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; MX.example.net (words)\n\n" +
         group + "\n" + more + "--b--\n";
}

ReportedRecipient only(const std::string& mail) {
  const auto report = read_report(mail).value();
  EXPECT_EQ(report.kind, ReportKind::delivery_status);
  EXPECT_EQ(report.recipients.size(), 1U);
  return report.recipients.empty() ? ReportedRecipient{} : report.recipients.front();
}

TEST(ReadReport, takes_the_address_in_every_form_that_servers_write) {
  const std::string rest = "\nAction: failed\nStatus: 5.1.1\n";
  for (const std::string value :
       {"rfc822; user@example.net", "RFC822;user@example.net", "rfc822; <User@Example.net>",
        "user@example.net", "rfc822; user@example.net (Some User)", "rfc822; \"user\"@example.net",
        "LOCAL; user@example.net", "rfc822; @relay.example,@other.example:user@example.net",
        "rfc822;\n user@example.net"}) {
    EXPECT_EQ(only(dsn("Final-Recipient: " + value + rest)).address, "user@example.net") << value;
  }
}

TEST(ReadReport, decodes_xtext_in_the_original_recipient) {
  const auto recipient =
      only(dsn("Final-Recipient: rfc822; b@example.net\nOriginal-Recipient: "
               "rfc822;a+2Btag@example.org\nAction: failed\nStatus: 5.1.1\n"));
  EXPECT_EQ(recipient.original, "a+tag@example.org");
  EXPECT_EQ(recipient.address, "b@example.net");
}

TEST(ReadReport, a_text_that_is_not_an_address_is_empty_and_still_counts_as_a_recipient) {
  const auto recipient = only(
      dsn("Final-Recipient: rfc822; user@#example.net\nAction: failed\nStatus: 5.1.2\n",
          "--b\nContent-Type: message/rfc822\n\nTo: another@example.net\nMessage-ID: <1@x.example>\n\n"));
  EXPECT_TRUE(recipient.address.empty());
  EXPECT_EQ(recipient.unreadable, "user@#example.net");
  EXPECT_FALSE(recipient.inferred);
}

TEST(ReadReport, an_inner_address_gives_way_to_the_one_that_was_sent_to) {
  const auto recipient =
      only(dsn("Original-Recipient: rfc822;user@example.net\nFinal-Recipient: rfc822; user@store\nAction: "
               "failed\nStatus: 5.2.2\n"));
  EXPECT_EQ(recipient.address, "user@example.net");
}

TEST(ReadReport, uses_the_words_of_a_status_if_there_is_no_diagnostic_code) {
  const auto recipient =
      only(dsn("Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.2.2 (Over quota)\n"));
  EXPECT_EQ(recipient.text, "Over quota");
  EXPECT_EQ(recipient.status, (EnhancedStatus{5, 2, 2}));
}

TEST(ReadReport, words_that_every_mail_has_do_not_speak_against_a_clear_status) {
  const auto recipient =
      only(dsn("Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n", {},
               "Delivery to the following recipients failed.\n\n    a@example.net\n\nScanned for spam and "
               "viruses.\n"));
  EXPECT_EQ(recipient.text, "");
}

TEST(ReadReport, reads_hosts_and_dates) {
  const auto report =
      read_report(dsn("Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n"
                      "Remote-MTA: dns; Mail.Example.Net [192.0.2.9] (TCP|1|2)\n"))
          .value();
  EXPECT_EQ(report.reporting_mta, "mx.example.net");
  EXPECT_EQ(report.recipients.at(0).remote_mta, "mail.example.net");
  ASSERT_TRUE(report.date);
  EXPECT_EQ(format_time(*report.date), "2026-11-21T11:00:00Z");
}

TEST(ReadReport, a_date_that_cannot_be_true_is_ignored) {
  for (const std::string date :
       {"", "yesterday", "Sat, 21 Nov 99999 12:00:00 +0000", "Mon, 01 Jan 1900 00:00:00 +0000"}) {
    const auto report = read_report("From: a@example.net\nDate: " + date + "\n\nx\n").value();
    EXPECT_FALSE(report.date) << date;
  }
}

TEST(ReadReport, gives_back_what_identifies_the_message) {
  const auto report =
      read_report(dsn("Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n",
                      "--b\nContent-Type: message/rfc822\n\nReturn-Path: <bounce+7@sender.example>\n"
                      "Suppressd-Trace: v1 one\nMessage-Id: \n <7@sender.example>\nsuppressd-trace: v1 two\n"
                      "To: A <a@example.net>, list: b@example.net, c@example.net;\nCc: a@example.net\n"
                      "From: News <news@sender.example>\n\nSuppressd-Trace: v1 in the body\n"))
          .value();
  EXPECT_EQ(report.returned.message_id, "7@sender.example");
  EXPECT_EQ(report.returned.sender, "bounce+7@sender.example");
  EXPECT_EQ(report.returned.traces, (std::vector<std::string>{"v1 one", "v1 two"}));
  EXPECT_EQ(report.returned.recipients,
            (std::vector<std::string>{"a@example.net", "b@example.net", "c@example.net"}));
}

TEST(ReadReport, traces_are_bounded) {
  std::string header;
  for (int i = 0; i < 100; ++i) header += "Suppressd-Trace: " + std::string(5000, 'x') + "\n";
  const auto report =
      read_report(dsn("Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n",
                      "--b\nContent-Type: text/rfc822-headers\n\n" + header))
          .value();
  EXPECT_EQ(report.returned.traces.size(), 16U);
  for (const auto& trace : report.returned.traces) EXPECT_LE(trace.size(), 2000U);
}

TEST(ReadReport, a_trace_in_the_header_of_the_report_itself_is_ignored) {
  const auto report =
      read_report("Suppressd-Trace: v1 mine\n" +
                  dsn("Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n"))
          .value();
  EXPECT_TRUE(report.returned.traces.empty());
}

TEST(ReadReport, a_cr_in_a_hostile_reply_begins_no_line) {
  const auto recipient = only(
      dsn("Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n"
          "Diagnostic-Code: smtp; 550 no\rFinal-Recipient: rfc822; victim@example.org\rAction: failed\n"));
  EXPECT_EQ(recipient.address, "a@example.net");
  EXPECT_NE(recipient.text.find("550 no"), std::string::npos);
}

TEST(ReadReport, base64_around_the_fields_is_decoded) {
  auto mail = dsn("x");
  const auto at = mail.find("--b\nContent-Type: message/delivery-status");
  mail = mail.substr(0, at) +
         "--b\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
         "UmVwb3J0aW5nLU1UQTogZG5zOyBteC5leGFtcGxlLm5ldAoKRmluYWwtUmVjaXBpZW50OiByZmM4\nMjI7IGFAZXhhbXBsZS5uZ"
         "XQKQWN0aW9uOiBmYWlsZWQKU3RhdHVzOiA1LjEuMQo=\n--b--\n";
  EXPECT_EQ(only(mail).address, "a@example.net");
}

TEST(ReadReport, quoted_text_of_a_person_is_not_a_report) {
  for (const std::string subject :
       {"Re: Undelivered Mail Returned to Sender", "Fwd: Returned mail: see transcript for details"}) {
    const auto report =
        read_report("From: Anna <anna@example.net>\nSubject: " + subject +
                    "\n\n> <victim@example.org>:\n> 550 5.1.1 User unknown\n\n<victim@example.org>:\n550 "
                    "5.1.1 User unknown\n\n"
                    "Final-Recipient: rfc822; victim@example.org\nAction: failed\nStatus: 5.1.1\n")
            .value();
    EXPECT_EQ(report.kind, ReportKind::not_a_report) << subject;
    EXPECT_TRUE(report.recipients.empty());
  }
}

TEST(ReadReport, an_empty_mail_is_not_a_report) {
  for (const std::string mail : {"", "\n", "\r\n\r\n", "From x\n", ":", "a", "\n\n\nText\n"}) {
    EXPECT_EQ(read_report(mail).value().kind, ReportKind::not_a_report);
  }
}

TEST(ReadReport, a_missing_blank_line_after_the_header_is_forgiven) {
  const auto report = read_report(
                          "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: failure notice\nHi. "
                          "This is the qmail-send program at "
                          "mx.example.net.\n\n<dead@example.net>:\n550 5.1.1 no such user\n")
                          .value();
  ASSERT_EQ(report.recipients.size(), 1U);
  EXPECT_EQ(report.recipients[0].address, "dead@example.net");
}

TEST(ReadReport, a_warning_is_a_delay_whatever_reply_it_quotes) {
  const auto recipient = only(
      "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nSubject: Warning: message "
      "delayed\n\n"
      "This message was created automatically by mail delivery software.\nA message that you sent has not "
      "yet been delivered to one or more "
      "of its\nrecipients after more than 24 hours on the queue.\n\n  a@example.net\n    550 5.1.1 user "
      "unknown\n");
  EXPECT_EQ(recipient.fate, Fate::delayed);
}

TEST(IsComplaint, only_abuse_and_fraud) {
  EXPECT_TRUE(is_complaint("abuse"));
  EXPECT_TRUE(is_complaint("fraud"));
  for (const std::string_view type :
       {"", "auth-failure", "not-spam", "virus", "other", "dmarc", "opt-out", "Abuse", "abuse "}) {
    EXPECT_FALSE(is_complaint(type)) << type;
  }
}

}  // namespace
}  // namespace suppressd
