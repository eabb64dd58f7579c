// What programs beside the daemon get. For lists and stories of the store itself, see entries_test.cpp.
#include "suppressd/store/reader.h"

#include <gtest/gtest.h>

#include "fixture.h"

namespace suppressd::test {
namespace {

using Answer = LookupResult::Answer;
using Kind = SuppressionKind;

class ReaderTest : public StoreTest {
 protected:
  ReaderTest() : database_(open()), reader_(must(Reader::open(path_))) {}

  Answer verdict(const std::string& address) { return reader_.verdict(address, {}, kNow).answer; }

  Database database_;
  Reader reader_;
};

TEST_F(ReaderTest, extensions_are_those_of_the_daemons_last_configuration) {
  put(database_, {entry("anna@b.example", Kind::hard)});
  EXPECT_EQ(verdict("anna@b.example"), Answer::suppressed);
  EXPECT_EQ(verdict("anna+tag@b.example"), Answer::clear);
  must(open_ledger().save({.mode = "enforce", .recipient_delimiter = "+"}));
  EXPECT_EQ(verdict("anna+tag@b.example"), Answer::suppressed);
}

TEST_F(ReaderTest, each_question_sees_what_was_committed_before_it) {
  EXPECT_EQ(must(reader_.count_entries(kNow)).in_force, 0);
  put(database_, {entry("a@b.example", Kind::hard)});
  EXPECT_EQ(must(reader_.count_entries(kNow)).in_force, 1);
  EXPECT_EQ(must(reader_.entries({}, kNow)).size(), 1u);
  EXPECT_TRUE(must(reader_.story("a@b.example", kNow)).record.entry(Kind::hard));
  EXPECT_EQ(Shell(path_).run("INSERT INTO exemption(address) VALUES ('a@b.example')"), "");
  EXPECT_EQ(must(reader_.exemptions()).size(), 1u);
  EXPECT_EQ(verdict("a@b.example"), Answer::clear);
}

TEST_F(ReaderTest, a_database_that_cannot_be_read_is_an_error_and_not_clear) {
  EXPECT_EQ(Shell(path_).run("DROP VIEW v_suppressed; ALTER TABLE suppression RENAME TO gone"), "");
  const LookupResult result = reader_.verdict("a@b.example", {}, kNow);
  EXPECT_EQ(result.answer, Answer::error);
  EXPECT_TRUE(has(result.error, path_)) << result.error;
}

TEST_F(ReaderTest, does_not_open_what_is_not_there) {
  const auto none = Reader::open(folder_ + "/none.db");
  ASSERT_FALSE(none);
  EXPECT_TRUE(has(none.error().message, "there is no such file"));
}

}  // namespace
}  // namespace suppressd::test
