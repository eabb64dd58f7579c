#include <sys/stat.h>

#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

class BackupCommand : public CtlTest {};

TEST_F(BackupCommand, the_copy_answers_as_the_database_does) {
  ctl({"add", "a@b.example"});
  const auto made = ctl({"backup", path("copy.db")});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_NE(made.out.find("copy.db: "), std::string::npos) << made.out;
  EXPECT_EQ(ctl({"dump"}).out,
            ctl_bare({"--config", path("suppressd.conf"), "--db", path("copy.db"), "dump"}).out);
  struct stat info {};
  ASSERT_EQ(stat(path("copy.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U);
}

TEST_F(BackupCommand, answers_in_json) {
  ctl({"add", "a@b.example"});
  const auto made = ctl({"--json", "backup", path("copy.db")}).objects();
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0]["file"], path("copy.db"));
  EXPECT_EQ(made[0]["bytes"], std::filesystem::file_size(path("copy.db")));
}

TEST_F(BackupCommand, overwrites_nothing_and_makes_no_empty_copy) {
  EXPECT_EQ(ctl({"backup", path("copy.db")}).status, 2) << "there is no database";
  EXPECT_FALSE(std::filesystem::exists(path("copy.db")));
  ctl({"add", "a@b.example"});
  write("copy.db", "precious");
  const auto made = ctl({"backup", path("copy.db")});
  EXPECT_EQ(made.status, 2);
  EXPECT_NE(made.err.find("already exists"), std::string::npos) << made.err;
  EXPECT_EQ(std::filesystem::file_size(path("copy.db")), 8U);
}

}  // namespace
}  // namespace suppressd::ctl
