// Real journal files, made by systemd-journal-remote; without it (package systemd-journal-remote)
// these tests are skipped.
#include "suppressd/source/journal_follower.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "log_fixture.h"

namespace suppressd {
namespace {

using test::Folder;
using test::Lines;

constexpr const char* kWriter = "/lib/systemd/systemd-journal-remote";
constexpr std::int64_t kStart = 1'795'219'200;

class JournalFollowerTest : public ::testing::Test {
 protected:
  void SetUp() override {
#ifndef SUPPRESSD_JOURNAL
    GTEST_SKIP() << "built without libsystemd";
#endif
    if (access(kWriter, X_OK) != 0) GTEST_SKIP() << "needs " << kWriter;
    std::filesystem::create_directory(journal_);
  }

  /// An entry in the export format, a second after the last one. `fields` are in that format, with
  /// a newline after each.
  void entry(const std::string& fields) {
    ++count_;
    const std::string at = std::to_string((kStart + count_) * 1'000'000);
    test::append(folder_ / "export", "__REALTIME_TIMESTAMP=" + at +
                                         "\n__MONOTONIC_TIMESTAMP=" + std::to_string(count_ * 1'000'000) +
                                         "\n_BOOT_ID=f446871715504074bf7049ef0718fa93\n_HOSTNAME=mx\n" +
                                         fields + "\n");
  }
  void line(const std::string& message, const std::string& unit = "postfix@-.service",
            const std::string& tag = "postfix/smtp") {
    entry("_SYSTEMD_UNIT=" + unit + "\nSYSLOG_IDENTIFIER=" + tag + "\nMESSAGE=" + message + "\n");
  }
  /// Writes the entries to a journal file.
  void flush(const std::string& file = "a") {
    const std::string command = std::string(kWriter) + " -o " + journal_ + "/" + file + ".journal " +
                                (folder_ / "export") + " >" + (folder_ / "output") + " 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << test::content(folder_ / "output");
    std::filesystem::remove(folder_ / "export");
  }

  Status start(StartAt at = StartAt::beginning) {
    follower_ = std::make_unique<JournalFollower>(
        std::vector<std::string>{"postfix*.service", "sendmail*.service"}, journal_);
    return follower_->open(book_, at, learned_.gaps);
  }
  Lines learn(std::size_t limit = 1000) {
    learned_.lines.clear();
    test::learn_all(*follower_, book_, learned_, limit);
    return learned_.lines;
  }

  Folder folder_;
  std::string journal_ = folder_ / "journal";
  test::Book book_;
  std::unique_ptr<JournalFollower> follower_;
  test::Learned learned_;
  std::int64_t count_ = 0;
};

TEST_F(JournalFollowerTest, believes_only_the_units_of_the_mta) {
  line("true", "postfix@-.service");
  line("forged by logger", "session-3.scope");
  line("forged by cron", "cron.service");
  entry("SYSLOG_IDENTIFIER=postfix/smtp\nMESSAGE=no unit at all\n");
  entry("OBJECT_SYSTEMD_UNIT=postfix.service\nSYSLOG_IDENTIFIER=postfix/smtp\nMESSAGE=an untrusted field\n");
  line("sent", "sendmail.service", "sm-mta");
  flush();
  ASSERT_TRUE(start());
  const Result<Source::Batch> batch = follower_->read(100);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->records.size(), 2U);
  EXPECT_TRUE(batch->records[0].structured);
  EXPECT_EQ(batch->records[0].entry.host, "mx");
  EXPECT_EQ(batch->records[0].entry.tag, "postfix/smtp");
  EXPECT_EQ(batch->records[0].entry.message, "true");
  EXPECT_EQ(batch->records[0].entry.at, from_unix(kStart + 1));
  EXPECT_EQ(batch->records[1].entry.tag, "sm-mta");
  EXPECT_EQ(batch->cursor.kind, "journal");
}

TEST_F(JournalFollowerTest, deletions_by_the_superuser_from_a_shell_are_not_missed) {
  const auto postsuper = [&](const std::string& uid, const std::string& comm) {
    entry("_SYSTEMD_UNIT=session-3.scope\n_UID=" + uid + "\n_COMM=" + comm +
          "\nSYSLOG_IDENTIFIER=postfix/postsuper\nMESSAGE=4A1: removed by " + uid + " with " + comm + "\n");
  };
  postsuper("1000", "postsuper");
  postsuper("0", "logger");
  postsuper("0", "postsuper");
  flush();
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{"mx postfix/postsuper: 4A1: removed by 0 with postsuper"});
}

