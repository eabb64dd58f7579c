// A writer and its rotation continue while the follower reads: every line is learned once and in order, and
// there is no gap, at whatever moment it lists the files, opens them, or starts again.
#include <atomic>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "suppressd/source/file_follower.h"

#include "../unit/source/log_fixture.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;

/// An MTA and logrotate: lines go to mail.log, which is moved along mail.log.1, .2 ... and compressed there.
class Writer {
 public:
  Writer(const test::Folder& folder, std::uint32_t seed)
      : folder_(folder), log_(folder / "mail.log"), random_(seed) {
    std::ofstream(log_).close();
  }

  void write(int rotations) {
    for (int i = 0; i < rotations; ++i) {
      {
        std::ofstream out(log_, std::ios::app);
        for (auto lines = random_() % 30; lines > 0; --lines) out << "L" << ++lines_ << " \n" << std::flush;
        // The writer continues with the old file for a while after it was renamed.
        rotate();
        for (auto lines = random_() % 3; lines > 0; --lines) out << "L" << ++lines_ << " \n" << std::flush;
      }
      if (random_() % 3 == 0) compress();
    }
    std::ofstream(log_, std::ios::app) << "L" << ++lines_ << " \n";
  }
  int lines() const { return lines_; }

 private:
  std::string name(int number, const char* suffix) const {
    return folder_ / ("mail.log." + std::to_string(number) + suffix);
  }
  void rotate() {
    for (int number = kept_; number > 0; --number) {
      for (const char* suffix : {"", ".gz"}) {
        if (fs::exists(name(number, suffix))) fs::rename(name(number, suffix), name(number + 1, suffix));
      }
    }
    fs::rename(log_, name(1, ""));
    ++kept_;
  }
  void compress() {
    for (int number = 2; number <= kept_; ++number) {
      if (fs::exists(name(number, ""))) test::compress(name(number, ""), ".gz");
    }
  }

  const test::Folder& folder_;
  std::string log_;
  std::mt19937 random_;
  std::atomic<int> lines_ = 0;
  int kept_ = 0;
};

TEST(FollowerRace, nothing_is_lost_to_a_rotation_under_way) {
  constexpr int kRotations = 60;
  const char* wanted = std::getenv("SUPPRESSD_MODEL_PROGRAMS");
  const int rounds = std::max(1, (wanted != nullptr ? std::stoi(wanted) : 1000) / 40);
  int restarts = 0;
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    const test::Folder folder;
    const auto seed = static_cast<std::uint32_t>(round + 1);
    Writer writer(folder, seed);
    std::mt19937 random(seed + 1'000'000);
    test::Book book;
    test::Learned learned;
    auto follower = std::make_unique<FileFollower>(folder / "mail.log");
    ASSERT_TRUE(follower->open(book, StartAt::beginning, learned.gaps));
    test::learn_once(*follower, book, learned);  // what was there before the very first start is not learned
    std::atomic<bool> over = false;
    std::thread writing([&] {
      writer.write(kRotations);
      over = true;
    });
    for (bool last = false;;) {
      if (!follower) {
        follower = std::make_unique<FileFollower>(folder / "mail.log");
        if (!follower->open(book, StartAt::beginning, learned.gaps)) follower.reset();
        ++restarts;
        continue;
      }
      const bool more = test::learn_once(*follower, book, learned, 1 + random() % 20);
      if (!more && last) break;
      if (!more) last = over;
      if (random() % 20 == 0) follower.reset();
    }
    writing.join();
    for (const Gap& gap : learned.gaps) ADD_FAILURE() << "round " << round << ": gap: " << gap.reason;
    int expected = 0;
    for (const std::string& line : learned.lines) {
      ASSERT_EQ(line, "L" + std::to_string(++expected) + " ") << "round " << round;
    }
    EXPECT_EQ(expected, writer.lines()) << "round " << round;
  }
  std::cout << rounds << " rounds of " << kRotations << " rotations, " << restarts
            << " starts of the follower\n";
}

}  // namespace
}  // namespace suppressd
