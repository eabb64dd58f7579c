#include "suppressd/config/trace_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

const Time kNow = from_unix(1'795'000'000);

class TraceFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "suppressd-keys-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ / "trace.keys";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  mode_t mode() const {
    struct stat info {};
    stat(path_.c_str(), &info);
    return info.st_mode & 0777;
  }
  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(TraceFileTest, is_made_once_and_for_its_owner_alone) {
  const auto made = load_or_make_trace_keys(path_, kNow);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(mode(), 0600u);
  EXPECT_EQ(load_or_make_trace_keys(path_, kNow)->text(), made->text());
}

TEST_F(TraceFileTest, two_hosts_make_different_keys) {
  const auto one = load_or_make_trace_keys(path_, kNow);
  const auto other = load_or_make_trace_keys(path_ + ".other", kNow);
  EXPECT_NE(one->keys()[0].secret, other->keys()[0].secret);
}

TEST_F(TraceFileTest, a_rotation_adds_a_key_and_keeps_the_old_for_its_time) {
  const auto first = load_or_make_trace_keys(path_, kNow);
  const auto second = rotate_trace_keys(path_, kNow + std::chrono::hours(1), std::chrono::hours(10));
  ASSERT_EQ(second->keys().size(), 2u);
  EXPECT_EQ(second->keys()[0].secret, first->keys()[0].secret);
  EXPECT_EQ(load_trace_keys(path_)->text(), second->text());
  EXPECT_EQ(rotate_trace_keys(path_, kNow + std::chrono::hours(20), std::chrono::hours(10))->keys().size(),
            2u);
  EXPECT_EQ(mode(), 0600u);
}

TEST_F(TraceFileTest, one_that_others_may_read_is_refused) {
  ASSERT_TRUE(load_or_make_trace_keys(path_, kNow));
  chmod(path_.c_str(), 0640);
  const auto refused = load_trace_keys(path_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("chmod 600"), std::string::npos);
  EXPECT_FALSE(rotate_trace_keys(path_, kNow, kForever));
}

TEST_F(TraceFileTest, a_damaged_or_missing_one_is_an_error_and_stays_as_it_is) {
  const auto missing = load_trace_keys(path_);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("; suppressd makes it at its start"), std::string::npos);
  std::ofstream(path_) << "K1 nonsense\n";
  chmod(path_.c_str(), 0600);
  EXPECT_FALSE(load_or_make_trace_keys(path_, kNow));
  EXPECT_FALSE(rotate_trace_keys(path_, kNow, kForever));
  EXPECT_EQ(std::filesystem::file_size(path_), 12u);
}

}  // namespace
}  // namespace suppressd
