// Every NAME.eml of this folder must give the report in NAME.expected, judged by the built-in rules, and the
// same with CRLF and CR.
//
// SUPPRESSD_GOLDEN_WRITE=1 writes the expectations again; look at the difference before you keep it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suppressd/config/rules_file.h"
#include "suppressd/report/reader.h"
#include "suppressd/report/verdict.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string or_none(std::string_view text) {
  return text.empty() ? "-" : std::string(text);
}

std::string text_of(const std::string& mail) {
  static const auto rules = load_rules({}, ActionTable{});
  const auto report = read_report(mail).value();
  std::string text = std::string(name_of(report.kind)) + ' ' + or_none(report.form) + " of " +
                     or_none(report.reporting_mta) + " at " + (report.date ? format_time(*report.date) : "-");
  if (!report.feedback_type.empty()) text += ", type " + report.feedback_type;
  text += "\nreturned " + or_none(report.returned.message_id) + " from " + or_none(report.returned.sender) +
          " to";
  for (const auto& address : report.returned.recipients) text += ' ' + address;
  text += "\n";
  if (!report.returned.envelope_id.empty()) text += "envelope " + report.returned.envelope_id + "\n";
  for (const auto& trace : report.returned.traces) text += "trace " + trace + "\n";
  for (const auto& verdict : judge_report(report, rules.value(), ActionTable{})) {
    text += std::string(name_of(verdict.category)) + ' ' + std::string(name_of(verdict.action)) +
            (verdict.weak ? " weak by " : " by ") + or_none(verdict.rule);
    if (verdict.recipient == nullptr) {
      text += '\n';
      continue;
    }
    const auto& recipient = *verdict.recipient;
    text += ": " + or_none(recipient.address) +
            (recipient.unreadable.empty() ? "" : " [" + recipient.unreadable + ']') +
            (recipient.original.empty() ? "" : " (" + recipient.original + ')') +
            (recipient.inferred ? " inferred " : " ") + std::string(name_of(recipient.fate)) + ", code " +
            std::to_string(verdict.code) + ", status " + or_none(format_status(verdict.status)) + ", stage " +
            std::string(name_of(recipient.stage)) + ", server " + or_none(recipient.remote_mta) + "\n  " +
            or_none(recipient.text) + '\n';
  }
  return text;
}

std::string with_line_ends(const std::string& mail, const std::string& end) {
  std::string text;
  for (const char c : mail) c == '\n' ? text += end : text += c;
  return text;
}

std::vector<fs::path> mails() {
  std::vector<fs::path> paths;
  for (const auto& file : fs::directory_iterator(SUPPRESSD_GOLDEN_DIR)) {
    if (file.path().extension() == ".eml") paths.push_back(file.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class GoldenMail : public testing::TestWithParam<fs::path> {};

TEST_P(GoldenMail, GivesItsReportAndNothingElse) {
  const auto mail = content_of(GetParam());
  auto expected = GetParam();
  expected.replace_extension(".expected");
  const auto got = text_of(mail);
  if (std::getenv("SUPPRESSD_GOLDEN_WRITE") != nullptr) {
    std::ofstream(expected, std::ios::binary) << got;
    GTEST_SKIP() << "wrote " << expected;
  }
  ASSERT_TRUE(fs::exists(expected)) << "no expected report; SUPPRESSD_GOLDEN_WRITE=1 writes it";
  EXPECT_EQ(got, content_of(expected));
  EXPECT_EQ(text_of(with_line_ends(mail, "\r\n")), got);
  EXPECT_EQ(text_of(with_line_ends(mail, "\r")), got);
  EXPECT_EQ(text_of("From MAILER-DAEMON Sat Nov 21 12:00:00 2026\n" + mail), got);
}

INSTANTIATE_TEST_SUITE_P(Report, GoldenMail, testing::ValuesIn(mails()), [](const auto& suite) {
  std::string name = suite.param.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

}  // namespace
}  // namespace suppressd
