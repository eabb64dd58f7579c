#include "suppressd/source/byte_stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "log_fixture.h"

namespace suppressd {
namespace {

using test::Folder;

std::string numbered_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}

std::string read_all(ByteStream& bytes) {
  std::string text;
  std::string piece(10'000, '\0');
  for (;;) {
    const Result<std::size_t> count = bytes.read(piece);
    EXPECT_TRUE(count.ok()) << count.error().message;
    if (!count || *count == 0) return text;
    text.append(piece, 0, *count);
  }
}

class Compressed : public ::testing::TestWithParam<const char*> {};

TEST_P(Compressed, reads_back_what_was_compressed_whatever_the_name) {
  const Folder folder;
  const std::string text = numbered_lines(50'000);
  test::append(folder / "log", text);
  test::compress(folder / "log", GetParam());
  std::filesystem::rename(folder / (std::string("log") + GetParam()), folder / "mail.log.3");
  Result<ByteStream> bytes = ByteStream::open(folder / "mail.log.3");
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_FALSE(bytes->plain());
  EXPECT_EQ(read_all(*bytes), text);
  EXPECT_EQ(bytes->raw_position(), static_cast<std::uint64_t>(bytes->status().st_size));
}

TEST_P(Compressed, finds_any_window_forwards_and_backwards) {
  const Folder folder;
  const std::string text = numbered_lines(20'000);
  test::append(folder / "log", text);
  test::compress(folder / "log", GetParam());
  Result<ByteStream> bytes = ByteStream::open(folder / (std::string("log") + GetParam()));
  ASSERT_TRUE(bytes);
  std::string window;
  for (const std::size_t offset : {text.size(), std::size_t{100}, std::size_t{4096}, std::size_t{90'000}, std::size_t{0}}) {
    ASSERT_TRUE(*bytes->window(offset, window)) << offset;
    const std::size_t from = offset > 4096 ? offset - 4096 : 0;
    EXPECT_EQ(window, text.substr(from, offset - from));
  }
  EXPECT_FALSE(*bytes->window(text.size() + 1, window));
  EXPECT_FALSE(*bytes->window(text.size() + 100'000, window));
}

INSTANTIATE_TEST_SUITE_P(ByteStream, Compressed, ::testing::Values(".gz", ".xz", ".zst", ".bz2"));

TEST(ByteStream, follows_a_plain_file_that_grows) {
  const Folder folder;
  test::append(folder / "log", "one\n");
  Result<ByteStream> bytes = ByteStream::open(folder / "log");
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(bytes->plain());
  EXPECT_EQ(read_all(*bytes), "one\n");
  test::append(folder / "log", "two\n");
  EXPECT_EQ(read_all(*bytes), "two\n");
}

TEST(ByteStream, notices_a_file_that_was_written_anew_with_the_same_length) {
  const Folder folder;
  test::append(folder / "log", "one\n");
  Result<ByteStream> bytes = ByteStream::open(folder / "log");
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(bytes->unchanged(4, "one\n"));
  std::filesystem::resize_file(folder / "log", 0);
  EXPECT_FALSE(bytes->unchanged(4, "one\n"));
  test::append(folder / "log", "two\n");
  EXPECT_FALSE(bytes->unchanged(4, "one\n"));
}

TEST(ByteStream, concatenated_archives_are_one_stream) {
  const Folder folder;
  test::append(folder / "a", "one\n");
  test::append(folder / "b", "two\n");
  test::compress(folder / "a", ".gz");
  test::compress(folder / "b", ".gz");
  test::append(folder / "a.gz", test::content(folder / "b.gz"));
  Result<ByteStream> bytes = ByteStream::open(folder / "a.gz");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(read_all(*bytes), "one\ntwo\n");
}

TEST(ByteStream, a_cut_archive_is_an_error_that_names_it_after_the_part_that_is_whole) {
  const Folder folder;
  std::string text;
  for (unsigned i = 0; i < 200'000; ++i) text += std::to_string(i * 2654435761U) + "\n";
  test::append(folder / "log", text);
  test::compress(folder / "log", ".gz");
  std::filesystem::resize_file(folder / "log.gz", std::filesystem::file_size(folder / "log.gz") / 2);
  Result<ByteStream> bytes = ByteStream::open(folder / "log.gz");
  ASSERT_TRUE(bytes);
  std::string got;
  std::string piece(10'000, '\0');
  for (;;) {
    const Result<std::size_t> count = bytes->read(piece);
    if (!count) {
      EXPECT_NE(count.error().message.find(folder / "log.gz"), std::string::npos);
      break;
    }
    ASSERT_GT(*count, 0U) << "the cut was not noticed";
    got.append(piece, 0, *count);
  }
  EXPECT_GT(got.size(), 100'000U);
  EXPECT_TRUE(text.starts_with(got));
}

TEST(ByteStream, a_pipe_can_be_read_again_until_it_is_settled) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const std::string text = numbered_lines(30'000);
  std::thread writer([&] {
    std::string_view left = text;
    while (!left.empty()) {
      const ssize_t count = write(ends[1], left.data(), left.size());
      if (count <= 0) break;
      left.remove_prefix(static_cast<std::size_t>(count));
    }
    close(ends[1]);
  });
  Result<ByteStream> bytes = ByteStream::adopt(ends[0], "standard input");
  ASSERT_TRUE(bytes) << bytes.error().message;
  std::string window;
  ASSERT_TRUE(*bytes->window(100'000, window));
  EXPECT_EQ(window, text.substr(100'000 - 4096, 4096));
  ASSERT_TRUE(bytes->seek(10));
  bytes->settled();
  EXPECT_EQ(read_all(*bytes), text.substr(10));
  writer.join();
}

TEST(ByteStream, refuses_what_is_no_regular_file_without_waiting_for_it) {
  const Folder folder;
  const Result<ByteStream> directory = ByteStream::open(folder.path().string());
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().message.find("not a regular file"), std::string::npos);
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_FALSE(ByteStream::open(folder / "fifo"));
}

TEST(ByteStream, says_whether_a_file_is_missing) {
  const Folder folder;
  bool missing = false;
  const Result<ByteStream> bytes = ByteStream::open(folder / "nothing", &missing);
  ASSERT_FALSE(bytes);
  EXPECT_TRUE(missing);
  EXPECT_NE(bytes.error().message.find("nothing"), std::string::npos);
}

}  // namespace
}  // namespace suppressd
