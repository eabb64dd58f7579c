#include "suppressd/source/replay_stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

#include "log_fixture.h"

namespace suppressd {
namespace {

using test::Folder;
using test::Lines;

class ReplayStreamTest : public ::testing::Test {
 protected:
  Lines replay(const std::string& path) {
    Result<ReplayStream> stream = ReplayStream::open(path, book_);
    if (!stream) throw std::runtime_error(stream.error().message);
    test::Learned learned;
    test::learn_all(*stream, book_, learned, 3);
    const ReplayStream::Progress progress = stream->progress();
    if (progress.total > 0) {
      EXPECT_EQ(progress.read, progress.total);
    }
    return learned.lines;
  }
  /// Replays standard input, which comes from `path`, through a pipe or directly.
  Lines replay_input(const std::string& path, bool through_pipe) {
    const int saved = dup(STDIN_FILENO);
    std::FILE* pipe = nullptr;
    const int fd = through_pipe ? fileno(pipe = popen(("cat " + path).c_str(), "re"))
                                : open(path.c_str(), O_RDONLY | O_CLOEXEC);
    dup2(fd, STDIN_FILENO);
    const Lines lines = replay("-");
    dup2(saved, STDIN_FILENO);
    close(saved);
    if (through_pipe) pclose(pipe);
    if (!through_pipe) close(fd);
    return lines;
  }
  void write(const std::string& name, const std::string& text) { test::append(folder_ / name, text); }

  Folder folder_;
  test::Book book_;
};

TEST_F(ReplayStreamTest, the_same_log_again_under_any_name_and_compression_gives_nothing) {
  write("log", "1\n2\n3\n4\n5\n");
  EXPECT_EQ(replay(folder_ / "log"), (Lines{"1", "2", "3", "4", "5"}));
  EXPECT_EQ(replay(folder_ / "log"), Lines{});
  for (const char* suffix : {".gz", ".xz", ".zst", ".bz2"}) {
    test::compress(folder_ / "log", suffix, false);
    EXPECT_EQ(replay(folder_ / (std::string("log") + suffix)), Lines{}) << suffix;
  }
  std::filesystem::rename(folder_ / "log", folder_ / "other");
  EXPECT_EQ(replay(folder_ / "other"), Lines{});
  EXPECT_EQ(replay_input(folder_ / "other", true), Lines{});
  EXPECT_EQ(replay_input(folder_ / "other", false), Lines{});
  EXPECT_EQ(replay_input(folder_ / "log.gz", true), Lines{});
  EXPECT_EQ(book_.size(), 1U);
  EXPECT_EQ((*book_.newest_of(folder_ / "log"))->offset, 10U) << "the stream stays one of its first source";
}

TEST_F(ReplayStreamTest, a_log_that_has_grown_gives_its_new_lines) {
  write("log", "1\n2\n");
  EXPECT_EQ(replay(folder_ / "log"), (Lines{"1", "2"}));
  write("log", "3\n");
  test::compress(folder_ / "log", ".gz", false);
  EXPECT_EQ(replay(folder_ / "log.gz"), Lines{"3"});
  EXPECT_EQ(replay_input(folder_ / "log", true), Lines{});
}

TEST_F(ReplayStreamTest, a_log_that_only_begins_like_a_known_one_is_new) {
  write("log", "1\n2\n3\n4\n");
  EXPECT_EQ(replay(folder_ / "log"), (Lines{"1", "2", "3", "4"}));
  const Lines expected = {"1", "2", "x", "4", "5"};
  write("plain", "1\n2\nx\n4\n5\n");
  write("packed", "1\n2\ny\n4\n5\n");
  write("piped", "1\n2\nz\n4\n5\n");
  EXPECT_EQ(replay(folder_ / "plain"), expected);
  test::compress(folder_ / "packed", ".xz");
  EXPECT_EQ(replay(folder_ / "packed.xz"), (Lines{"1", "2", "y", "4", "5"}));
  EXPECT_EQ(replay_input(folder_ / "piped", true), (Lines{"1", "2", "z", "4", "5"}))
      << "what a pipe gave must be there again";
  write("short", "1\n2\n");
  EXPECT_EQ(replay(folder_ / "short"), (Lines{"1", "2"})) << "too short to be compared";
}

TEST_F(ReplayStreamTest, takes_an_incomplete_last_line_once_and_whole_when_it_has_grown) {
  write("log", "1\n2 is cu");
  EXPECT_EQ(replay(folder_ / "log"), (Lines{"1", "2 is cu"}));
  EXPECT_EQ(replay(folder_ / "log"), Lines{});
  write("log", "t\n3");
  EXPECT_EQ(replay(folder_ / "log"), (Lines{"2 is cut", "3"}));
  write("log", "\n4\n");
  EXPECT_EQ(replay(folder_ / "log"), Lines{"4"});
}

TEST_F(ReplayStreamTest, a_log_of_one_incomplete_line_is_known_too) {
  write("log", "only");
  EXPECT_EQ(replay(folder_ / "log"), Lines{"only"});
  EXPECT_EQ(replay(folder_ / "log"), Lines{});
  EXPECT_EQ(replay_input(folder_ / "log", true), Lines{});
}

TEST_F(ReplayStreamTest, an_empty_log_gives_nothing_and_is_not_an_error) {
  write("log", "");
  EXPECT_EQ(replay(folder_ / "log"), Lines{});
  test::compress(folder_ / "log", ".gz", false);
  EXPECT_EQ(replay(folder_ / "log.gz"), Lines{});
  EXPECT_EQ(replay_input(folder_ / "log", true), Lines{});
  EXPECT_EQ(book_.size(), 0U);
}

TEST_F(ReplayStreamTest, a_file_that_is_missing_is_an_error_with_its_name) {
  const Result<ReplayStream> stream = ReplayStream::open(folder_ / "nothing", book_);
  ASSERT_FALSE(stream);
  EXPECT_NE(stream.error().message.find("nothing"), std::string::npos);
}

TEST_F(ReplayStreamTest, lines_without_a_year_get_the_time_of_the_file) {
  write("log", "1\n");
  const std::array<timespec, 2> times = {timespec{1'700'000'000, 0}, timespec{1'700'000'000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, (folder_ / "log").c_str(), times.data(), 0), 0);
  test::compress(folder_ / "log", ".gz", false);
  for (const char* name : {"log", "log.gz"}) {
    test::Book empty;
    Result<ReplayStream> stream = ReplayStream::open(folder_ / name, empty);
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->read(1)->reference, from_unix(1'700'000'000)) << name;
  }
}

}  // namespace
}  // namespace suppressd
