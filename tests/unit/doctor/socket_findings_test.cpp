// The socket with the MTA's eyes: a real socket, folders with real permissions, and what is said of each.
#include "socket_findings.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "found.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;
using Found = SocketLook::Found;

class SocketFindings : public testing::Test {
 protected:
  SocketFindings() {
    std::string name = "/tmp/doctor-XXXXXX";
    if (mkdtemp(name.data()) != nullptr) folder_ = name;
    chmod(folder_.c_str(), 0755);
    fs::create_directories(folder_ / "in");
  }
  ~SocketFindings() override {
    if (fd_ >= 0) close(fd_);
    fs::remove_all(folder_);
  }

  std::string path() const { return (folder_ / "in/a.sock").string(); }
  void bind_it(bool listening) {
    fd_ = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path().c_str());
    ASSERT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    if (listening) {
      ASSERT_EQ(listen(fd_, 5), 0);
    }
  }
  static Account us() { return Account::of(geteuid(), getegid()); }
  static Account nobody() { return {.name = "nobody", .uid = 65534, .gid = 65534, .groups = {}}; }

  fs::path folder_;
  int fd_ = -1;
};

TEST_F(SocketFindings, what_keeps_the_mta_out_is_not_mixed_up) {
  EXPECT_EQ(look_at_socket(us(), {}, path()).found, Found::missing);
  bind_it(false);
  EXPECT_EQ(look_at_socket(us(), {}, path()).found, Found::refused);
  ASSERT_EQ(listen(fd_, 5), 0);
  EXPECT_EQ(look_at_socket(us(), {}, path()).found, Found::listens);
  std::ofstream(folder_ / "in/file") << "x";
  EXPECT_EQ(look_at_socket(us(), {}, (folder_ / "in/file").string()).found, Found::no_socket);
}

TEST_F(SocketFindings, another_account_is_not_given_our_permissions) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  bind_it(true);
  chmod(path().c_str(), 0600);
  EXPECT_EQ(look_at_socket(nobody(), {}, path()).found, Found::denied);
  chmod(path().c_str(), 0666);
  EXPECT_EQ(look_at_socket(nobody(), {}, path()).found, Found::listens);
  chmod((folder_ / "in").c_str(), 0700);
  const auto look = look_at_socket(nobody(), {}, path());
  EXPECT_EQ(look.found, Found::closed_folder);
  EXPECT_TRUE(has(look.place, (folder_ / "in").string() + " (owner root")) << look.place;
}

TEST_F(SocketFindings, a_closed_folder_above_the_queue_directory_does_not_matter) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  bind_it(true);
  chmod(path().c_str(), 0666);
  chmod(folder_.c_str(), 0700);
  EXPECT_EQ(look_at_socket(nobody(), {.chroot = {}, .folder = (folder_ / "in").string()}, "a.sock").found,
            Found::listens);
  EXPECT_EQ(look_at_socket(nobody(), {}, path()).found, Found::closed_folder);
}

TEST_F(SocketFindings, a_chroot_is_not_looked_past) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  bind_it(true);
  chmod(path().c_str(), 0666);
  EXPECT_EQ(look_at_socket(nobody(), {.chroot = folder_.string(), .folder = {}}, "/in/a.sock").found,
            Found::listens);
  EXPECT_EQ(look_at_socket(nobody(), {.chroot = folder_.string(), .folder = {}}, path()).found,
            Found::missing);
}

SocketFacts facts_of(Found found) {
  return {.user = "smtpd of submission",
          .account = "postfix",
          .service = "suppressd",
          .endpoint = "unix:/run/suppressd.sock",
          .path = "/q/run/suppressd.sock",
          .chroot = "/q",
          .look = {.found = found, .place = "/q/run (owner root, group root, mode 0700)", .why = {}},
          .ours = false,
          .ours_at = "/q/suppressd/suppressd.sock",
          .replace = "REPLACE"};
}

TEST(SocketFinding, an_absolute_path_in_a_chroot_is_called_that) {
  const auto found = socket_finding(facts_of(Found::missing));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "socket-chroot");
  EXPECT_EQ(found->level, FindingLevel::error);
  EXPECT_EQ(found->fix, "REPLACE");
}

TEST(SocketFinding, a_wrong_path_is_not_taken_for_a_daemon_that_is_down) {
  auto facts = facts_of(Found::missing);
  facts.endpoint = "unix:run/suppressd.sock";
  EXPECT_EQ(socket_finding(facts)->name, "socket-path");
  EXPECT_TRUE(has(socket_finding(facts)->what, "suppressd listens at /q/suppressd/suppressd.sock"));
  facts.ours = true;
  EXPECT_EQ(socket_finding(facts)->name, "socket-missing");
  facts.look.found = Found::refused;
  EXPECT_EQ(socket_finding(facts)->name, "socket-dead");
}

TEST(SocketFinding, a_port_on_which_no_one_listens_is_not_taken_for_one_that_answers) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t length = sizeof address;
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const auto port = std::to_string(ntohs(address.sin_port));
  EXPECT_EQ(look_at_port("127.0.0.1", port).found, Found::refused);
  ASSERT_EQ(listen(fd, 5), 0);
  EXPECT_EQ(look_at_port("127.0.0.1", port).found, Found::listens);
  close(fd);
  auto facts = facts_of(Found::refused);
  facts.path = facts.endpoint = "inet:127.0.0.1:1";
  EXPECT_EQ(socket_finding(facts)->name, "socket-path") << "suppressd listens elsewhere";
}

TEST(SocketFinding, permissions_name_the_folder_and_the_group) {
  const auto folder = socket_finding(facts_of(Found::closed_folder));
  EXPECT_EQ(folder->name, "socket-permission");
  EXPECT_EQ(folder->fix, "chown suppressd:postfix /q/run && chmod 2750 /q/run");
  EXPECT_TRUE(has(socket_finding(facts_of(Found::denied))->fix, "SocketGroup=postfix"));
}

TEST(SocketFinding, a_socket_that_answers_is_no_finding_and_one_that_was_not_tried_no_error) {
  auto facts = facts_of(Found::listens);
  facts.ours = true;
  EXPECT_FALSE(socket_finding(facts));
  facts.ours = false;
  EXPECT_EQ(socket_finding(facts)->name, "socket-path") << "another program listens there";
  EXPECT_EQ(socket_finding(facts_of(Found::unknown))->level, FindingLevel::unknown);
}

}  // namespace
}  // namespace suppressd
