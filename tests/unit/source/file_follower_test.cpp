#include "suppressd/source/file_follower.h"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "log_fixture.h"

namespace suppressd {
namespace {

using test::Folder;
using test::Lines;

class FileFollowerTest : public ::testing::Test {
 protected:
  void write(const std::string& text) { test::append(log_, text); }
  void rename(const std::string& from, const std::string& to) {
    std::filesystem::rename(folder_ / from, folder_ / to);
  }

  Status start(StartAt at = StartAt::end) {
    follower_ = std::make_unique<FileFollower>(log_);
    return follower_->open(book_, at, learned_.gaps);
  }
  void stop() { follower_.reset(); }
  void reopen() { ASSERT_TRUE(follower_->open(book_, StartAt::end, learned_.gaps)); }

  /// Reads the new lines.
  Lines learn(std::size_t limit = 1000) {
    learned_.lines.clear();
    test::learn_all(*follower_, book_, learned_, limit);
    return learned_.lines;
  }
  std::string gaps() const {
    std::string text;
    for (const Gap& gap : learned_.gaps) text += gap.reason + "\n";
    return text;
  }

  Folder folder_;
  std::string log_ = folder_ / "mail.log";
  test::Book book_;
  std::unique_ptr<FileFollower> follower_;
  test::Learned learned_;
};

TEST_F(FileFollowerTest, the_very_first_start_learns_nothing_old) {
  write("old\nhalf");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{});
  write(" a line\nnew\n");
  EXPECT_EQ(learn(), (Lines{"half a line", "new"}));
}

TEST_F(FileFollowerTest, the_very_first_start_learns_everything_if_so_configured) {
  write("old\n");
  ASSERT_TRUE(start(StartAt::beginning));
  EXPECT_EQ(learn(), Lines{"old"});
}

TEST_F(FileFollowerTest, lines_after_a_first_start_at_the_end_are_not_lost_to_a_failed_commit) {
  write("old\n");
  ASSERT_TRUE(start());
  ASSERT_TRUE(follower_->read(10)) << "and its cursor is not stored";
  write("new\n");
  reopen();
  EXPECT_EQ(learn(), Lines{"new"});
}

TEST_F(FileFollowerTest, cursors_that_cannot_be_read_are_an_error_and_not_a_first_start) {
  write("one\n");
  ASSERT_TRUE(start(StartAt::beginning));
  EXPECT_EQ(learn(), Lines{"one"});
  stop();
  write("two\n");
  book_.broken = true;
  EXPECT_FALSE(start());
  book_.broken = false;
  ASSERT_TRUE(start());
  book_.broken = true;
  EXPECT_FALSE(follower_->read(10));
  book_.broken = false;
  EXPECT_EQ(learn(), Lines{"two"});
}

TEST_F(FileFollowerTest, a_rotated_file_is_read_although_the_one_before_it_was_truncated) {
  write("one\n");
  ASSERT_TRUE(start(StartAt::beginning));
  EXPECT_EQ(learn(), Lines{"one"});
  Cursor timed = **book_.newest_of(log_);
  timed.last_time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  book_.save(timed);
  stop();
  rename("mail.log", "mail.log.2");
  write("two\n");
  rename("mail.log", "mail.log.1");
  write("three\n");
  ASSERT_TRUE(start());
  std::filesystem::resize_file(folder_ / "mail.log.2", 0);
  EXPECT_EQ(learn(), (Lines{"two", "three"}));
}

TEST_F(FileFollowerTest, lines_written_to_an_empty_log_while_down_are_new) {
  write("");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{});
  stop();
  write("one\n");
  rename("mail.log", "mail.log.1");
  write("two\n");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), (Lines{"one", "two"}));
  EXPECT_EQ(gaps(), "");
  EXPECT_EQ(book_.size(), 2U) << "the row that said `nothing yet` must become the first stream's";
}