TEST_F(JournalFollowerTest, reads_bytes_and_long_messages_and_skips_null_ones) {
  const std::string bytes = std::string("caf\xe9 \x01 two\nlines", 16);
  std::string binary = "MESSAGE\n";
  for (std::size_t i = 0; i < 8; ++i) binary += static_cast<char>((bytes.size() >> (8 * i)) & 0xffU);
  entry("_SYSTEMD_UNIT=postfix.service\nSYSLOG_IDENTIFIER=postfix/smtp\n" + binary + bytes + "\n");
  entry("_SYSTEMD_UNIT=postfix.service\nSYSLOG_IDENTIFIER=postfix/smtp\n");
  line(std::string(100'000, 'x'));
  flush();
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), (Lines{"mx postfix/smtp: " + bytes, "mx postfix/smtp: " + std::string(100'000, 'x')}));
}

TEST_F(JournalFollowerTest, continues_after_a_restart_with_entries_logged_meanwhile_across_a_rotation) {
  line("one");
  flush();
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{"mx postfix/smtp: one"});
  follower_.reset();
  line("two");
  flush();
  line("three");
  flush("b");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(1), (Lines{"mx postfix/smtp: two", "mx postfix/smtp: three"}));
  EXPECT_TRUE(learned_.gaps.empty());
}

TEST_F(JournalFollowerTest, wakes_for_entries_logged_while_it_runs_and_returns_them) {
  line("one");
  flush();
  ASSERT_TRUE(start());
  learn();
  line("two");
  flush();
  pollfd poller{.fd = follower_->wait_fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&poller, 1, 0), 1);
  EXPECT_EQ(learn(), Lines{"mx postfix/smtp: two"});
}

TEST_F(JournalFollowerTest, an_uncommitted_batch_comes_again) {
  line("one");
  line("two");
  flush();
  ASSERT_TRUE(start(StartAt::beginning));
  ASSERT_TRUE(test::learn_once(*follower_, book_, learned_, 1));
  ASSERT_EQ(follower_->read(1)->records.size(), 1U);
  ASSERT_TRUE(follower_->open(book_, StartAt::beginning, learned_.gaps));
  EXPECT_EQ(learn(), Lines{"mx postfix/smtp: two"});
}

TEST_F(JournalFollowerTest, the_very_first_start_learns_nothing_old) {
  line("old");
  flush();
  ASSERT_TRUE(start(StartAt::end));
  EXPECT_EQ(learn(), Lines{});
  follower_.reset();
  line("new");
  flush();
  ASSERT_TRUE(start(StartAt::end));
  EXPECT_EQ(learn(), Lines{"mx postfix/smtp: new"});
}

TEST_F(JournalFollowerTest, a_position_that_was_vacuumed_away_is_a_gap_reported_once) {
  line("one");
  flush();
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{"mx postfix/smtp: one"});
  follower_.reset();
  std::filesystem::remove(journal_ + "/a.journal");
  line("two");
  line("three");
  flush("b");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), (Lines{"mx postfix/smtp: two", "mx postfix/smtp: three"}));
  ASSERT_EQ(learned_.gaps.size(), 1U);
  EXPECT_NE(learned_.gaps[0].reason.find("vacuumed"), std::string::npos);
  EXPECT_EQ(learned_.gaps[0].to, from_unix(kStart + 2));
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{});
  EXPECT_EQ(learned_.gaps.size(), 1U);
}

