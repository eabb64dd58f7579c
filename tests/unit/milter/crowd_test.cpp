// Many sessions at once, many one after another, and many recipients, on a real Filter.
// SUPPRESSD_SESSIONS sets how many run one after another.
#include <sys/resource.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include "milter_client.h"
#include "process_size.h"
#include "running_filter.h"

namespace suppressd {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kOrdinarySessions = 20000;
#else
constexpr int kOrdinarySessions = 100000;
#endif
constexpr int kThreads = 4;
constexpr int kCrowd = 1000;
// libmilter's context and macros, our session, and this test's client.
constexpr std::size_t kHeapOfSession = 16 << 10;
constexpr std::size_t kHeapNoise = 1 << 20;  // libmilter's additional threads with their caches.

const Packet kContinue{SMFIR_CONTINUE, {}};

class Crowd : public testing::Test {
 protected:
  Crowd() : running_(filter_of_this_process()) {
    running_.use({});
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    enough_ = files.rlim_cur > 3 * kCrowd;
  }

  static void expect_refused(MilterClient& client) {
    const Packet answer = client.smtp_rcpt("dead@x.example", "Q1");
    ASSERT_TRUE(answer.command == SMFIR_REPLYCODE && answer.data.starts_with("550 5.1.1 "));
  }

  void one_message() {
    MilterClient client(running_.path());
    client.negotiate();
    client.mail("<a@sender.example>", {{"{client_addr}", "192.0.2.7"}});
    expect_refused(client);
    ASSERT_EQ(client.smtp_rcpt("good@x.example", "Q1"), kContinue);
  }

  void one_after_another(int sessions) {
    std::vector<std::thread> clients;
    for (int number = 0; number < kThreads; ++number) {
      clients.emplace_back([&] {
        for (int done = 0; done < sessions / kThreads; ++done) one_message();
      });
    }
    for (auto& client : clients) client.join();
  }

  RunningFilter& running_;
  bool enough_ = false;
};

TEST_F(Crowd, a_thousand_sessions_at_once_are_all_answered_and_leave_nothing_behind) {
  if (!enough_) GTEST_SKIP() << "this machine allows too few descriptors";
  one_message();
  running_.notes();
  const std::size_t idle = settled_descriptors(open_descriptors());
  const std::size_t heap = heap_in_use();
  std::vector<std::unique_ptr<MilterClient>> clients;
  for (int number = 0; number < kCrowd; ++number) {
    clients.push_back(std::make_unique<MilterClient>(running_.path()));
    clients.back()->negotiate();
    clients.back()->mail("<a@sender.example>", {{"{client_addr}", "192.0.2.7"}});
  }
  for (auto& client : clients) expect_refused(*client);
  for (auto& client : clients) expect_refused(*client);
  EXPECT_LE(heap_in_use(), heap + kCrowd * kHeapOfSession + kHeapNoise);
  EXPECT_EQ(running_.notes(2 * kCrowd).size(), 2u * kCrowd);
  clients.clear();
  EXPECT_LE(settled_descriptors(idle), idle);
  EXPECT_LE(heap_in_use(), heap + kHeapNoise);
}

TEST_F(Crowd, a_thousand_recipients_of_one_message_are_each_answered) {
  MilterClient client(running_.path());
  client.negotiate();
  client.mail("<a@sender.example>", {{"{client_addr}", "192.0.2.7"}});
  for (int number = 0; number < kCrowd; ++number) {
    if (number % 2 == 0) {
      expect_refused(client);
    } else {
      ASSERT_EQ(client.smtp_rcpt("good" + std::to_string(number) + "@x.example", "Q1"), kContinue);
    }
  }
  EXPECT_EQ(client.data({{"i", "Q1"}}), (Packet{SMFIR_ACCEPT, {}}));
  EXPECT_EQ(running_.notes(kCrowd / 2).size(), kCrowd / 2u);
}

TEST_F(Crowd, a_thousand_recipients_of_a_local_message_are_removed_at_its_end) {
  MilterClient client(running_.path());
  client.negotiate();
  client.mail("a@sender.example", {{"i", "LOCAL1"}, {"{client_addr}", "127.0.0.1"}});
  for (int number = 0; number < kCrowd; ++number) {
    ASSERT_EQ(client.rcpt(number == 0 ? "good@x.example" : "dead@x.example", {{"i", "LOCAL1"}}), kContinue);
  }
  client.data({{"i", "LOCAL1"}});
  EXPECT_EQ(client.end_of_message({{"i", "LOCAL1"}}).size(),
            static_cast<std::size_t>(kCrowd));  // The removals and the answer.
  EXPECT_EQ(running_.notes(kCrowd - 1).size(), kCrowd - 1u);
}

TEST_F(Crowd, sessions_one_after_another_keep_no_descriptor_and_no_memory) {
  const int sessions = count_or("SUPPRESSD_SESSIONS", kOrdinarySessions);
  one_after_another(sessions / 20);
  running_.notes();
  const std::size_t idle = settled_descriptors(open_descriptors());
  const std::size_t heap = heap_in_use();
  for (int part = 0; part < 20; ++part) {
    one_after_another(sessions / 20);
    running_.notes();
    ASSERT_LE(settled_descriptors(idle), idle) << "after " << (part + 1) * (sessions / 20) << " sessions";
    ASSERT_LE(heap_in_use(), heap + kHeapNoise) << "after " << (part + 1) * (sessions / 20) << " sessions";
  }
}

}  // namespace
}  // namespace suppressd