TEST_F(FileFollowerTest, a_missing_log_stops_the_first_start_with_its_name) {
  const Status started = start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find(log_), std::string::npos);
}

TEST_F(FileFollowerTest, an_unreadable_log_stops_the_start_with_the_fix) {
  if (geteuid() != 0) GTEST_SKIP() << "becomes another user, which takes root";
  write("one\n");
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(log_.c_str(), 0600), 0);
  ASSERT_EQ(seteuid(65534), 0);
  const Status started = start();
  ASSERT_EQ(seteuid(0), 0);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("setfacl -m u:nobody:r " + log_), std::string::npos)
      << started.error().message;
}

TEST_F(FileFollowerTest, a_new_log_that_is_unreadable_is_an_error_until_it_is_fixed_and_loses_nothing) {
  if (geteuid() != 0) GTEST_SKIP() << "becomes another user, which takes root";
  write("");
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(log_.c_str(), 0644), 0);
  ASSERT_TRUE(start());
  write("one\n");
  EXPECT_EQ(learn(), Lines{"one"});
  write("two\n");
  rename("mail.log", "mail.log.1");
  write("three\n");
  ASSERT_EQ(chmod(log_.c_str(), 0600), 0);
  ASSERT_EQ(seteuid(65534), 0);
  learned_.lines.clear();
  EXPECT_TRUE(test::learn_once(*follower_, book_, learned_));
  const Result<Source::Batch> refused = follower_->read(10);
  ASSERT_EQ(seteuid(0), 0);
  EXPECT_EQ(learned_.lines, Lines{"two"});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("maillog_file_permissions"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(learn(), Lines{"three"});
}

TEST_F(FileFollowerTest, continues_after_a_restart_in_the_middle_of_a_line) {
  write("");
  ASSERT_TRUE(start());
  write("one\ntw");
  EXPECT_EQ(learn(), Lines{"one"});
  stop();
  write("o\nthree\n");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), (Lines{"two", "three"}));
}

TEST_F(FileFollowerTest, returns_no_more_lines_than_requested_and_none_twice) {
  write("");
  ASSERT_TRUE(start());
  write("1\n2\n3\n4\n5\n");
  EXPECT_EQ(learn(2), (Lines{"1", "2", "3", "4", "5"}));
}

TEST_F(FileFollowerTest, an_uncommitted_batch_comes_again) {
  write("");
  ASSERT_TRUE(start());
  write("one\n");
  EXPECT_EQ(learn(), Lines{"one"});
  write("two\nthree\n");
  ASSERT_EQ(follower_->read(1)->records.size(), 1U);
  reopen();
  EXPECT_EQ(learn(), (Lines{"two", "three"}));
}

TEST_F(FileFollowerTest, a_renamed_log_is_read_to_its_end_before_the_new_one) {
  write("");
  ASSERT_TRUE(start());
  write("one\n");
  EXPECT_EQ(learn(), Lines{"one"});
  write("two\n");
  rename("mail.log", "mail.log.1");
  EXPECT_EQ(learn(), Lines{"two"}) << "a missing log is a rotation under way";
  test::append(folder_ / "mail.log.1", "three\n");
  write("");
  EXPECT_EQ(learn(), Lines{"three"}) << "the writer has not gone over yet";
  test::append(folder_ / "mail.log.1", "four\n");
  write("five\n");
  EXPECT_EQ(learn(), (Lines{"four", "five"}));
  EXPECT_EQ(gaps(), "");
}

TEST_F(FileFollowerTest, two_rotations_between_two_reads_lose_nothing) {
  write("");
  ASSERT_TRUE(start());
  write("one\n");
  EXPECT_EQ(learn(), Lines{"one"});
  write("two\n");
  rename("mail.log", "mail.log.2");
  write("three\n");
  rename("mail.log", "mail.log.1");
  write("four\n");
  EXPECT_EQ(learn(), (Lines{"two", "three", "four"}));
}

