#include "output.h"

#include <gtest/gtest.h>

namespace suppressd::ctl {
namespace {

std::string printed(void (*print)(Output&)) {
  testing::internal::CaptureStdout();
  Output output(false);
  print(output);
  EXPECT_TRUE(output.finish().ok());
  return testing::internal::GetCapturedStdout();
}

TEST(Output, control_characters_never_reach_people) {
  const auto text = printed([](Output& output) {
    output.line(
        "a\x1b[2Jb\x07"
        "c");
  });
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
  EXPECT_EQ(text.back(), '\n');
}

TEST(Output, a_table_aligns_by_characters_not_bytes) {
  const auto text = printed([](Output& output) {
    Table table({"NAME", "NOTE"});
    table.row({"m\xc3\xbcller", "x"});
    table.row({"mueller", "y"});
    table.print(output);
  });
  EXPECT_EQ(text, "NAME     NOTE\nm\xc3\xbcller   x\nmueller  y\n");
}

TEST(Output, counts_are_spelt_right) {
  EXPECT_EQ(count_of(0, "entry", "entries"), "0 entries");
  EXPECT_EQ(count_of(1, "entry", "entries"), "1 entry");
  EXPECT_EQ(count_of(2, "entry", "entries"), "2 entries");
}

}  // namespace
}  // namespace suppressd::ctl
