// Tests that need a process of their own, since libmilter allows one filter per process. Suites
// whose names end in DeathTest run before the others, so that these fork while there is one thread.
#include <netinet/in.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include <gtest/gtest.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include "suppressd/milter/socket.h"

#include "milter_client.h"
#include "running_filter.h"

namespace suppressd {
namespace {

class FilterDeathTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/suppressd-socket-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Ends the process: 0 if it opens, 1 with the message on standard error.
  static void open_and_exit(const FilterSettings& settings) {
    ListLookup lookup;
    RefusalQueue refusals(10);
    MailQueue mails(10);
    ProbeClaims probes(10);
    TagQueue tags(10);
    int code = 0;
    {
      const auto filter = Filter::open(
          settings, {.gatekeeper = *Gatekeeper::make({}, lookup), .trace_keys = {}, .inbound_daemons = {}},
          refusals, mails, probes, tags, {});
      struct stat status {};
      if (!filter) {
        std::fprintf(stderr, "%s\n", filter.error().message.c_str());
        code = 1;
      } else if (settings.socket.starts_with("unix:") && stat(settings.socket.c_str() + 5, &status) == 0) {
        std::fprintf(stderr, "mode %o group %u\n", status.st_mode & 07777U, status.st_gid);
      }
    }
    std::exit(code);
  }

