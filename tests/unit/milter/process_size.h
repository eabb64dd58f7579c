// The size of this process: open descriptors, and bytes of heap in use. Under a sanitizer, the heap
// size is 0, and the sanitizer itself finds leaks.
#pragma once

#include <malloc.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <thread>

namespace suppressd {

inline std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                                std::filesystem::directory_iterator{}));
}

inline std::size_t heap_in_use() {
  const struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

/// The number of open descriptors. Waits until there are no more than `most`, because the filter
/// closes the sessions of clients that have left a little later.
inline std::size_t settled_descriptors(std::size_t most) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::size_t open = open_descriptors();
  while (open > most && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    open = open_descriptors();
  }
  return open;
}

/// A count that an environment variable raises for long runs.
inline int count_or(const char* variable, int ordinary) {
  const char* value = std::getenv(variable);
  return value == nullptr ? ordinary : std::atoi(value);
}

}  // namespace suppressd
