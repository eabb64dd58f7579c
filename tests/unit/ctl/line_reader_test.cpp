#include "line_reader.h"

#include <unistd.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace suppressd::ctl {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  const std::string path = testing::TempDir() + "line_reader_" + std::to_string(getpid());
  std::FILE* file = std::fopen(path.c_str(), "wb");
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
  auto bytes = ByteStream::open(path);
  std::vector<std::string> lines;
  if (!bytes) {
    ADD_FAILURE() << bytes.error().message;
    return lines;
  }
  LineReader reader(std::move(*bytes));
  for (auto line = reader.next(); line && *line; line = reader.next()) lines.emplace_back(**line);
  unlink(path.c_str());
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineReader, nothing_is_not_a_line) {
  EXPECT_EQ(lines_of(""), Lines{});
}

TEST(LineReader, empty_lines_and_a_last_line_without_newline_count) {
  EXPECT_EQ(lines_of("a\n\nb"), (Lines{"a", "", "b"}));
  EXPECT_EQ(lines_of("\n"), Lines{""});
  EXPECT_EQ(lines_of("a\n"), Lines{"a"});
}

TEST(LineReader, carriage_returns_before_a_newline_are_not_part_of_the_line) {
  EXPECT_EQ(lines_of("a\r\nb\rc\r\n"), (Lines{"a", "b\rc"}));
}

TEST(LineReader, no_byte_is_lost_at_the_borders_of_the_buffer) {
  Lines expected;
  std::string text;
  for (std::size_t length = 1; text.size() < 4 * LineReader::kLongest; length = length * 7 % 60013) {
    expected.emplace_back(length, static_cast<char>('a' + length % 26));
    text += expected.back() + "\n";
  }
  EXPECT_EQ(lines_of(text), expected);
}

TEST(LineReader, an_overlong_line_is_cut_and_stays_one_line) {
  for (const std::size_t extra : {0UL, 1UL, LineReader::kLongest - 1, LineReader::kLongest,
                                  LineReader::kLongest + 1, 5 * LineReader::kLongest}) {
    const std::string line(LineReader::kLongest + extra, 'x');
    const auto lines = lines_of("before\n" + line + "\nbehind\n" + line);
    ASSERT_EQ(lines.size(), 4U) << extra;
    EXPECT_EQ(lines[1].size(), LineReader::kLongest) << extra;
    EXPECT_EQ(lines[2], "behind") << extra;
    EXPECT_EQ(lines[3].size(), LineReader::kLongest) << extra;
  }
}

}  // namespace
}  // namespace suppressd::ctl
