#include "suppressd/source/file_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

#include "log_fixture.h"

namespace suppressd {
namespace {

using test::Folder;

bool readable(const FileWatch& watch) {
  pollfd poller{.fd = watch.fd(), .events = POLLIN, .revents = 0};
  return poll(&poller, 1, 0) > 0;
}

TEST(FileWatch, a_write_a_rename_and_a_new_file_each_wake) {
  const Folder folder;
  test::append(folder / "log", "one\n");
  FileWatch watch;
  EXPECT_TRUE(watch.watch({}, {folder / "log"}, {folder.path().string()}));
  watch.drain();
  EXPECT_FALSE(readable(watch));
  test::append(folder / "log", "two\n");
  EXPECT_TRUE(readable(watch));
  watch.drain();
  std::filesystem::rename(folder / "log", folder / "log.1");
  EXPECT_TRUE(readable(watch));
  watch.drain();
  test::append(folder / "log", "three\n");
  EXPECT_TRUE(readable(watch));
}

TEST(FileWatch, an_open_file_is_watched_under_any_name_and_no_longer_than_requested) {
  const Folder folder;
  test::append(folder / "log", "one\n");
  const int fd = open((folder / "log").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  std::filesystem::rename(folder / "log", folder / "log.1");
  FileWatch watch;
  EXPECT_TRUE(watch.watch({fd}, {}, {}));
  EXPECT_FALSE(watch.watch({fd}, {folder / "missing"}, {})) << "nothing new is watched";
  test::append(folder / "log.1", "two\n");
  EXPECT_TRUE(readable(watch));
  watch.watch({}, {}, {});
  watch.drain();
  test::append(folder / "log.1", "three\n");
  EXPECT_FALSE(readable(watch));
  close(fd);
}

}  // namespace
}  // namespace suppressd
