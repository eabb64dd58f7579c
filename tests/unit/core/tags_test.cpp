#include "suppressd/core/tags.h"

#include <gtest/gtest.h>

#include "suppressd/core/tag_book.h"

namespace suppressd {
namespace {

const Time kNow = from_unix(1'793'574'000);

TagSource source(std::string_view text) {
  const auto read = tag_source_from(text);
  EXPECT_TRUE(read) << text;
  return read ? *read : TagSource{};
}

std::string read(std::string_view from, std::string_view name, std::string_view value) {
  const TagSources sources{.campaign = source(from)};
  Tags tags;
  read_tags(sources, name, value, tags);
  return tags.campaign;
}

TagNote note(const std::string& queue_id, const std::string& campaign, Time ended = kNow) {
  return {.queue_id = queue_id, .begun = ended, .ended = ended, .tags = {.campaign = campaign}};
}

TEST(Tags, come_from_a_header_a_field_of_it_the_list_id_or_the_login) {
  EXPECT_EQ(read("header:X-Campaign", "x-campaign", " summer sale "), "summer sale");
  EXPECT_EQ(read("header:X-Campaign", "X-Campaign-2", "summer"), "");
  EXPECT_EQ(read("header:Feedback-ID:1", "Feedback-ID", "c1:acc:type:sender"), "c1");
  EXPECT_EQ(read("header:Feedback-ID:4", "Feedback-ID", "c1:acc:type:sender"), "sender");
  EXPECT_EQ(read("header:Feedback-ID:5", "Feedback-ID", "c1:acc:type:sender"), "");
  EXPECT_EQ(read("list-id", "List-ID", "Our \"<best>\" news <news.sender.example>"), "news.sender.example");
  EXPECT_EQ(read("list-id", "List-Id", "news.sender.example"), "news.sender.example");
  Tags tags;
  read_tags_of_login({.account = source("sasl")}, "shop7", tags);
  EXPECT_EQ(tags, (Tags{.account = "shop7"}));
}

TEST(Tags, of_several_headers_the_first_counts) {
  const TagSources sources{.campaign = source("header:X-C"), .contact = source("header:X-C")};
  Tags tags;
  read_tags(sources, "X-C", "one", tags);
  read_tags(sources, "X-C", "two", tags);
  EXPECT_EQ(tags, (Tags{.campaign = "one", .contact = "one"}));
}

TEST(Tags, are_bounded_and_printable) {
  EXPECT_EQ(tag_value(std::string(200, 'x')), std::string(64, 'x'));
  EXPECT_EQ(tag_value("a\tb\x01\xc3\xa9\x7f"), "a?b????");
  EXPECT_EQ(tag_value(" \r\n "), "");
}

TEST(Tags, a_source_that_cannot_be_read_is_an_error) {
  for (const auto* text : {"header:", "header:X Y", "header:X:0", "header:X:", "header:X:1x", "header:X:100",
                           "login", "header", "header:X:1:2"})
    EXPECT_FALSE(tag_source_from(text)) << text;
  EXPECT_FALSE(TagSources{}.any());
  EXPECT_FALSE(TagSources{.account = source("sasl")}.any_header());
  EXPECT_TRUE(TagSources{.source = source("list-id")}.any_header());
}

TEST(QueuedAs, is_the_id_behind_the_last_such_words) {
  EXPECT_EQ(queued_as("250 2.0.0 Ok: queued as 4XyZ09"), "4XyZ09");
  EXPECT_EQ(queued_as("250 queued as A (250 2.0.0 Ok: queued as 4B)"), "4B");
  EXPECT_EQ(queued_as("250 2.0.0 Ok: queued as "), "");
  EXPECT_EQ(queued_as("250 ok"), "");
}

TEST(TagBook, a_note_is_for_one_message_that_entered_about_then) {
  TagBook book;
  book.add(note("4Q", "c"));
  EXPECT_FALSE(book.take("4R", kNow));
  EXPECT_FALSE(book.take("4Q", kNow - Duration{61}));
  EXPECT_FALSE(book.take("4Q", kNow + Duration{61}));
  EXPECT_EQ(book.take("4Q", kNow + Duration{60}), (Tags{.campaign = "c"}));
  EXPECT_FALSE(book.take("4Q", kNow));
  EXPECT_TRUE(book.take_changes().empty()) << "it was never stored";
}

TEST(TagBook, two_notes_that_fit_are_none_and_counted) {
  TagBook book;
  book.add(note("4Q", "c"));
  book.add(note("4Q", "d", kNow + Duration{1}));
  EXPECT_FALSE(book.take("4Q", kNow));
  EXPECT_TRUE(book.empty());
  EXPECT_EQ(book.take_changes().lost, 2u);
}

TEST(TagBook, a_filter_that_says_it_for_each_recipient_says_it_once) {
  TagBook book;
  book.add(note("4Q", "c"));
  book.add(note("4Q", "c", kNow + Duration{1}));
  EXPECT_TRUE(book.take("4Q", kNow));
}

TEST(TagBook, its_changes_make_the_stored_notes_equal_to_it) {
  TagBook book;
  book.load({note("4A", "a"), note("4B", "b")});
  book.add(note("4C", "c"));
  auto changes = book.take_changes();
  EXPECT_EQ(changes.added, std::vector{note("4C", "c")});
  EXPECT_TRUE(changes.removed.empty());
  EXPECT_TRUE(book.take_changes().empty());
  EXPECT_TRUE(book.take("4A", kNow));
  book.drop(kNow);
  EXPECT_FALSE(book.empty());
  book.drop(kNow + Duration{1});
  EXPECT_TRUE(book.empty());
  changes = book.take_changes();
  EXPECT_EQ(changes.removed.size(), 3u);
  EXPECT_EQ(changes.lost, 2u);
}

TEST(TagBook, messages_of_the_gap_without_a_note_are_counted_and_no_others) {
  TagBook book;
  book.load({note("4A", "a")}, TagGap{kNow, kNow + Duration{100}});
  EXPECT_FALSE(book.idle());
  EXPECT_TRUE(book.take("4A", kNow + Duration{1}));
  EXPECT_FALSE(book.take("4B", kNow));
  EXPECT_FALSE(book.take("4C", kNow + Duration{1}));
  EXPECT_FALSE(book.take("4D", kNow + Duration{100}));
  EXPECT_FALSE(book.take("4E", kNow + Duration{101}));
  EXPECT_EQ(book.take_changes().unnoted, 2u);
  EXPECT_TRUE(book.take_changes().empty());
}

}  // namespace
}  // namespace suppressd
