#include "failing_memory.h"

#include <cstdlib>

#include <sqlite3.h>

#include "faults.h"

namespace suppressd::fault {
namespace {

sqlite3_mem_methods system_memory{};

void* allocate(int size) {
  return strikes(Kind::memory, "allocation") ? nullptr : system_memory.xMalloc(size);
}

void* grow(void* block, int size) {
  return strikes(Kind::memory, "growth of an allocation") ? nullptr : system_memory.xRealloc(block, size);
}

}  // namespace

void install_failing_memory() {
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &system_memory) != SQLITE_OK) std::abort();
  static sqlite3_mem_methods memory = system_memory;
  memory.xMalloc = allocate;
  memory.xRealloc = grow;
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) != SQLITE_OK) std::abort();
}

}  // namespace suppressd::fault
