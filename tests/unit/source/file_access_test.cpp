#include "suppressd/source/file_access.h"

#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <functional>
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

bool write_to(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

/// Runs `action` in a child whose user namespace has only its own user and group, as with
/// PrivateUsers=yes. Empty: this system has no user namespaces.
std::string with_private_users(const std::function<std::string()>& action) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return {};
  const uid_t user = geteuid();
  const gid_t group = getegid();
  const pid_t child = fork();
  if (child == 0) {
    std::string text;
    if (unshare(CLONE_NEWUSER) == 0 &&
        write_to("/proc/self/uid_map", std::to_string(user) + " " + std::to_string(user) + " 1\n") &&
        write_to("/proc/self/setgroups", "deny") &&
        write_to("/proc/self/gid_map", std::to_string(group) + " " + std::to_string(group) + " 1\n")) {
      text = action();
    }
    _exit(write(ends[1], text.data(), text.size()) < 0 ? 1 : 0);
  }
  close(ends[1]);
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(read(ends[0], text.data(), text.size()), 0)));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return text;
}

TEST_F(FileAccess, names_the_group_that_may_read) {
  if (geteuid() != 0) GTEST_SKIP() << "gives a file to group adm, which takes root";
  ASSERT_EQ(chmod((folder_ / "mail.log").c_str(), 0640), 0);
  ASSERT_EQ(chown((folder_ / "mail.log").c_str(), 0, 4), 0);
  EXPECT_TRUE(says("owner root, group adm, mode 0640")) << message_;
  EXPECT_TRUE(says("SupplementaryGroups=adm")) << message_;
  EXPECT_TRUE(says("setfacl -m u:root:r " + (folder_ / "mail.log"))) << message_;
}

TEST_F(FileAccess, no_one_is_advised_to_join_nogroup) {
  if (geteuid() != 0) GTEST_SKIP() << "gives a file to group adm, which takes root";
  ASSERT_EQ(chmod((folder_ / "mail.log").c_str(), 0640), 0);
  ASSERT_EQ(chown((folder_ / "mail.log").c_str(), 0, 4), 0);
  const std::string said =
      with_private_users([&] { return explain_unreadable(folder_ / "mail.log", EACCES); });
  if (said.empty()) GTEST_SKIP() << "no user namespaces here";
  EXPECT_EQ(said.find("nogroup"), std::string::npos) << said;
  EXPECT_NE(said.find("PrivateUsers=yes"), std::string::npos) << said;
  EXPECT_NE(said.find("look for its group with `ls -l " + (folder_ / "mail.log") + "`"), std::string::npos)
      << said;
  EXPECT_NE(said.find("SupplementaryGroups=GROUP"), std::string::npos) << said;
}

TEST_F(FileAccess, a_member_is_not_advised_to_join_the_group) {
  if (geteuid() != 0) GTEST_SKIP() << "gives a file to a group, which takes root";
  ASSERT_EQ(chmod((folder_ / "mail.log").c_str(), 0640), 0);
  ASSERT_EQ(chown((folder_ / "mail.log").c_str(), 0, 64999), 0);
  ASSERT_EQ(setegid(64999), 0);
  const bool joins = says(" to group ");
  ASSERT_EQ(setegid(0), 0);
  EXPECT_FALSE(joins) << message_;
  EXPECT_NE(message_.find("setfacl -m u:root:r "), std::string::npos) << message_;
}

TEST_F(FileAccess, names_the_access_list_and_postfix_setting_if_no_group_may_read) {
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