TEST_F(FileFollowerTest, rotations_while_down_lose_nothing_compressed_or_not) {
  for (const std::string suffix : {"", ".gz", ".xz", ".zst", ".bz2"}) {
    const std::string mark = suffix + " ";
    if (!std::filesystem::exists(log_)) write("");
    ASSERT_TRUE(start());
    write(mark + "one\n");
    EXPECT_EQ(learn(), Lines{mark + "one"});
    stop();
    write(mark + "two\n");
    rename("mail.log", "mail.log-20261120");
    write(mark + "three\n");
    rename("mail.log", "mail.log-20261121");
    write(mark + "four\n");
    if (!suffix.empty()) {
      test::compress(folder_ / "mail.log-20261120", suffix);
      test::compress(folder_ / "mail.log-20261121", suffix);
    }
    ASSERT_TRUE(start());
    EXPECT_EQ(learn(), (Lines{mark + "two", mark + "three", mark + "four"}));
    stop();
    std::filesystem::remove(folder_ / ("mail.log-20261120" + suffix));
    std::filesystem::remove(folder_ / ("mail.log-20261121" + suffix));
  }
  EXPECT_EQ(gaps(), "");
}

TEST_F(FileFollowerTest, lines_that_a_copytruncate_left_unread_are_read_from_the_copy) {
  write("");
  ASSERT_TRUE(start());
  write("one\n");
  EXPECT_EQ(learn(), Lines{"one"});
  write("two\n");
  std::filesystem::copy_file(log_, folder_ / "mail.log.1");
  std::filesystem::resize_file(log_, 0);
  EXPECT_EQ(learn(), Lines{"two"});
  write("three, and longer than what was there before\n");
  EXPECT_EQ(learn(), Lines{"three, and longer than what was there before"});
  EXPECT_EQ(gaps(), "");
}

TEST_F(FileFollowerTest, a_copytruncate_is_noticed_although_the_log_has_grown_past_the_old_position) {
  write("");
  ASSERT_TRUE(start());
  write("one\n");
  EXPECT_EQ(learn(), Lines{"one"});
  write("two\n");
  std::filesystem::copy_file(log_, folder_ / "mail.log.1");
  std::filesystem::resize_file(log_, 0);
  write("three\nfour\nfive\nsix\n");
  EXPECT_EQ(learn(), (Lines{"two", "three", "four", "five", "six"}));
  EXPECT_EQ(gaps(), "");
}

TEST_F(FileFollowerTest, a_truncation_without_a_copy_is_a_gap_reported_once) {
  write("");
  ASSERT_TRUE(start());
  write("one\n");
  EXPECT_EQ(learn(), Lines{"one"});
  write("two\n");
  std::filesystem::resize_file(log_, 0);
  EXPECT_EQ(learn(), Lines{});
  EXPECT_NE(gaps().find("was truncated"), std::string::npos);
  write("three\n");
  EXPECT_EQ(learn(), Lines{"three"});
  stop();
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{});
  EXPECT_EQ(learned_.gaps.size(), 1U);
}

TEST_F(FileFollowerTest, a_log_that_was_deleted_and_created_again_is_read_to_its_end_first) {
  write("");
  ASSERT_TRUE(start());
  write("one\n");
  EXPECT_EQ(learn(), Lines{"one"});
  write("two\n");
  std::filesystem::remove(log_);
  write("three\n");
  EXPECT_EQ(learn(), (Lines{"two", "three"}));
  EXPECT_EQ(gaps(), "");
}

TEST_F(FileFollowerTest, a_stream_that_is_gone_after_a_restart_is_a_gap_reported_once) {
  write("");
  ASSERT_TRUE(start());
  write("one\n");
  EXPECT_EQ(learn(), Lines{"one"});
  stop();
  std::filesystem::remove(log_);
  write("two\n");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{"two"});
  EXPECT_NE(gaps().find("is lost"), std::string::npos);
  stop();
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{});
  EXPECT_EQ(learned_.gaps.size(), 1U);
}

