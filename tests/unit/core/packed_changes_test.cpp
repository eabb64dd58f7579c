#include "suppressd/core/packed_changes.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

MessageKey key_of(int number) {
  return {.host = "mta",
          .instance = "postfix-out",
          .queue_id = "4X" + std::to_string(number),
          .entered = from_unix(number)};
}

TEST(PackedChanges, come_back_in_pieces_that_can_be_stored_one_after_the_other) {
  constexpr std::size_t kMany = 2500;
  PackedChanges changes;
  const auto reason = std::make_shared<const FailureReason>(
      FailureReason{.category = "mailbox-full", .text = "452 over quota"});
  for (int i = 0; i < static_cast<int>(kMany); ++i) {
    const Send send{.first_failed = from_unix(i),
                    .last_failed = from_unix(i + 5),
                    .attempts = i,
                    .deferred = i % 2 == 0,
                    .counted = i % 3 == 0,
                    .reason = i % 5 == 0 ? FailureReason::none() : reason};
    changes.add_send(key_of(i), "s" + std::to_string(i) + "@b.example", send);
    changes.remove_send(key_of(-i), "r" + std::to_string(i) + "@b.example");
    changes.add({.key = key_of(i),
                 .sender_known = i % 2 == 0,
                 .null_sender = i % 3 == 0,
                 .sender = "news+" + std::to_string(i) + "@x.example",
                 .message = "DIGEST",
                 .last_line = from_unix(i + 9),
                 .recipients = 7,
                 .ended = 3});
    changes.remove(key_of(i + 10000));
  }
  changes.shrink();

  TrackerChanges all;
  int pieces = 0;
  const auto given = changes.each_piece([&](const TrackerChanges& piece) {
    ++pieces;
    EXPECT_FALSE(piece.empty());
    // What is new is written before its sends, what is gone is gone before.
    EXPECT_TRUE(piece.messages.empty() || all.removed.size() == kMany);
    EXPECT_TRUE(piece.sends.empty() || all.messages.size() == kMany);
    all.removed.insert(all.removed.end(), piece.removed.begin(), piece.removed.end());
    all.messages.insert(all.messages.end(), piece.messages.begin(), piece.messages.end());
    all.removed_sends.insert(all.removed_sends.end(), piece.removed_sends.begin(), piece.removed_sends.end());
    all.sends.insert(all.sends.end(), piece.sends.begin(), piece.sends.end());
    return Status{};
  });
  ASSERT_TRUE(given);
  EXPECT_GT(pieces, 4);
  ASSERT_EQ(all.removed.size(), kMany);
  ASSERT_EQ(all.messages.size(), kMany);
  ASSERT_EQ(all.removed_sends.size(), kMany);
  ASSERT_EQ(all.sends.size(), kMany);
  for (int i = 0; i < static_cast<int>(kMany); ++i) {
    const auto n = static_cast<std::size_t>(i);
    EXPECT_EQ(all.removed[n], key_of(i + 10000));
    const Message& message = all.messages[n];
    EXPECT_EQ(message.key, key_of(i));
    EXPECT_EQ(message.sender_known, i % 2 == 0);
    EXPECT_EQ(message.null_sender, i % 3 == 0);
    EXPECT_EQ(message.sender, "news+" + std::to_string(i) + "@x.example");
    EXPECT_EQ(message.message, "DIGEST");
    EXPECT_EQ(message.last_line, from_unix(i + 9));
    EXPECT_EQ(message.recipients, 7U);
    EXPECT_EQ(message.ended, 3U);
    EXPECT_EQ(all.removed_sends[n], std::pair(key_of(-i), "r" + std::to_string(i) + "@b.example"));
    const auto& [key, send] = all.sends[n];
    EXPECT_EQ(key, key_of(i));
    EXPECT_EQ(send.address, "s" + std::to_string(i) + "@b.example");
    EXPECT_EQ(send.first_failed, from_unix(i));
    EXPECT_EQ(send.last_failed, from_unix(i + 5));
    EXPECT_EQ(send.attempts, i);
    EXPECT_EQ(send.deferred, i % 2 == 0);
    EXPECT_EQ(send.counted, i % 3 == 0);
    EXPECT_EQ(send.reason, i % 5 == 0 ? FailureReason::none() : reason);
  }
}

TEST(PackedChanges, the_first_error_ends_it) {
  PackedChanges changes;
  changes.remove(key_of(1));
  changes.add({.key = key_of(2)});
  int pieces = 0;
  const auto given = changes.each_piece([&](const TrackerChanges&) -> Status {
    ++pieces;
    return Error{"disk full"};
  });
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().message, "disk full");
  EXPECT_EQ(pieces, 1);
}

TEST(PackedChanges, none_are_no_piece) {
  EXPECT_TRUE(PackedChanges{}.each_piece([](const TrackerChanges&) -> Status { return Error{"asked"}; }));
}

}  // namespace
}  // namespace suppressd
