// Lists in tables of aliases.
#include "mta_tables.h"

#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(MtaTables, names_of_one_local_member_are_no_lists) {
  EXPECT_EQ(lists_in_text("# comment\npostmaster: root\nwebmaster:\troot\n"), "");
}

TEST(MtaTables, lists_are_not_overlooked) {
  EXPECT_EQ(lists_in_text("team: anna, bob\nroot: admin@example.com\nnews: :include:/etc/news\nroot2: x\n"),
            "team, root, news");
  EXPECT_EQ(lists_in_text("team: anna,\n  bob\n"), "team");
  EXPECT_EQ(lists_in_text("a: b,c\nd: b,c\ne: b,c\nf: b,c\n"), "a, d, e and 1 more");
  EXPECT_EQ(lists_in_text("sales@example.com anna@example.com\n"), "sales@example.com");
}

TEST(MtaTables, a_table_that_cannot_be_examined_is_not_taken_for_an_empty_one) {
  EXPECT_EQ(lists_in("ldap:/etc/postfix/ldap.cf"), "not examined");
  EXPECT_EQ(lists_in("hash:/nowhere/aliases"), "");
}

TEST(MtaTables, a_transport_map_of_another_database_is_not_taken_for_ours) {
  const std::string path = testing::TempDir() + "doctor-transport.cf";
  std::ofstream(path) << "dbpath = /x\nquery = SELECT answer FROM v_suppressed_transport\n";
  EXPECT_TRUE(queries_suppressd({"hash:/etc/postfix/transport", "proxy:sqlite:" + path}));
  std::ofstream(path) << "dbpath = /x\nquery = SELECT a FROM b\n";
  EXPECT_FALSE(queries_suppressd({"proxy:sqlite:" + path}));
  std::remove(path.c_str());
}

}  // namespace
}  // namespace suppressd