  std::string folder_;
};

using testing::ExitedWithCode;

TEST_F(FilterDeathTest, a_unix_socket_is_open_to_user_and_group_alone) {
  const std::string path = folder_ + "/milter.sock";
  EXPECT_EXIT(open_and_exit({.socket = "unix:" + path}), ExitedWithCode(0),
              "mode 660 group " + std::to_string(getegid()));
  EXPECT_FALSE(std::filesystem::exists(path)) << "the file goes with the filter";
}

TEST_F(FilterDeathTest, a_unix_socket_gets_the_mode_and_group_it_is_given) {
  const gid_t mail = 8;  // base-passwd(8)
  if (getuid() != 0) GTEST_SKIP() << "needs root to give a file to another group";
  EXPECT_EXIT(
      open_and_exit({.socket = "unix:" + folder_ + "/s", .socket_mode = 0600, .socket_group = "mail"}),
      ExitedWithCode(0), "mode 600 group " + std::to_string(mail));
}

TEST_F(FilterDeathTest, the_file_of_a_dead_program_is_replaced) {
  const std::string path = folder_ + "/s";
  EXPECT_EXIT(
      {
        umask(0);
        RunningFilter dead;
        std::filesystem::create_hard_link(dead.path(), path);
        std::_Exit(0);
      },
      ExitedWithCode(0), "");
  ASSERT_TRUE(std::filesystem::is_socket(path));
  EXPECT_EXIT(open_and_exit({.socket = "unix:" + path}), ExitedWithCode(0), "mode 660");
}

TEST_F(FilterDeathTest, a_port_in_use_is_reported_as_such) {
  const int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof where;
  ASSERT_EQ(bind(taken, reinterpret_cast<sockaddr*>(&where), length), 0);
  ASSERT_EQ(listen(taken, 1), 0);
  ASSERT_EQ(getsockname(taken, reinterpret_cast<sockaddr*>(&where), &length), 0);
  const std::string form = "inet:" + std::to_string(ntohs(where.sin_port)) + "@127.0.0.1";
  EXPECT_EXIT(open_and_exit({.socket = form}), ExitedWithCode(1),
              "milter.socket " + form + ": another program listens there");
  close(taken);
}

TEST_F(FilterDeathTest, an_address_of_another_host_is_reported_as_such) {
  EXPECT_EXIT(open_and_exit({.socket = "inet:18891@192.0.2.1"}), ExitedWithCode(1),
              "no interface of this host has that address");
}

TEST_F(FilterDeathTest, a_folder_that_may_not_be_written_is_named) {
  if (getuid() != 0) GTEST_SKIP() << "needs root to become another user";
  std::filesystem::permissions(folder_, std::filesystem::perms(0755));
  EXPECT_EXIT(
      {
        if (setgid(65534) != 0 || setuid(65534) != 0) std::exit(3);
        open_and_exit({.socket = "unix:" + folder_ + "/s"});
      },
      ExitedWithCode(1), "may not create files in " + folder_);
}

/// A socket as systemd makes it.
int listen_at(const std::string& path) {
  const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  path.copy(where.sun_path, sizeof where.sun_path - 1);
  if (bind(listening, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0 || listen(listening, 5) != 0)
    std::exit(3);
  return listening;
}

class PassedFilter {
 public:
  explicit PassedFilter(int descriptor) {
    auto opened =
        Filter::open({.socket = "fd:" + std::to_string(descriptor)},
                     {.gatekeeper = *Gatekeeper::make({}, lookup_), .trace_keys = {}, .inbound_daemons = {}},
                     refusals_, mails_, probes_, tags_, {});
    if (!opened) std::exit(4);
    filter_ = std::move(*opened);
    runner_ = std::thread([&] { (void)filter_->run(); });
  }
  std::size_t stop() {
    const std::size_t cut_off = filter_->stop();
    runner_.join();
    filter_.reset();
    return cut_off;
  }

 private:
  ListLookup lookup_;
  RefusalQueue refusals_{10};
  MailQueue mails_{10};
  ProbeClaims probes_{10};
  TagQueue tags_{10};
  std::unique_ptr<Filter> filter_;
  std::thread runner_;
};

bool somebody_waits_at(int listening) {
  pollfd waiting{listening, POLLIN, 0};
  return poll(&waiting, 1, 0) == 1;
}

bool refuses_the_dead(MilterClient& client) {
  return client.smtp_rcpt("dead@x.example").command == SMFIR_REPLYCODE;
}

TEST_F(FilterDeathTest, a_descriptor_that_listens_is_served) {
  EXPECT_EXIT(
      {
        const std::string path = folder_ + "/s";
        PassedFilter filter(listen_at(path));
        {
          MilterClient client(path);
          client.negotiate();
          client.mail("<a@sender.example>");
          if (!refuses_the_dead(client)) std::exit(5);
        }
        filter.stop();
        std::exit(std::filesystem::exists(path) ? 0 : 6);  // systemd's file is not ours to remove
      },
      ExitedWithCode(0), "");
}

TEST_F(FilterDeathTest, a_stop_interrupts_no_session_that_ends_soon_and_takes_none_from_the_next_process) {
  EXPECT_EXIT(
      {
        const std::string path = folder_ + "/s";
        const int kept = listen_at(path);
        PassedFilter filter(dup(kept));
        auto before = std::make_unique<MilterClient>(path);
        before->negotiate();
        std::thread stopping([&] { filter.stop(); });
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        MilterClient newcomer(path);
        before->mail("<a@sender.example>");
        if (!refuses_the_dead(*before)) std::exit(5);
        before.reset();
        stopping.join();
        std::exit(somebody_waits_at(kept) ? 0 : 6);
      },
      ExitedWithCode(0), "");
}

TEST_F(FilterDeathTest, a_stop_counts_the_sessions_that_it_cuts_off) {
  EXPECT_EXIT(
      {
        const std::string path = folder_ + "/s";
        const int kept = listen_at(path);
        PassedFilter filter(dup(kept));
        MilterClient one(path);
        one.negotiate();
        MilterClient other(path);
        other.negotiate();
        const auto cut_off = filter.stop();
        std::exit(cut_off == 2 ? 0 : 5);
      },
      ExitedWithCode(0), "");
}

TEST_F(FilterDeathTest, a_stop_loses_no_note) {
  EXPECT_EXIT(
      {
        auto running = std::make_unique<RunningFilter>();
        MilterClient client(running->path());
        client.negotiate();
        client.mail("<a@sender.example>");
        client.smtp_rcpt("dead@x.example");
        if (!running->notes().empty()) std::exit(3);  // It waits for its queue id.
        if (!running->stop()) std::exit(4);
        running->forget_filter();
        std::exit(running->notes().size() == 1 ? 0 : 5);
      },
      ExitedWithCode(0), "");
}

}  // namespace
}  // namespace suppressd
