#include "suppressd/base/bounded_queue.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "suppressd/core/refusal.h"

namespace suppressd {
namespace {

Refusal refusal_of(const std::string& address) {
  Refusal refusal;
  refusal.address = address;
  return refusal;
}

TEST(BoundedQueueTest, notes_come_out_once_and_in_order) {
  RefusalQueue queue(10);
  EXPECT_TRUE(queue.offer(refusal_of("a@x.example")));
  EXPECT_TRUE(queue.offer(refusal_of("b@x.example")));
  std::uint64_t dropped = 99;
  const auto notes = queue.take(dropped);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].address, "a@x.example");
  EXPECT_EQ(notes[1].address, "b@x.example");
  EXPECT_EQ(dropped, 0u);
  EXPECT_TRUE(queue.take(dropped).empty());
}

TEST(BoundedQueueTest, a_full_queue_drops_and_counts_and_takes_again_when_there_is_room) {
  RefusalQueue queue(2);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(queue.offer(refusal_of("a@x.example")), i < 2);
  std::uint64_t dropped = 0;
  EXPECT_EQ(queue.take(dropped).size(), 2u);
  EXPECT_EQ(dropped, 3u);
  EXPECT_TRUE(queue.offer(refusal_of("b@x.example")));
  EXPECT_EQ(queue.take(dropped).size(), 1u);
  EXPECT_EQ(dropped, 0u);
}

TEST(BoundedQueueTest, only_the_first_note_wakes_the_reader) {
  int woken = 0;
  RefusalQueue queue(10, [&] { ++woken; });
  queue.offer(refusal_of("a@x.example"));
  queue.offer(refusal_of("b@x.example"));
  EXPECT_EQ(woken, 1);
  std::uint64_t dropped = 0;
  queue.take(dropped);
  queue.offer(refusal_of("c@x.example"));
  EXPECT_EQ(woken, 2);
}

TEST(BoundedQueueTest, the_reader_may_take_while_it_is_woken) {
  RefusalQueue* reached = nullptr;
  std::size_t taken = 0;
  RefusalQueue queue(10, [&] {
    std::uint64_t dropped = 0;
    taken += reached->take(dropped).size();
  });
  reached = &queue;
  queue.offer(refusal_of("a@x.example"));
  EXPECT_EQ(taken, 1u);
}

TEST(BoundedQueueTest, every_note_of_many_threads_is_taken_or_counted) {
  constexpr int kThreads = 4;
  constexpr int kEach = 5000;
  RefusalQueue queue(100);
  std::atomic<bool> done{false};
  std::uint64_t seen = 0;
  std::thread reader([&] {
    for (bool last = false; !last;) {
      last = done;
      std::uint64_t dropped = 0;
      seen += queue.take(dropped).size();
      seen += dropped;
    }
  });
  std::vector<std::thread> writers;
  for (int thread = 0; thread < kThreads; ++thread) {
    writers.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) queue.offer(refusal_of("a@x.example"));
    });
  }
  for (auto& writer : writers) writer.join();
  done = true;
  reader.join();
  EXPECT_EQ(seen, static_cast<std::uint64_t>(kThreads * kEach));
}

}  // namespace
}  // namespace suppressd
