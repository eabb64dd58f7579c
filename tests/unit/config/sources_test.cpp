// Which log `source.journal = auto` chooses; journal and log files are real ones, in a folder.
#include "suppressd/config/sources.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWriter = "/lib/systemd/systemd-journal-remote";

class Cursors : public CursorBook {
 public:
  Result<std::vector<Cursor>> by_first_line(std::string_view) override { return std::vector<Cursor>{}; }
  Result<std::optional<Cursor>> newest_of(std::string_view source) override {
    return newest && newest->source == source ? newest : std::optional<Cursor>{};
  }
  Result<std::optional<Cursor>> newest_followed() override { return newest; }

  std::optional<Cursor> newest;
};

class SourcesTest : public testing::Test {
 protected:
  SourcesTest() {
    folder_ = fs::temp_directory_path() / ("suppressd-sources-" + std::to_string(getpid()));
    fs::create_directories(folder_ / "journal");
    places_ = {.files = {log(), folder_ / "maillog"}, .journal = folder_ / "journal"};
  }
  ~SourcesTest() override { fs::remove_all(folder_); }

  std::string log() const { return folder_ / "mail.log"; }
  static void write(const fs::path& path) {
    std::ofstream(path) << "Sep 21 10:00:00 mta postfix/qmgr[1]: 4XA: removed\n";
  }

  /// A journal with one mail message of that unit.
  void write_journal(const std::string& unit, std::chrono::hours age = std::chrono::hours{0}) {
#ifndef SUPPRESSD_JOURNAL
    GTEST_SKIP() << "built without libsystemd";
#endif
    if (access(kWriter, X_OK) != 0) GTEST_SKIP() << "needs " << kWriter;
    const auto at = std::chrono::system_clock::now() - age;
    std::ofstream(folder_ / "export")
        << "__REALTIME_TIMESTAMP="
        << std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count()
        << "\n__MONOTONIC_TIMESTAMP=1000000\n_BOOT_ID=f446871715504074bf7049ef0718fa93\n_HOSTNAME=mta\n"
        << "SYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=postfix/qmgr\n_SYSTEMD_UNIT=" << unit
        << "\nMESSAGE=4XA: removed\n\n";
    const std::string command = std::string(kWriter) + " -o " + (folder_ / "journal/a.journal").string() +
                                " " + (folder_ / "export").string() + " >/dev/null 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  void followed(const std::string& source, const std::string& kind = "file") {
    cursors_.newest =
        Cursor{.id = 1, .saved = 1, .kind = kind, .source = source, .last_time = from_unix(1795219200)};
  }
  /// The log that is chosen, or the message of the Error.
  std::string chosen() {
    auto logs = choose_logs(config_, cursors_, places_);
    if (!logs) return logs.error().message;
    logs_ = std::move(*logs);
    EXPECT_EQ(logs_.sources.size(), 1U);
    return logs_.sources.front()->source();
  }

  fs::path folder_;
  LogPlaces places_;
  Config config_;
  Cursors cursors_;
  Logs logs_;
};

TEST_F(SourcesTest, a_file_to_which_anyone_can_write_is_not_preferred_to_a_journal_of_the_mta) {
  write(log());
  write_journal("postfix@-.service");
  EXPECT_EQ(chosen(), places_.journal);
  EXPECT_NE(logs_.reason.find("postfix@-.service"), std::string::npos) << logs_.reason;
  EXPECT_FALSE(logs_.before);
}

TEST_F(SourcesTest, a_journal_to_which_the_mta_does_not_write_is_not_preferred_to_a_file) {
  write(log());
  write_journal("session-3.scope");
  EXPECT_EQ(chosen(), log());
  EXPECT_NE(logs_.reason.find("source.units"), std::string::npos) << logs_.reason;
}

TEST_F(SourcesTest, a_journal_to_which_the_mta_wrote_long_ago_is_not_preferred_to_a_file) {
  write(log());
  write_journal("postfix@-.service", std::chrono::hours{24 * 30});
  EXPECT_EQ(chosen(), log());
}

TEST_F(SourcesTest, a_host_without_mail_so_far_follows_its_journal) {
  write_journal("init.scope");
  EXPECT_EQ(chosen(), places_.journal);
}

TEST_F(SourcesTest, a_log_that_was_followed_is_not_left_between_its_rotation_and_its_next_line) {
  write(log() + ".1");
  write_journal("postfix@-.service");
  followed(log());
  EXPECT_EQ(chosen(), log());
  EXPECT_FALSE(logs_.before);
  ASSERT_EQ(logs_.warnings.size(), 1U);
  EXPECT_NE(logs_.warnings[0].find("source.journal = true"), std::string::npos) << logs_.warnings[0];
}

TEST_F(SourcesTest, a_journal_that_was_followed_is_not_left_for_a_file) {
  write(log());
  write_journal("init.scope");
  followed(places_.journal, "journal");
  EXPECT_EQ(chosen(), places_.journal);
}

TEST_F(SourcesTest, a_log_that_is_gone_is_the_one_that_was_followed_before) {
  write_journal("postfix@-.service");
  followed(log());
  EXPECT_EQ(chosen(), places_.journal);
  ASSERT_TRUE(logs_.before);
  EXPECT_EQ(logs_.before->source, log());
}

TEST_F(SourcesTest, a_log_that_is_left_over_is_not_kept_while_the_mta_writes_to_the_journal) {
  write(log());
  fs::last_write_time(log(), fs::file_time_type::clock::now() - std::chrono::hours{24 * 30});
  write_journal("postfix@-.service");
  followed(log());
  EXPECT_EQ(chosen(), places_.journal);
  ASSERT_TRUE(logs_.before);
  EXPECT_EQ(logs_.before->source, log());
  EXPECT_NE(logs_.reason.find("nothing was written to it"), std::string::npos) << logs_.reason;
}

TEST_F(SourcesTest, a_change_of_the_configuration_tells_which_log_was_followed_before) {
  write_journal("postfix@-.service");
  followed("/srv/log/postfix.log");
  config_.source_journal = places_.journal;
  EXPECT_EQ(chosen(), places_.journal);
  ASSERT_TRUE(logs_.before);
  EXPECT_EQ(logs_.before->source, "/srv/log/postfix.log");
  EXPECT_EQ(logs_.reason, "");
}

TEST_F(SourcesTest, without_any_log_it_says_what_to_configure) {
  EXPECT_NE(chosen().find("source.files"), std::string::npos);
}

TEST_F(SourcesTest, a_log_that_cannot_be_read_fails_the_check_of_the_configuration) {
  config_.source_journal = "no";
  config_.source_files = {log()};
  const Status missing = check_logs(config_);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find(log()), std::string::npos);
  write(log());
  EXPECT_TRUE(check_logs(config_));
}

}  // namespace
}  // namespace suppressd
