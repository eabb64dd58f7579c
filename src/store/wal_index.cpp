#include "wal_index.h"

#include <atomic>
#include <cstring>

#include <sqlite3.h>

namespace suppressd {
namespace {

constexpr int kRegionSize = 32768;
constexpr std::uint32_t kVersion = 3007000;
constexpr std::uint32_t kInitialized = 1;  // the byte at offset 12

void* first_region(sqlite3* handle) {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return nullptr;
  if (file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2 ||
      file->pMethods->xShmMap == nullptr)
    return nullptr;
  void volatile* region = nullptr;
  if (file->pMethods->xShmMap(file, 0, kRegionSize, 0, &region) != SQLITE_OK) return nullptr;
  return const_cast<void*>(region);
}

bool initialized(const WalState& state) {
  std::uint8_t byte = 0;
  std::memcpy(&byte, &state.header[3], sizeof byte);
  return byte == kInitialized;
}

}  // namespace

WalIndex::WalIndex(const Database& database) : memory_(first_region(database.handle())) {}

std::optional<WalState> WalIndex::state() const noexcept {
  if (memory_ == nullptr) return std::nullopt;
  auto* const words = static_cast<std::uint32_t*>(memory_);
  const auto copy = [&](std::size_t from) {
    WalState state;
    for (std::size_t i = 0; i < state.header.size(); ++i)
      state.header[i] = std::atomic_ref(words[from + i]).load(std::memory_order_acquire);
    return state;
  };
  // A writer writes the second copy before the first, with a barrier between.
  const WalState first = copy(0);
  const WalState second = copy(first.header.size());
  if (first != second || first.header[0] != kVersion || !initialized(first)) return std::nullopt;
  return first;
}

}  // namespace suppressd
