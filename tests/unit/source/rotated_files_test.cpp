#include "suppressd/source/rotated_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "log_fixture.h"

namespace suppressd {
namespace {

using test::Folder;
using test::Lines;

void make(const Folder& folder, const std::string& name, std::time_t modified) {
  test::append(folder / name, name + "\n");
  const std::array<timespec, 2> times = {timespec{modified, 0}, timespec{modified, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, (folder / name).c_str(), times.data(), 0), 0);
}

Lines names(const std::string& path) {
  Lines result;
  for (const RotatedFile& file : rotated_files(path))
    result.push_back(std::filesystem::path(file.path).filename().string());
  return result;
}

TEST(RotatedFiles, knows_the_names_that_rotations_give) {
  RotationName parts;
  for (const char* name :
       {"mail.log.1", "mail.log.12.gz", "mail.log.0.bz2", "mail.log-20261121", "mail.log-20261121.gz",
        "mail.log.2026-11-21.xz", "mail.log-20261121-1795219200.zst", "mail-20261121.log", "mail.1.log.gz",
        "mail.log.old", "mail.log.gz"}) {
    EXPECT_TRUE(is_rotation_of("mail.log", name, parts)) << name;
  }
  EXPECT_TRUE(is_rotation_of("maillog", "maillog.20261121-101500.gz", parts));
}

TEST(RotatedFiles, does_not_confuse_other_logs_with_rotated_ones) {
  RotationName parts;
  for (const char* name :
       {"mail.log", "mail.err", "mail.log2", "mail.logs.1", "mail.log.1~", "mail.log.bak", "mail.log.swp",
        "mail.info.1", "mail.err.log", "xmail.log.1", "mail-out.log", "mail.log.d", "mail.log."}) {
    EXPECT_FALSE(is_rotation_of("mail.log", name, parts)) << name;
  }
  EXPECT_FALSE(is_rotation_of("mail1.log", "mail2.log", parts)) << "a number alone is no date";
}

TEST(RotatedFiles, numbers_decide_before_times) {
  const Folder folder;
  make(folder, "mail.log", 5000);
  make(folder, "mail.log.1", 1000);
  make(folder, "mail.log.2.gz", 4000);
  make(folder, "mail.log.10.gz", 3000);
  EXPECT_EQ(names(folder / "mail.log"), (Lines{"mail.log.10.gz", "mail.log.2.gz", "mail.log.1"}));
}

TEST(RotatedFiles, dates_decide_before_times) {
  const Folder folder;
  make(folder, "mail.log-20261119.gz", 9000);
  make(folder, "mail.log-20261121", 1000);
  make(folder, "mail.log-20261120.gz", 5000);
  EXPECT_EQ(names(folder / "mail.log"),
            (Lines{"mail.log-20261119.gz", "mail.log-20261120.gz", "mail.log-20261121"}));
}

TEST(RotatedFiles, mixed_names_are_ordered_by_time) {
  const Folder folder;
  make(folder, "mail.log.1", 3000);
  make(folder, "mail.log-20261121", 1000);
  EXPECT_EQ(names(folder / "mail.log"), (Lines{"mail.log-20261121", "mail.log.1"}));
}

TEST(RotatedFiles, a_file_that_is_just_being_compressed_is_listed_once_and_plain) {
  const Folder folder;
  make(folder, "mail.log.1", 3000);
  make(folder, "mail.log.1.gz", 4000);
  EXPECT_EQ(names(folder / "mail.log"), Lines{"mail.log.1"});
}

TEST(RotatedFiles, rotated_files_of_a_symbolic_links_dated_target_belong_to_the_link) {
  const Folder folder;
  std::filesystem::create_directory(folder / "logs");
  make(folder, "logs/mail-20261120.log", 2000);
  make(folder, "logs/mail-20261119.log", 1000);
  make(folder, "logs/mail-20261121.log", 3000);
  make(folder, "logs/other-20261121.log", 3000);
  std::filesystem::create_symlink(folder / "logs/mail-20261121.log", folder / "current");
  EXPECT_EQ(names(folder / "current"), (Lines{"mail-20261119.log", "mail-20261120.log"}));
}

}  // namespace
}  // namespace suppressd
