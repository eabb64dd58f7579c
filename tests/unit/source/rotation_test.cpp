#include "suppressd/source/rotation.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "log_fixture.h"

namespace suppressd {
namespace {

using test::Folder;
using test::Lines;

std::unique_ptr<LogStream> begun(const std::string& path) {
  Result<ByteStream> bytes = ByteStream::open(path);
  if (!bytes) throw std::runtime_error(bytes.error().message);
  auto stream = std::make_unique<LogStream>(std::move(*bytes));
  if (!*stream->identify() || !stream->begin({}, path)) throw std::runtime_error("cannot begin " + path);
  return stream;
}

Cursor read_to_end(const std::string& path) {
  const auto stream = begun(path);
  std::vector<SourceRecord> records;
  while (*stream->read(100, records) == LogStream::Progress::lines) records.clear();
  return stream->cursor();
}

Lines names(const Rotation& rotation) {
  Lines result;
  for (const auto& stream : rotation.streams)
    result.push_back(std::filesystem::path(stream->bytes().path()).filename().string());
  return result;
}

class RotationTest : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) { test::append(folder_ / name, text); }
  Rotation look(const Cursor& last, const LogStream* open = nullptr) {
    Result<Rotation> rotation = look_around(log_, last, open);
    if (!rotation) throw std::runtime_error(rotation.error().message);
    return std::move(*rotation);
  }
  Folder folder_;
  std::string log_ = folder_ / "mail.log";
};

TEST_F(RotationTest, finds_the_stream_where_it_was) {
  write("mail.log", "a1\na2\n");
  const Cursor last = read_to_end(log_);
  const Rotation rotation = look(last);
  EXPECT_EQ(rotation.found, Rotation::Found::whole);
  EXPECT_EQ(names(rotation), Lines{"mail.log"});
}

TEST_F(RotationTest, gives_the_rest_then_the_newer_files_then_the_current_one) {
  write("mail.log.4", "old\n");
  write("mail.log", "a1\na2\n");
  const Cursor last = read_to_end(log_);
  std::filesystem::rename(log_, folder_ / "mail.log.3");
  write("mail.log.2", "b\n");
  write("mail.log.1", "c\n");
  write("mail.log", "d\n");
  test::compress(folder_ / "mail.log.3", ".xz");
  test::compress(folder_ / "mail.log.2", ".gz");
  const Rotation rotation = look(last);
  EXPECT_EQ(rotation.found, Rotation::Found::whole);
  EXPECT_EQ(names(rotation), (Lines{"mail.log.3.xz", "mail.log.2.gz", "mail.log.1", "mail.log"}));
  EXPECT_TRUE(rotation.lost.empty());
}

TEST_F(RotationTest, a_copy_that_ends_before_the_cursor_has_nothing_new) {
  write("mail.log", "a1\na2\na3\n");
  const Cursor last = read_to_end(log_);
  write("mail.log.1", "a1\na2\n");
  std::filesystem::resize_file(log_, 0);
  write("mail.log", "b\n");
  const Rotation rotation = look(last);
  EXPECT_EQ(rotation.found, Rotation::Found::shorter_copy);
  EXPECT_EQ(names(rotation), Lines{"mail.log"});
}

TEST_F(RotationTest, a_stream_with_the_same_first_line_is_another_one) {
  write("mail.log", "same\na2\na3\n");
  const Cursor last = read_to_end(log_);
  std::filesystem::rename(log_, folder_ / "mail.log.1");
  write("mail.log", "same\nb\n");
  const Rotation rotation = look(last);
  EXPECT_EQ(rotation.found, Rotation::Found::whole);
  EXPECT_EQ(names(rotation), (Lines{"mail.log.1", "mail.log"}));
}

TEST_F(RotationTest, the_open_file_is_known_under_its_new_name_and_after_compression) {
  write("mail.log", "a1\n");
  const auto open = begun(log_);
  std::filesystem::rename(log_, folder_ / "mail.log.1");
  write("mail.log", "b\n");
  Rotation rotation = look(open->cursor(), open.get());
  EXPECT_EQ(rotation.found, Rotation::Found::open);
  EXPECT_EQ(names(rotation), Lines{"mail.log"});
  test::compress(folder_ / "mail.log.1", ".gz");
  rotation = look(open->cursor(), open.get());
  EXPECT_EQ(rotation.found, Rotation::Found::open);
  EXPECT_EQ(names(rotation), Lines{"mail.log"});
}

TEST_F(RotationTest, a_stream_that_is_gone_is_not_found_and_older_files_are_left_alone) {
  write("mail.log.1", "old\n");
  write("mail.log", "a\n");
  Cursor last = read_to_end(log_);
  std::filesystem::remove(log_);
  write("mail.log", "b\n");
  const Rotation rotation = look(last);
  EXPECT_EQ(rotation.found, Rotation::Found::no);
  EXPECT_EQ(names(rotation), Lines{"mail.log"});
}

TEST_F(RotationTest, a_damaged_archive_among_the_newer_files_is_reported) {
  write("mail.log", "a\n");
  const Cursor last = read_to_end(log_);
  std::filesystem::rename(log_, folder_ / "mail.log.2");
  write("mail.log.1.gz", "\x1f\x8b not gzip");
  write("mail.log", "b\n");
  const Rotation rotation = look(last);
  EXPECT_EQ(names(rotation), (Lines{"mail.log.2", "mail.log"}));
  ASSERT_EQ(rotation.lost.size(), 1U);
  EXPECT_NE(rotation.lost[0].find("mail.log.1.gz"), std::string::npos);
}

TEST_F(RotationTest, files_made_since_come_after_a_source_that_had_nothing_yet) {
  write("mail.log.1", "old\n");
  write("mail.log", "");
  const Cursor nothing = nothing_yet(log_, true);
  EXPECT_TRUE(is_nothing_yet(nothing));
  EXPECT_EQ(names(look(nothing)), Lines{});
  std::filesystem::rename(folder_ / "mail.log.1", folder_ / "mail.log.2");
  usleep(20'000);  // the kernel's clock for files ticks every few milliseconds
  write("mail.log.1", "new\n");
  write("mail.log", "b\n");
  EXPECT_EQ(names(look(nothing)), (Lines{"mail.log.1", "mail.log"}));
}

}  // namespace
}  // namespace suppressd
