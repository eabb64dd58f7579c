#include "suppressd/milter/socket.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

/// The error for a form; empty if it is accepted.
std::string refusal_of(const std::string& form) {
  const auto checked = check_socket(form);
  return checked ? std::string() : checked.error().message;
}

/// Like refusal_of(), but also looks at the socket itself.
std::string failure_of(const std::string& form, const std::string& group = {}) {
  const auto opened = ListeningSocket::open(*parse_socket(form), 0660, group);
  return opened ? std::string() : opened.error().message;
}

TEST(SocketTest, the_four_forms_are_accepted) {
  EXPECT_EQ(parse_socket("unix:/run/suppressd/milter.sock")->path, "/run/suppressd/milter.sock");
  EXPECT_EQ(parse_socket("local:/run/s")->text(), "unix:/run/s");
  const auto inet = parse_socket("inet:8891@localhost");
  EXPECT_EQ(inet->host, "localhost");
  EXPECT_EQ(inet->port, 8891u);
  EXPECT_EQ(parse_socket("inet6:8891@::1")->text(), "inet6:8891@[::1]");
  EXPECT_EQ(parse_socket("inet6:8891@[::1]")->host, "::1");
  EXPECT_EQ(parse_socket("fd:3")->descriptor, 3);
}

TEST(SocketTest, other_forms_are_refused_with_the_right_one) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "write unix:/path, inet:port@host"},
      {"/run/s", "write unix:/path"},
      {"unix:run/s", "must be absolute"},
      {"unix:", "must be absolute"},
      {"unix:/run/", "names no file"},
      {"tcp:8891@localhost", "write unix:/path"},
      {"inet:8891", "every address of this host"},
      {"inet:8891@", "every address of this host"},
      {"inet6:8891", "write inet6:8891@::1"},
      {"inet:0@localhost", "from 1 to 65535"},
      {"inet:65536@localhost", "from 1 to 65535"},
      {"inet:smtp@localhost", "from 1 to 65535"},
      {"inet:@localhost", "from 1 to 65535"},
      {"inet:8891x@localhost", "from 1 to 65535"},
      {"fd:", "write fd:3"},
      {"fd:0", "write fd:3"},
      {"fd:x", "write fd:3"},
      {"fd:-3", "write fd:3"},
  };
  for (const auto& [form, words] : wrong) {
    EXPECT_NE(refusal_of(form).find(words), std::string::npos) << form << ": " << refusal_of(form);
    EXPECT_TRUE(refusal_of(form).starts_with("milter.socket `" + std::string(form) + "`: "))
        << refusal_of(form);
  }
}

TEST(SocketTest, a_path_may_be_as_long_as_the_system_allows_and_no_longer) {
  const std::string longest = "/" + std::string(sizeof(sockaddr_un::sun_path) - 2, 'x');
  EXPECT_EQ(refusal_of("unix:" + longest), "");
  EXPECT_NE(
      refusal_of("unix:" + longest + "x").find("the path has 108 bytes, and a unix socket's may have 107"),
      std::string::npos);
}

sockaddr_un place(const std::string& path) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  path.copy(where.sun_path, sizeof where.sun_path - 1);
  return where;
}

/// -1: it cannot.
int listen_at(const std::string& path) {
  const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un where = place(path);
  if (bind(listening, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
      listen(listening, 5) != 0)
    return -1;
  return listening;
}

class SocketFileTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/suppressd-socket-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    path_ = folder_ + "/s";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::string path_;
};

TEST_F(SocketFileTest, a_missing_folder_is_named) {
  const std::string failure = failure_of("unix:" + folder_ + "/none/s");
  EXPECT_NE(failure.find("directory " + folder_ + "/none: No such file or directory; create it"),
            std::string::npos)
      << failure;
}

TEST_F(SocketFileTest, a_folder_that_is_a_file_is_named) {
  std::ofstream(path_) << "x";
  EXPECT_NE(failure_of("unix:" + path_ + "/s").find(path_ + " is not a directory"), std::string::npos);
}