TEST_F(FileFollowerTest, a_gap_is_reported_once_even_if_the_new_log_is_still_empty) {
  write("one\n");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{});
  stop();
  std::filesystem::remove(log_);
  write("");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(start());
    EXPECT_EQ(learn(), Lines{});
  }
  EXPECT_EQ(learned_.gaps.size(), 1U);
  write("two\n");
  EXPECT_EQ(learn(), Lines{"two"});
}

TEST_F(FileFollowerTest, an_incomplete_last_line_of_a_rotated_log_is_a_gap) {
  write("");
  ASSERT_TRUE(start());
  write("one\ntw");
  rename("mail.log", "mail.log.1");
  write("three\n");
  EXPECT_EQ(learn(), (Lines{"one", "three"}));
  EXPECT_NE(gaps().find("incomplete line of 2 bytes"), std::string::npos) << gaps();
}

TEST_F(FileFollowerTest, a_damaged_archive_is_a_gap_and_does_not_stop_the_rest) {
  write("");
  ASSERT_TRUE(start());
  write("one\n");
  EXPECT_EQ(learn(), Lines{"one"});
  stop();
  rename("mail.log", "mail.log.2");
  write("two\n");
  rename("mail.log", "mail.log.1");
  test::compress(folder_ / "mail.log.1", ".gz");
  std::filesystem::resize_file(folder_ / "mail.log.1.gz", 14);
  write("three\n");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{"three"});
  EXPECT_NE(gaps().find("mail.log.1.gz"), std::string::npos) << gaps();
}

TEST_F(FileFollowerTest, follows_a_symbolic_link_that_is_switched_and_switched_back) {
  test::append(folder_ / "a", "");
  std::filesystem::create_symlink(folder_ / "a", log_);
  const auto point_to = [&](const std::string& name) {
    std::filesystem::create_symlink(folder_ / name, folder_ / "new");
    rename("new", "mail.log");
  };
  ASSERT_TRUE(start());
  test::append(folder_ / "a", "one\n");
  EXPECT_EQ(learn(), Lines{"one"});
  test::append(folder_ / "a", "two\n");
  test::append(folder_ / "b", "three\n");
  point_to("b");
  EXPECT_EQ(learn(), (Lines{"two", "three"}));
  test::append(folder_ / "a", "four\n");
  point_to("a");
  EXPECT_EQ(learn(), Lines{"four"});
  stop();
  test::append(folder_ / "a", "five\n");
  test::append(folder_ / "b", "six\n");
  point_to("b");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), (Lines{"five", "six"}));
  EXPECT_EQ(gaps(), "");
}

TEST_F(FileFollowerTest, a_log_that_was_replayed_is_not_learned_again) {
  write("one\ntwo\n");
  ASSERT_TRUE(start(StartAt::beginning));
  EXPECT_EQ(learn(), (Lines{"one", "two"}));
  Cursor replayed = **book_.newest_of(log_);
  replayed.source = "/some/copy";
  book_.save(replayed);
  stop();
  write("three\n");
  ASSERT_TRUE(start(StartAt::end));
  EXPECT_EQ(learn(), Lines{"three"}) << "a known stream goes on at its offset, whatever source.start";
  EXPECT_EQ((*book_.newest_of(log_))->id, replayed.id);
}

TEST_F(FileFollowerTest, a_line_that_is_too_long_is_counted_and_not_read_again_after_a_restart) {
  write("");
  ASSERT_TRUE(start());
  write("one\n" + std::string(3'000'000, 'x') + "\n");
  EXPECT_EQ(learn(), Lines{"one"});
  EXPECT_EQ(learned_.overlong, 1U);
  stop();
  write("two\n");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{"two"});
  EXPECT_EQ(learned_.overlong, 1U);
}

