// Clients that break the protocol, many at a time, on a real Filter. SUPPRESSD_HOSTILE_SESSIONS
// sets their number, SUPPRESSD_HOSTILE_SEED the seed.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include "hostile_client.h"
#include "milter_client.h"
#include "process_size.h"
#include "running_filter.h"

namespace suppressd {
namespace {

constexpr int kThreads = 4;
constexpr std::size_t kHeapNoise = 1 << 20;  // libmilter's additional threads with their caches.

class Hostile : public testing::Test {
 protected:
  Hostile() : running_(filter_of_this_process()) {
    auto gatekeeper = Gatekeeper::make({.on_error = OnError::tempfail}, running_.lookup());
    running_.use_rules({std::move(*gatekeeper), nullptr, {"inbound"}});
  }

  /// Runs this many sessions from several clients; returns how many of them the filter left
  /// hanging.
  int attack(int sessions, std::uint64_t seed) {
    std::atomic<int> hanging{0};
    std::vector<std::thread> clients;
    for (int number = 0; number < kThreads; ++number) {
      clients.emplace_back([&, number] {
        HostileClient client(running_.path(), seed + static_cast<std::uint64_t>(number));
        for (int done = 0; done < sessions / kThreads; ++done) {
          if (!client.session()) ++hanging;
        }
      });
    }
    for (auto& client : clients) client.join();
    settled_descriptors(idle_);
    running_.notes();
    running_.mails();
    return hanging;
  }

  void expect_an_ordinary_session_works() {
    MilterClient client(running_.path());
    client.negotiate();
    client.mail("<a@sender.example>", {{"{client_addr}", "192.0.2.7"}});
    EXPECT_TRUE(
        client.smtp_rcpt("dead@x.example", "Q1").data.starts_with("550 5.1.1 recipient suppressed: "));
    EXPECT_EQ(client.smtp_rcpt("good@x.example", "Q1"), (Packet{SMFIR_CONTINUE, {}}));
    client.data({{"i", "Q1"}});
    EXPECT_EQ(running_.notes(1).size(), 1u);
  }

  RunningFilter& running_;
  std::size_t idle_ = 0;  ///< Descriptors between sessions.
};

TEST_F(Hostile, no_client_breaks_hangs_or_grows_the_filter) {
  const int sessions = count_or("SUPPRESSD_HOSTILE_SESSIONS", 6000);
  const auto seed = static_cast<std::uint64_t>(count_or("SUPPRESSD_HOSTILE_SEED", 1));
  expect_an_ordinary_session_works();
  idle_ = open_descriptors();
  EXPECT_EQ(attack(sessions / 3, seed), 0);
  const std::size_t heap = heap_in_use();

  EXPECT_EQ(attack(sessions - sessions / 3, seed + kThreads), 0);
  EXPECT_LE(settled_descriptors(idle_), idle_);
  EXPECT_LE(heap_in_use(), heap + kHeapNoise);
  expect_an_ordinary_session_works();
  EXPECT_GT(running_.filter().counters().sessions.load(), static_cast<std::uint64_t>(sessions / 10))
      << "most never came to MAIL";
}

}  // namespace
}  // namespace suppressd