TEST_F(SocketFileTest, a_file_that_is_not_a_socket_is_never_removed) {
  std::ofstream(path_) << "precious";
  EXPECT_NE(failure_of("unix:" + path_).find("a file that is not a socket is there"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(path_), 8u);

  std::filesystem::create_symlink(path_, folder_ + "/link");
  EXPECT_NE(failure_of("unix:" + folder_ + "/link").find("a file that is not a socket is there"),
            std::string::npos);
}

TEST_F(SocketFileTest, a_socket_that_is_served_is_never_taken_over) {
  const int listening = listen_at(path_);
  ASSERT_GE(listening, 0);
  EXPECT_NE(failure_of("unix:" + path_).find("another program listens there"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_socket(path_));
  close(listening);
}

TEST_F(SocketFileTest, an_unknown_group_is_found_before_the_socket_is_made) {
  EXPECT_NE(failure_of("unix:" + path_, "no-such-group").find("there is no group `no-such-group`"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SocketFileTest, a_descriptor_that_no_one_passed_is_reported) {
  EXPECT_NE(failure_of("fd:977").find("no socket was passed as this descriptor"), std::string::npos);
}

TEST_F(SocketFileTest, a_descriptor_that_is_not_a_listening_socket_is_refused) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  EXPECT_NE(failure_of("fd:" + std::to_string(ends[0])).find("a socket that does not listen"),
            std::string::npos);
  close(ends[0]);
  close(ends[1]);
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_NE(failure_of("fd:" + std::to_string(ends[0])).find("is not a socket"), std::string::npos);
  close(ends[0]);
  close(ends[1]);
}

/// The message of check_socket_here(); empty if it has none.
std::string misfit_of(const std::string& form) {
  const auto fits = check_socket_here(form);
  return fits ? std::string() : fits.error().message;
}

// Runs in a child that is started as by systemd: with `sockets` as the descriptors from 3 on, and
// the variables that announce them.
class PassedSocketTest : public SocketFileTest {
 protected:
  void is_passed(const std::vector<int>& sockets) {
    int next = 100;  // Out of the way, since one of them may be where another belongs.
    for (const int passed : sockets) dup2(passed, next++);
    for (std::size_t i = 0; i < sockets.size(); ++i) dup2(100 + static_cast<int>(i), 3 + static_cast<int>(i));
    setenv("LISTEN_FDS", std::to_string(sockets.size()).c_str(), 1);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
  }

  /// Prints the result of `say` in a child that was passed the sockets, for EXPECT_EXIT to read.
  template <typename Say>
  [[noreturn]] void in_child(const std::vector<int>& sockets, Say say) {
    is_passed(sockets);
    std::cerr << say() << std::endl;
    std::exit(0);
  }
};

using PassedSocketDeathTest = PassedSocketTest;
using testing::ExitedWithCode;

TEST_F(PassedSocketDeathTest, a_path_is_not_served_while_the_mta_waits_at_the_socket_unit) {
  EXPECT_EXIT(in_child({listen_at(path_)}, [] { return misfit_of("unix:/run/other.sock"); }),
              ExitedWithCode(0),
              "systemd passes the socket unix:" + path_ +
                  ", where no one would answer.*set milter.socket = \"fd:3\", or .*disable --now");
}

TEST_F(PassedSocketDeathTest, two_sockets_are_not_treated_as_one) {
  EXPECT_EXIT(in_child({listen_at(path_), listen_at(path_ + "2")}, [] { return misfit_of("fd:3"); }),
              ExitedWithCode(0),
              "systemd passes 2 sockets .unix:" + path_ + ", unix:" + path_ + "2.*empty `ListenStream=`");
}

TEST_F(PassedSocketDeathTest, one_socket_and_fd_3_fit_together) {
  EXPECT_EXIT(in_child({listen_at(path_)}, [] { return "<" + misfit_of("fd:3") + ">" + place_of("fd:3"); }),
              ExitedWithCode(0), "<>fd:3 .unix:" + path_ + ".");
}

TEST_F(PassedSocketDeathTest, sockets_that_were_passed_to_another_process_do_not_count) {
  EXPECT_EXIT(in_child({listen_at(path_)},
                       [this] {
                         setenv("LISTEN_PID", "1", 1);
                         return "<" + misfit_of("unix:" + path_ + "2") + ">";
                       }),
              ExitedWithCode(0), "<>");
}

TEST_F(PassedSocketDeathTest, a_waiting_session_is_seen_and_none_is_invented) {
  EXPECT_EXIT(in_child({listen_at(path_)},
                       [this] {
                         const bool before = session_waits();
                         const int caller = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
                         const sockaddr_un where = place(path_);
                         if (connect(caller, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
                           std::exit(1);
                         return std::string(before ? "yes" : "no") + " then " +
                                (session_waits() ? "yes" : "no");
                       }),
              ExitedWithCode(0), "no then yes");
}

TEST_F(SocketFileTest, fd_3_without_a_socket_unit_names_the_socket_unit_and_the_path_form) {
  const std::string misfit = misfit_of("fd:977");
  EXPECT_NE(misfit.find("systemctl enable --now suppressd.socket"), std::string::npos) << misfit;
  EXPECT_NE(misfit.find("unix:/run/suppressd/suppressd.sock"), std::string::npos) << misfit;
}

TEST_F(SocketFileTest, a_host_without_an_address_is_reported_as_such) {
  EXPECT_NE(failure_of("inet:18891@no-such-host.invalid").find("the host has no IPv4 address"),
            std::string::npos);
  EXPECT_NE(failure_of("inet6:18891@127.0.0.1").find("the host has no IPv6 address"), std::string::npos);
}

}  // namespace
}  // namespace suppressd
