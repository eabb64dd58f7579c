#include <cstdlib>

#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

const std::string kFrom = "From MAILER-DAEMON Sat Nov 21 12:00:00 2026\n";

std::string bounce(const std::string& recipient) {
  return "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: Undelivered\nMIME-Version: 1.0\n"
         "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: "
         "text/plain\n\nSorry.\n\n"
         "From here on nothing matters.\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; "
         "mx.example.net\n\n"
         "Final-Recipient: rfc822; " +
         recipient + "\nAction: failed\nStatus: 5.1.1\n\n--b--\n";
}

class Learn : public CtlTest {
 protected:
  Learn() {
    EXPECT_EQ(ctl({"add", "manual@b.example"}).status, 0);
    EXPECT_EQ(ctl({"trace-key", "rotate"}).status, 0);
  }
  /// The addresses of unproven reports, which is what these all are.
  std::vector<std::string> unproven(const std::vector<std::string>& files, std::string_view input = {}) {
    std::vector<std::string> words{"--json", "learn"};
    words.insert(words.end(), files.begin(), files.end());
    const auto ran = ctl(words, input);
    EXPECT_EQ(ran.status, 0) << ran.err;
    std::vector<std::string> addresses;
    for (const auto& object : ran.objects()) addresses.push_back(object["recipient"]);
    return addresses;
  }
};

using Addresses = std::vector<std::string>;

TEST_F(Learn, reads_a_mail_or_each_mail_of_an_mbox) {
  EXPECT_EQ(unproven({write("one.eml", bounce("a@b.example"))}), Addresses{"a@b.example"});
  EXPECT_EQ(
      unproven({write("two.mbox", kFrom + bounce("c@b.example") + "\n" + kFrom + bounce("d@b.example"))}),
      (Addresses{"c@b.example", "d@b.example"}));
  EXPECT_EQ(unproven({}, kFrom + bounce("e@b.example")), Addresses{"e@b.example"});
}

TEST_F(Learn, reads_compressed_files) {
  const auto file = write("two.mbox", kFrom + bounce("c@b.example") + "\n" + kFrom + bounce("d@b.example"));
  ASSERT_EQ(std::system(("gzip " + file).c_str()), 0);
  EXPECT_EQ(unproven({file + ".gz"}), (Addresses{"c@b.example", "d@b.example"}));
}

TEST_F(Learn, a_mail_that_is_not_an_mbox_is_not_cut) {
  EXPECT_EQ(unproven({write("one.eml", bounce("a@b.example") + "\n" + kFrom + bounce("b@b.example"))}),
            Addresses{"a@b.example"});
}

TEST_F(Learn, a_missing_mail_is_named_without_advice_on_logs) {
  const auto ran = ctl({"learn", path("missing.eml")});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.err, "suppressctl: cannot read " + path("missing.eml") + ": No such file or directory\n");
}

}  // namespace
}  // namespace suppressd::ctl
