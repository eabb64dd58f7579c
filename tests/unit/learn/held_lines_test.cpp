#include "suppressd/learn/held_lines.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

using std::chrono::milliseconds;

const HeldLines::Moment kNow = HeldLines::Moment{} + std::chrono::hours(1);

// Of a stream that has a row.
Source::Batch batch_of(const std::vector<std::string_view>& lines, std::uint64_t offset = 1) {
  Source::Batch batch;
  for (const auto line : lines) batch.records.push_back({.structured = false, .line = line, .entry = {}});
  batch.cursor.id = 7;
  batch.cursor.last_time = from_unix(1'790'000'000);
  batch.cursor.offset = offset;
  return batch;
}

TEST(HeldLines, WaitForOthersButNotForever) {
  HeldLines held;
  EXPECT_TRUE(held.empty());
  EXPECT_FALSE(held.due(kNow + std::chrono::hours(1)));
  held.add(batch_of({"smtpd[1]: connect from x[192.0.2.1]"}), kNow);
  EXPECT_FALSE(held.due(kNow));
  held.add(batch_of({"smtp[1]: 4XA0001: to=<a@b.example>, dsn=2.0.0, status=sent (250 ok)"}),
           kNow + milliseconds{100});
  EXPECT_FALSE(held.due(kNow + HeldLines::kLongest - milliseconds{1}));
  EXPECT_TRUE(held.due(kNow + HeldLines::kLongest));
}

TEST(HeldLines, WhatMayTellOfAPermanentFailureIsDueAtOnceWithWhatCameBefore) {
  HeldLines held;
  held.add(batch_of({"qmgr[1]: 4XA0001: from=<news@x.example>, size=1, nrcpt=1 (queue active)"}), kNow);
  held.add(
      batch_of({"smtp[1]: 4XA0001: to=<a@b.example>, dsn=5.1.1, status=bounced (550 5.1.1 User unknown)"}),
      kNow);
  EXPECT_TRUE(held.due(kNow));
  EXPECT_EQ(held.batch().records.size(), 2U);

  HeldLines journal;
  auto batch = batch_of({});
  batch.records.push_back({.structured = true,
                           .line = {},
                           .entry = {.message = "4XA0001: to=<a@b.example>, dsn=5.1.1, stat=User unknown"}});
  journal.add(std::move(batch), kNow);
  EXPECT_TRUE(journal.due(kNow));
}

TEST(HeldLines, WhatAStreamBeginsWithIsDueAtOnce) {
  HeldLines unknown;
  auto first = batch_of({"a line"});
  first.cursor.id = 0;
  unknown.add(std::move(first), kNow);
  EXPECT_TRUE(unknown.due(kNow));

  HeldLines timeless;
  auto second = batch_of({"a line"});
  second.cursor.last_time.reset();
  timeless.add(std::move(second), kNow);
  EXPECT_TRUE(timeless.due(kNow));
}

TEST(HeldLines, GapsAndAPlaceThatIsToBeStoredAreDueAtOnce) {
  HeldLines gap;
  auto lost = batch_of({});
  lost.gaps.push_back({.from = {}, .to = {}, .source = "a", .reason = "b"});
  gap.add(std::move(lost), kNow);
  EXPECT_TRUE(gap.due(kNow));

  HeldLines place;
  auto moved = batch_of({});
  moved.moved = true;
  place.add(std::move(moved), kNow);
  EXPECT_TRUE(place.due(kNow));
}

TEST(HeldLines, AreLearnedAsIfReadAtOnce) {
  HeldLines held;
  {
    std::string first = "the first line",
                second = "the second, which is longer than what a string keeps within itself";
    held.add(batch_of({first, second}, 10), kNow);
    first.assign(first.size(), '?');
    second.assign(second.size(), '?');
  }
  auto next = batch_of({"x"}, 20);
  next.records.push_back({.structured = true,
                          .line = {},
                          .entry = {.at = from_unix(5), .host = "h", .tag = "t", .message = "m"}});
  held.add(std::move(next), kNow);
  const auto& batch = held.batch();
  EXPECT_EQ(batch.cursor.offset, 20U);
  ASSERT_EQ(batch.records.size(), 4U);
  EXPECT_EQ(batch.records[0].line, "the first line");
  EXPECT_EQ(batch.records[1].line, "the second, which is longer than what a string keeps within itself");
  EXPECT_EQ(batch.records[2].line, "x");
  const auto& entry = batch.records[3].entry;
  EXPECT_EQ(entry.at, from_unix(5));
  EXPECT_EQ(std::string(entry.host) + ' ' + std::string(entry.tag) + ' ' + std::string(entry.message),
            "h t m");
  held.clear();
  EXPECT_TRUE(held.empty());
}

TEST(HeldLines, AreBoundedInNumberAndInSize) {
  HeldLines many;
  for (std::size_t i = 0; i + 1 < HeldLines::kMost; ++i) many.add(batch_of({"x"}), kNow);
  EXPECT_FALSE(many.due(kNow));
  EXPECT_EQ(many.room(), 1U);
  many.add(batch_of({"x"}), kNow);
  EXPECT_TRUE(many.due(kNow));

  HeldLines large;
  const std::string half(HeldLines::kMostBytes / 2, 'x');
  large.add(batch_of({half}), kNow);
  EXPECT_FALSE(large.due(kNow));
  large.add(batch_of({half}), kNow);
  EXPECT_TRUE(large.due(kNow));
}

TEST(HeldLines, GoWithTheirOwnStreamAlone) {
  HeldLines held;
  auto other = batch_of({});
  other.cursor.id = 8;
  EXPECT_TRUE(held.goes_with(other));
  held.add(batch_of({"x"}), kNow);
  EXPECT_TRUE(held.goes_with(batch_of({"y"})));
  EXPECT_FALSE(held.goes_with(other));
}

}  // namespace
}  // namespace suppressd
