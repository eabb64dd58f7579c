#include "wal_index.h"

#include <array>
#include <cstring>

#include <gtest/gtest.h>

#include "fixture.h"

namespace suppressd::test {
namespace {

/// Two copies of a header, as a commit leaves them.
std::array<std::uint32_t, 24> region(std::uint32_t version, std::uint8_t initialized) {
  std::array<std::uint32_t, 24> words{};
  for (const std::size_t at : {0, 12}) {
    words[at] = version;
    words[at + 2] = 7;
    std::memcpy(&words[at + 3], &initialized, 1);
  }
  return words;
}

TEST(WalIndex, two_equal_copies_of_the_known_version_are_a_state) {
  auto words = region(3007000, 1);
  const auto state = WalIndex(words.data()).state();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->commits(), 7U);
}

TEST(WalIndex, anything_else_is_no_state) {
  auto another_version = region(3007001, 1);
  EXPECT_FALSE(WalIndex(another_version.data()).state());
  auto unfinished = region(3007000, 0);
  EXPECT_FALSE(WalIndex(unfinished.data()).state());
  auto being_written = region(3007000, 1);
  being_written[18] = 1;
  EXPECT_FALSE(WalIndex(being_written.data()).state());
  EXPECT_FALSE(WalIndex(nullptr).state());
}

class WalIndexTest : public StoreTest {};

TEST_F(WalIndexTest, every_commit_of_any_writer_is_another_state) {
  Database database = open();
  const WalIndex index(database);
  Shell shell(path_);
  auto before = index.state();
  ASSERT_TRUE(before);
  for (int i = 0; i < 10; ++i) {
    if (i % 2 == 0)
      put(database, {entry("own" + std::to_string(i) + "@b.example", SuppressionKind::hard)});
    else
      shell.run("UPDATE suppression SET note = '" + std::to_string(i) + "'");
    const auto after = index.state();
    ASSERT_TRUE(after);
    EXPECT_EQ(after->commits(), before->commits() + 1);
    EXPECT_NE(*after, *before);
    before = after;
  }
}

TEST_F(WalIndexTest, a_rolled_back_transaction_is_no_state) {
  Database database = open();
  const WalIndex index(database);
  const auto before = index.state();
  {
    const Transaction transaction(database);
    database.execute("INSERT INTO suppression(address) VALUES ('a@b.example')");
  }
  EXPECT_EQ(index.state(), before);
}

TEST_F(WalIndexTest, a_commit_without_changes_is_no_state) {
  Database database = open();
  const WalIndex index(database);
  const auto before = index.state();
  Transaction transaction(database);
  transaction.commit();
  EXPECT_EQ(index.state(), before);
}

}  // namespace
}  // namespace suppressd::test