TEST_F(JournalFollowerTest, messages_of_the_mta_that_journald_dropped_are_a_gap_and_those_of_others_are_not) {
  const std::string notice =
      "_TRANSPORT=driver\nMESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e\n_SYSTEMD_UNIT=systemd-journald."
      "service\n";
  line("one");
  entry(notice + "MESSAGE=Suppressed 17 messages from cron.service\n");
  entry(notice + "MESSAGE=Suppressed 1027 messages from postfix@-.service\n");
  entry(
      "_TRANSPORT=syslog\nMESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e\nMESSAGE=Suppressed 9 messages from "
      "postfix@-.service\n");
  entry(notice + "MESSAGE=Suppressed 3 messages from /system.slice/postfix.service\n");
  flush();
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{"mx postfix/smtp: one"});
  ASSERT_EQ(learned_.gaps.size(), 2U);
  EXPECT_NE(learned_.gaps[0].reason.find("Suppressed 1027 messages"), std::string::npos);
  EXPECT_EQ(learned_.gaps[0].to, from_unix(kStart + 3));
}

TEST_F(JournalFollowerTest, entries_since_a_time_are_not_lost_and_nothing_older_is_learned) {
  line("one");
  line("two");
  line("three");
  flush();
  const JournalFollower follower({}, journal_);
  book_.save(follower.since(from_unix(kStart + 2), Source::Before::another_log));
  ASSERT_TRUE(start(StartAt::end));
  EXPECT_EQ(learn(), (Lines{"mx postfix/smtp: two", "mx postfix/smtp: three"}));
  EXPECT_TRUE(learned_.gaps.empty());
}

TEST_F(JournalFollowerTest, a_journal_that_begins_too_late_is_a_gap_reported_once) {
  line("one");
  flush();
  const JournalFollower follower({}, journal_);
  book_.save(follower.since(from_unix(kStart - 1000), Source::Before::another_log));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(start(StartAt::end));
    learn();
  }
  ASSERT_EQ(learned_.gaps.size(), 1U);
  EXPECT_EQ(learned_.gaps[0].from, from_unix(kStart - 1000));
  EXPECT_EQ(learned_.gaps[0].to, from_unix(kStart + 1));
}

TEST_F(JournalFollowerTest, finds_the_units_of_the_mta_that_write_mail_messages) {
  const auto speakers = [&] {
    return JournalFollower::speakers({"postfix*.service", "sendmail*.service"}, journal_);
  };
  EXPECT_FALSE(JournalFollower::present(journal_));
  line("starting", "postfix.service", "postfix");
  line("forged", "session-3.scope");
  flush();
  EXPECT_TRUE(JournalFollower::present(journal_));
  ASSERT_TRUE(speakers());
  EXPECT_TRUE(speakers()->empty()) << "a line without the facility mail tells of no mail";
  entry("SYSLOG_FACILITY=2\n_SYSTEMD_UNIT=session-3.scope\nSYSLOG_IDENTIFIER=postfix/smtp\nMESSAGE=forged\n");
  entry("SYSLOG_FACILITY=2\n_SYSTEMD_UNIT=postfix@-.service\nSYSLOG_IDENTIFIER=postfix/smtp\nMESSAGE=one\n");
  entry("SYSLOG_FACILITY=2\n_SYSTEMD_UNIT=postfix@-.service\nSYSLOG_IDENTIFIER=postfix/smtp\nMESSAGE=two\n");
  flush("b");
  ASSERT_EQ(speakers()->size(), 1U);
  EXPECT_EQ(speakers()->front().unit, "postfix@-.service");
  EXPECT_EQ(speakers()->front().newest, from_unix(kStart + count_));
}

TEST_F(JournalFollowerTest, a_folder_without_a_journal_stops_the_start_with_its_name) {
  const Status started = start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find(journal_), std::string::npos) << started.error().message;
}

TEST_F(JournalFollowerTest, an_unreadable_journal_names_its_group) {
  if (geteuid() != 0) GTEST_SKIP() << "becomes another user, which takes root";
  line("one");
  flush();
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod((journal_ + "/a.journal").c_str(), 0640), 0);
  ASSERT_EQ(chown((journal_ + "/a.journal").c_str(), 0, 4), 0);
  ASSERT_EQ(seteuid(65534), 0);
  const Status started = start();
  ASSERT_EQ(seteuid(0), 0);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("SupplementaryGroups=adm"), std::string::npos)
      << started.error().message;
}

}  // namespace
}  // namespace suppressd
