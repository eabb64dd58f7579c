#include "suppressd/source/file_access.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include <gtest/gtest.h>

#include "log_fixture.h"

namespace suppressd {
namespace {

using test::Folder;
using ::testing::Test;

class FileAccess : public Test {
 protected:
  void SetUp() override {
    test::append(folder_ / "mail.log", "x\n");
    ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  }
  bool says(const std::string& words) {
    message_ = explain_unreadable(folder_ / "mail.log", EACCES);
    return message_.find(words) != std::string::npos;
  }
  Folder folder_;
  std::string message_;
};

TEST_F(FileAccess, names_the_group_that_may_read) {
  if (geteuid() != 0) GTEST_SKIP() << "gives a file to group adm, which takes root";
  ASSERT_EQ(chmod((folder_ / "mail.log").c_str(), 0640), 0);
  ASSERT_EQ(chown((folder_ / "mail.log").c_str(), 0, 4), 0);
  EXPECT_TRUE(says("owner root, group adm, mode 0640")) << message_;
  EXPECT_TRUE(says("SupplementaryGroups=adm")) << message_;
  EXPECT_TRUE(says("setfacl -m u:root:r " + (folder_ / "mail.log"))) << message_;
}

TEST_F(FileAccess, names_the_access_list_and_postfix_setting_where_no_group_may_read) {
  ASSERT_EQ(chmod((folder_ / "mail.log").c_str(), 0600), 0);
  EXPECT_TRUE(says("mode 0600")) << message_;
  EXPECT_TRUE(says("setfacl -d -m u:")) << message_;
  EXPECT_TRUE(says("maillog_file_permissions")) << message_;
  EXPECT_FALSE(says("SupplementaryGroups")) << message_;
}

TEST_F(FileAccess, names_the_folder_that_may_not_be_entered) {
  if (geteuid() != 0) GTEST_SKIP() << "becomes another user, which takes root";
  ASSERT_EQ(chmod(folder_.path().c_str(), 0700), 0);
  ASSERT_EQ(seteuid(65534), 0);
  const bool named = says("may not enter the folder " + folder_.path().string());
  ASSERT_EQ(seteuid(0), 0);
  EXPECT_TRUE(named) << message_;
}

TEST_F(FileAccess, asks_for_the_right_name_of_a_missing_file) {
  EXPECT_NE(explain_unreadable(folder_ / "nothing", ENOENT).find("postconf maillog_file"), std::string::npos);
}

}  // namespace
}  // namespace suppressd