TEST_F(FileFollowerTest, wakes_for_every_way_in_which_a_log_continues) {
  const auto woken = [&] {
    pollfd poller{.fd = follower_->wait_fd(), .events = POLLIN, .revents = 0};
    return poll(&poller, 1, 0) > 0;
  };
  write("");
  ASSERT_TRUE(start());
  EXPECT_EQ(learn(), Lines{});
  EXPECT_FALSE(woken());
  write("one\n");
  EXPECT_TRUE(woken());
  EXPECT_EQ(learn(), Lines{"one"});
  EXPECT_FALSE(woken());
  rename("mail.log", "mail.log.1");
  EXPECT_TRUE(woken());
  learn();
  test::append(folder_ / "mail.log.1", "two\n");
  EXPECT_TRUE(woken());
  EXPECT_EQ(learn(), Lines{"two"});
  write("");
  EXPECT_TRUE(woken());
  learn();
  EXPECT_FALSE(woken());
  write("three\n");
  EXPECT_TRUE(woken());
  EXPECT_EQ(learn(), Lines{"three"});
  std::filesystem::copy_file(log_, folder_ / "mail.log.2");
  learn();
  std::filesystem::resize_file(log_, 0);
  EXPECT_TRUE(woken());
}

// A line's time is its first word.
class FileFollowerSinceTest : public FileFollowerTest {
 protected:
  Status start_since(std::int64_t time) {
    follower_ = std::make_unique<FileFollower>(log_, [](Time) -> LineTimes {
      return [](std::string_view line) -> std::optional<Time> {
        if (line.empty() || line[0] < '0' || line[0] > '9') return std::nullopt;
        return from_unix(std::stoll(std::string(line)));
      };
    });
    if (book_.size() == 0) book_.save(follower_->since(from_unix(time), Source::Before::another_log));
    return follower_->open(book_, StartAt::end, learned_.gaps);
  }
  void written_at(const std::string& name, std::int64_t time) {
    const std::array<timespec, 2> times = {timespec{time, 0}, timespec{time, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, (folder_ / name).c_str(), times.data(), 0), 0);
  }
};

TEST_F(FileFollowerSinceTest, entries_since_a_time_are_not_lost_and_nothing_older_is_learned) {
  write("100 a\nwithout a time\n200 b\n300 c\n");
  ASSERT_TRUE(start_since(200));
  EXPECT_EQ(learn(), (Lines{"200 b", "300 c"}));
  write("400 d\n");
  EXPECT_EQ(learn(), Lines{"400 d"});
  ASSERT_TRUE(start_since(200));
  EXPECT_EQ(learn(), Lines{});
  EXPECT_EQ(gaps(), "");
}

TEST_F(FileFollowerSinceTest, begins_in_a_rotated_log_compressed_or_not) {
  write("100 a\n200 b\n");
  rename("mail.log", "mail.log.2");
  written_at("mail.log.2", 200);
  write("300 c\n400 d\n");
  rename("mail.log", "mail.log.1");
  written_at("mail.log.1", 400);
  test::compress(folder_ / "mail.log.1", ".gz");
  write("500 e\n");
  ASSERT_TRUE(start_since(350));
  EXPECT_EQ(learn(), (Lines{"400 d", "500 e"}));
  EXPECT_EQ(gaps(), "");
}

TEST_F(FileFollowerSinceTest, a_crash_before_the_first_commit_begins_at_the_same_place) {
  write("100 a\n200 b\n");
  ASSERT_TRUE(start_since(200));
  ASSERT_TRUE(follower_->read(100));
  ASSERT_TRUE(start_since(0));
  EXPECT_EQ(learn(), Lines{"200 b"});
}

TEST_F(FileFollowerSinceTest, a_log_without_new_lines_is_followed_from_its_end) {
  write("100 a\n150 b\n");
  ASSERT_TRUE(start_since(200));
  EXPECT_EQ(learn(), Lines{});
  write("250 c\n");
  EXPECT_EQ(learn(), Lines{"250 c"});
}

}  // namespace
}  // namespace suppressd
