// Whatever a stranger sends: bounded time and memory. What would cost a square of the mail's size does not
// end within the time limit of a test.
#include <sys/resource.h>

#include <string>

#include <gtest/gtest.h>

#include "suppressd/report/reader.h"

namespace suppressd {
namespace {

Report read(const std::string& mail) {
  auto report = read_report(mail).value();
  EXPECT_LE(report.recipients.size(), kReportRecipients);
  return report;
}

std::string times(std::size_t count, const std::string& text) {
  std::string result;
  result.reserve(count * text.size());
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

const std::string kDaemon =
    "Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: Undelivered Mail Returned to Sender\n";
const std::string kStatus =
    "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; a@example.net\nAction: failed\nStatus: "
    "5.1.1\n\n";

TEST(ReportBounds, ten_thousand_nested_parts) {
  std::string mail = kDaemon + "Content-Type: multipart/mixed; boundary=b0\n\n";
  for (int i = 0; i < 10000; ++i) {
    mail += "--b" + std::to_string(i) + "\nContent-Type: multipart/mixed; boundary=b" +
            std::to_string(i + 1) + "\n\n";
  }
  read(mail + kStatus);
}

TEST(ReportBounds, ten_thousand_nested_messages) {
  std::string mail = kDaemon + "Content-Type: message/rfc822\n\n";
  mail += times(10000, kDaemon + "Content-Type: message/rfc822\n\n");
  read(mail);
}

TEST(ReportBounds, ten_thousand_parts_beside_one_another) {
  const auto part = "--b\nContent-Type: message/delivery-status\n\n" + kStatus;
  read(kDaemon + "Content-Type: multipart/report; boundary=b\n\n" + times(10000, part));
}

TEST(ReportBounds, a_boundary_that_every_line_has) {
  read(kDaemon + "Content-Type: multipart/mixed; boundary=\"\"\n\n" + times(300000, "--\n"));
  read(kDaemon + "Content-Type: multipart/mixed; boundary=b\n\n" + times(200000, "--b\n\n"));
}

TEST(ReportBounds, a_header_of_fifty_megabytes) {
  const std::size_t before = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::size_t>(usage.ru_maxrss);
  }();
  for (const std::string line :
       {"X-Field: value\n", " folded\n", "To: a@example.net, b@example.net\n", "Content-Type: a/b; c=d\n"}) {
    const auto mail = "Subject: x\n" + times((std::size_t{50} << 20) / line.size(), line) + "\n" + kStatus;
    EXPECT_EQ(read(mail).kind, ReportKind::not_a_report);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(static_cast<std::size_t>(usage.ru_maxrss) - before, 400U * 1024) << "KiB beside the mail itself";
#else
  (void)before;
#endif
}

TEST(ReportBounds, one_header_field_of_a_megabyte) {
  for (const std::string name :
       {"From", "To", "Subject", "Content-Type", "Date", "X-Failed-Recipients", "Message-ID"}) {
    for (const std::string piece : {"a@b.example, ", "(", "<", "\"", "=?utf-8?q?=41?= ", "a:", ";a*0=b", "@,",
                                    "\\", "=?", "a:b@c.example;"}) {
      read(kDaemon + name + ": " + times((std::size_t{1} << 20) / piece.size(), piece) + "\n\ntext\n");
    }
  }
}

TEST(ReportBounds, a_hundred_thousand_recipients) {
  std::string status = "Reporting-MTA: dns; mx.example.net\n\n";
  for (int i = 0; i < 100000; ++i) {
    status +=
        "Final-Recipient: rfc822; u" + std::to_string(i) + "@example.net\nAction: failed\nStatus: 5.1.1\n\n";
  }
  const auto report = read(kDaemon +
                           "Content-Type: multipart/report; report-type=delivery-status; "
                           "boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" +
                           status);
  EXPECT_EQ(report.recipients.size(), kReportRecipients);
}

TEST(ReportBounds, a_notice_of_nothing_but_recipients) {
  std::string lines;
  for (int i = 0; i < 50000; ++i) lines += "<u" + std::to_string(i) + "@example.net>:\n550 no\n\n";
  read(kDaemon + "\nHi. This is the qmail-send program at mx.example.net.\n\n" + lines);
  read(kDaemon + "\nYour message could not be delivered.\n\n" + lines);
  read(kDaemon + "\nYour message could not be delivered.\n" + times(100000, "to a@example.net "));
  read(kDaemon + "X-Failed-Recipients: " + times(20000, "a@example.net, ") + "\n\nno\n");
}

TEST(ReportBounds, text_that_is_hard_on_patterns) {
  const std::string opening =
      "\n   ----- The following addresses had permanent fatal errors -----\n   ----- Transcript of session "
      "follows -----\n";
  for (const std::string piece : {"a@", "@", "<", "\"", " \t", "---", "550 ", "a.", "<<< 550", ">>> RCPT ",
                                  "\n\n", "while talking to", "(#5."}) {
    read(kDaemon + opening + times((std::size_t{1} << 20) / piece.size(), piece));
  }
}

TEST(ReportBounds, html_that_never_closes) {
  for (const std::string piece : {"<", "<style>", "<!--", "&lt;", "<p", "</style"}) {
    read(kDaemon + "Content-Type: text/html\n\n" + times((std::size_t{1} << 20) / piece.size(), piece));
  }
}

TEST(ReportBounds, a_notification_that_never_closes) {
  for (const std::string piece :
       {"{", "[", "\"a\":{", "\"a\":[", "{\"notificationType\":\"Bounce\",", "\"", "\\u", ","}) {
    read("From: no-reply@sns.amazonaws.com\n\n{" + times((std::size_t{1} << 20) / piece.size(), piece));
  }
}

TEST(ReportBounds, every_byte_value_everywhere) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  read(all);
  read(times(4096, all));
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    read(kDaemon + "Content-Type: multipart/report; boundary=b" + one + "\n\n--b" + one +
         "\nContent-Type: message/delivery-status" + one + "\n\nFinal-Recipient: rfc822; a" + one +
         "@example.net\nAction: failed\nStatus: 5.1.1\n");
    read(times(1000, one));
  }
}

}  // namespace
}  // namespace suppressd
