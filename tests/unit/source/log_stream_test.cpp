#include "suppressd/source/log_stream.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "log_fixture.h"

namespace suppressd {
namespace {

using test::Folder;
using test::Lines;

LogStream open(const std::string& path) {
  Result<ByteStream> bytes = ByteStream::open(path);
  if (!bytes) throw std::runtime_error(bytes.error().message);
  return LogStream(std::move(*bytes));
}

Lines read(LogStream& stream, LogStream::Progress last = LogStream::Progress::end) {
  Lines lines;
  std::vector<SourceRecord> records;
  for (;;) {
    records.clear();
    const Result<LogStream::Progress> progress = stream.read(10, records);
    if (!progress) throw std::runtime_error(progress.error().message);
    for (const SourceRecord& record : records) lines.emplace_back(record.line);
    if (*progress == LogStream::Progress::lines) continue;
    EXPECT_EQ(*progress, last);
    return lines;
  }
}

TEST(LogStream, continues_at_the_furthest_cursor_that_is_its_own) {
  const Folder folder;
  test::append(folder / "log", "one\ntwo\nthree\n");
  LogStream first = open(folder / "log");
  ASSERT_TRUE(*first.identify());
  ASSERT_TRUE(first.begin({}, "log"));
  std::vector<SourceRecord> records;
  ASSERT_EQ(*first.read(1, records), LogStream::Progress::lines);
  Cursor one = first.cursor();
  ASSERT_EQ(*first.read(1, records), LogStream::Progress::lines);
  Cursor two = first.cursor();
  one.id = 1;
  two.id = 2;
  Cursor foreign = two;
  foreign.id = 3;
  foreign.offset = 14;

  LogStream again = open(folder / "log");
  ASSERT_TRUE(*again.identify());
  ASSERT_TRUE(again.begin({foreign, one, two}, "log"));
  EXPECT_EQ(again.cursor().id, 2);
  EXPECT_EQ(read(again), Lines{"three"});
  EXPECT_EQ(*again.compare(one), LogStream::Likeness::same);
  EXPECT_EQ(*again.compare(foreign), LogStream::Likeness::other);
  foreign.offset = 15;
  EXPECT_EQ(*again.compare(foreign), LogStream::Likeness::shorter);
}

TEST(LogStream, has_the_state_of_its_row_or_the_newest_of_all_known_rows) {
  const Folder folder;
  test::append(folder / "log", "one\ntwo\n");
  const auto begun = [&](const std::vector<Cursor>& known) {
    LogStream stream = open(folder / "log");
    EXPECT_TRUE(*stream.identify());
    EXPECT_TRUE(stream.begin(known, "log"));
    return stream;
  };
  LogStream first = begun({});
  EXPECT_EQ(first.cursor().saved, 0);
  std::vector<SourceRecord> records;
  ASSERT_EQ(*first.read(1, records), LogStream::Progress::lines);
  Cursor stored = first.cursor();
  stored.id = 1;
  stored.saved = 5;
  ASSERT_EQ(*first.read(1, records), LogStream::Progress::lines);
  const Cursor unstored = first.cursor();
  Cursor other = unstored;
  other.id = 2;
  other.saved = 9;
  other.digest = std::string(64, '0');
  EXPECT_EQ(begun({stored, other}).cursor().saved, 5);
  EXPECT_EQ(begun({other}).cursor().saved, 9);
  EXPECT_EQ(begun({stored, unstored}).cursor().id, 0);
  EXPECT_EQ(begun({stored, unstored}).cursor().saved, 5);
  LogStream at_end = begun({other});
  ASSERT_TRUE(at_end.begin_at_end("log"));
  EXPECT_EQ(at_end.cursor().saved, 9);
}

TEST(LogStream, begins_at_the_end_of_the_last_complete_line) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "line " + std::to_string(i) + "\n";
  test::append(folder / "log", text + std::string(10'000, 'x'));
  LogStream stream = open(folder / "log");
  ASSERT_TRUE(*stream.identify());
  ASSERT_TRUE(stream.begin_at_end("log"));
  EXPECT_EQ(stream.cursor().offset, text.size());
  EXPECT_EQ(read(stream), Lines{});
  test::append(folder / "log", "y\nnext\n");
  EXPECT_EQ(read(stream), (Lines{std::string(10'000, 'x') + "y", "next"}));
}

TEST(LogStream, does_not_read_on_in_a_file_that_was_truncated_and_has_grown_again) {
  const Folder folder;
  test::append(folder / "log", "one\ntwo\n");
  LogStream stream = open(folder / "log");
  ASSERT_TRUE(*stream.identify());
  ASSERT_TRUE(stream.begin({}, "log"));
  EXPECT_EQ(read(stream), (Lines{"one", "two"}));
  std::filesystem::resize_file(folder / "log", 0);
  test::append(folder / "log", "alpha\nbeta\ngamma\n");
  EXPECT_EQ(read(stream, LogStream::Progress::replaced), Lines{});
}

TEST(LogStream, commits_add_to_its_cursor) {
  const Folder folder;
  test::append(folder / "log", "one\n");
  LogStream stream = open(folder / "log");
  ASSERT_TRUE(*stream.identify());
  ASSERT_TRUE(stream.begin({}, "the source"));
  Cursor cursor = stream.cursor();
  EXPECT_EQ(cursor.source, "the source");
  EXPECT_EQ(cursor.kind, "file");
  cursor.id = 7;
  cursor.saved = 8;
  cursor.last_time = from_unix(1'795'219'200);
  cursor.zone = "Europe/Berlin";
  cursor.swept = from_unix(1'795'000'000);
  stream.stored(cursor);
  EXPECT_EQ(stream.cursor().id, 7);
  EXPECT_EQ(stream.cursor().saved, 8);
  EXPECT_EQ(stream.cursor().last_time, cursor.last_time);
  EXPECT_EQ(stream.cursor().zone, cursor.zone);
  EXPECT_EQ(stream.cursor().swept, cursor.swept);
}

}  // namespace
}  // namespace suppressd
