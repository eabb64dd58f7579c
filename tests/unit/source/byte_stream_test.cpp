#include "suppressd/source/byte_stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

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

// The text that can be read, and the error that ended it; without an error, the end was reached.
std::pair<std::string, std::string> read_what_is_whole(ByteStream& bytes) {
  std::string text;
  std::string piece(10'000, '\0');
  for (;;) {
    const Result<std::size_t> count = bytes.read(piece);
    if (!count) return {text, count.error().message};
    if (*count == 0) return {text, ""};
    text.append(piece, 0, *count);
  }
}

std::string read_all(ByteStream& bytes) {
  const auto [text, error] = read_what_is_whole(bytes);
  EXPECT_EQ(error, "");
  return text;
}

class Compressed : public ::testing::TestWithParam<const char*> {};

TEST_P(Compressed, reads_compressed_text_whatever_the_name) {
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
  for (const std::size_t offset :
       {text.size(), std::size_t{100}, std::size_t{4096}, std::size_t{90'000}, std::size_t{0}}) {
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

TEST(ByteStream, notices_a_file_that_was_rewritten_with_the_same_length) {
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

// Numbers that do not compress well.
std::string varied_lines(unsigned count) {
  std::string text;
  for (unsigned i = 0; i < count; ++i) text += std::to_string(i * 2654435761U) + "\n";
  return text;
}

TEST_P(Compressed, damaged_is_an_error_that_names_it) {
  const Folder folder;
  test::append(folder / "log", varied_lines(20'000));
  const std::string name = folder / (std::string("log") + GetParam());
  if (name.ends_with(".zst"))  // libarchive writes no checksum into these, but zstd(1) does
    ASSERT_EQ(std::system(("zstd -q --rm " + (folder / "log")).c_str()), 0);
  else
    test::compress(folder / "log", GetParam());
  const std::string whole = test::content(name);
  for (const double part : {0.3, 0.5, 0.8}) {
    std::string damaged = whole;
    auto& byte = damaged[static_cast<std::size_t>(part * static_cast<double>(whole.size()))];
    byte = static_cast<char>(byte ^ 0x10);
    std::filesystem::remove(name);
    test::append(name, damaged);
    Result<ByteStream> bytes = ByteStream::open(name);
    // A small file is read as a whole when it is opened.
    const std::string error = bytes ? read_what_is_whole(*bytes).second : bytes.error().message;
    EXPECT_NE(error.find("cannot read " + name), std::string::npos) << part << ": " << error;
    EXPECT_TRUE(!bytes || error.find(name + " beyond byte ") != std::string::npos) << part << ": " << error;
  }
}

TEST_P(Compressed, cut_off_anywhere_is_an_error_after_the_part_that_is_complete) {
  const Folder folder;
  const std::string text = varied_lines(200'000);
  test::append(folder / "log", text);
  test::compress(folder / "log", GetParam());
  const std::string name = folder / (std::string("log") + GetParam());
  const auto size = std::filesystem::file_size(name);
  for (const auto cut : {size - 1, size / 2}) {
    std::filesystem::resize_file(name, cut);
    Result<ByteStream> bytes = ByteStream::open(name);
    ASSERT_TRUE(bytes) << bytes.error().message;
    const auto [got, error] = read_what_is_whole(*bytes);
    EXPECT_NE(error.find(name), std::string::npos) << cut << " of " << size << ": the cut was not noticed";
    EXPECT_TRUE(text.starts_with(got));
    EXPECT_GT(got.size(), 100'000U);
  }
}

class Gzip : public ::testing::Test {
 protected:
  std::string compressed(const std::string& text) {
    const std::string name = folder_ / ("part" + std::to_string(++parts_));
    test::append(name, text);
    test::compress(name, ".gz");
    return test::content(name + ".gz");
  }

  std::pair<std::string, std::string> read(const std::string& content) {
    const std::string name = folder_ / ("log" + std::to_string(++parts_));
    test::append(name, content);
    Result<ByteStream> bytes = ByteStream::open(name);
    if (!bytes) return {"", bytes.error().message};
    return read_what_is_whole(*bytes);
  }

 private:
  const Folder folder_;
  int parts_ = 0;
};

TEST_F(Gzip, members_one_after_another_are_one_stream) {
  const auto [text, error] = read(compressed("one\n") + compressed("") + std::string(3, '\0') +
                                  compressed("two\n") + std::string(500, '\0'));
  EXPECT_EQ(error, "");
  EXPECT_EQ(text, "one\ntwo\n");
}

TEST_F(Gzip, a_wrong_checksum_is_an_error) {
  std::string content = compressed("one\ntwo\n");
  content[content.size() - 7] ^= 1;
  const auto [text, error] = read(content);
  EXPECT_NE(error.find("damaged: incorrect data check"), std::string::npos) << error;
}

TEST_F(Gzip, lines_that_were_written_after_it_are_an_error_and_not_lost_silently) {
  const auto [text, error] = read(compressed("one\n") + "two\n");
  EXPECT_EQ(text, "one\n");
  EXPECT_NE(error.find("something that is not gzip follows the compressed text"), std::string::npos) << error;
}

TEST_F(Gzip, cut_within_its_trailer_is_an_error) {
  const std::string whole = compressed("one\ntwo\n");
  for (std::size_t cut = 1; cut <= 8; ++cut) {
    const auto [text, error] = read(whole.substr(0, whole.size() - cut));
    EXPECT_EQ(text, "one\ntwo\n");
    EXPECT_NE(error.find("truncated"), std::string::npos) << cut;
  }
}

TEST_F(Gzip, the_beginning_of_one_and_nothing_more_is_an_error) {
  for (const std::string begun : {"\x1f\x8b", "\x1f\x8b\x08\x00\x00", "\x1f\x8b\x07 is no method"})
    EXPECT_NE(read(begun).second, "");
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

TEST(ByteStream, refuses_all_but_regular_files_without_waiting_for_them) {
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
