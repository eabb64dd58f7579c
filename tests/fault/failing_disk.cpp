#include "failing_disk.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <thread>

#include <sqlite3.h>

#include "faults.h"

namespace suppressd::fault {
namespace {

sqlite3_vfs* system_vfs = nullptr;
std::atomic<std::chrono::milliseconds> delay{};

void take_time() {
  if (const auto length = delay.load(); length.count() > 0) std::this_thread::sleep_for(length);
}

struct File {
  sqlite3_file base;
  alignas(void*) std::byte real[1];  // SQLite gives the room for it, aligned as a pointer is
};

sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file)->real);
}
const sqlite3_io_methods& methods(sqlite3_file* file) {
  return *real(file)->pMethods;
}

int close_file(sqlite3_file* file) {
  return methods(file).xClose(real(file));
}

int read_file(sqlite3_file* file, void* space, int size, sqlite3_int64 offset) {
  if (strikes(Kind::io, "read")) return SQLITE_IOERR_READ;
  return methods(file).xRead(real(file), space, size, offset);
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  take_time();
  if (strikes(Kind::io, "write")) return SQLITE_IOERR_WRITE;
  if (strikes(Kind::full, "write")) return SQLITE_FULL;
  if (strikes(Kind::torn, "write")) {
    methods(file).xWrite(real(file), data, size / 2, offset);
    return SQLITE_FULL;
  }
  return methods(file).xWrite(real(file), data, size, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (strikes(Kind::io, "truncate")) return SQLITE_IOERR_TRUNCATE;
  return methods(file).xTruncate(real(file), size);
}

int sync_file(sqlite3_file*, int) {
  take_time();
  if (strikes(Kind::io, "sync") || strikes(Kind::sync, "sync")) return SQLITE_IOERR_FSYNC;
  return strikes(Kind::full, "sync") ? SQLITE_FULL : SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  if (strikes(Kind::io, "file size")) return SQLITE_IOERR_FSTAT;
  return methods(file).xFileSize(real(file), size);
}

int lock_file(sqlite3_file* file, int level) {
  if (strikes(Kind::io, "lock")) return SQLITE_IOERR_LOCK;
  return methods(file).xLock(real(file), level);
}

int unlock_file(sqlite3_file* file, int level) {
  const int code = methods(file).xUnlock(real(file), level);
  return strikes(Kind::io, "unlock") ? SQLITE_IOERR_UNLOCK : code;
}

int check_reserved_lock(sqlite3_file* file, int* held) {
  if (strikes(Kind::io, "check of the lock")) return SQLITE_IOERR_CHECKRESERVEDLOCK;
  return methods(file).xCheckReservedLock(real(file), held);
}

int file_control(sqlite3_file* file, int operation, void* argument) {
  return methods(file).xFileControl(real(file), operation, argument);
}

int sector_size(sqlite3_file* file) {
  return methods(file).xSectorSize(real(file));
}

int device_characteristics(sqlite3_file* file) {
  return methods(file).xDeviceCharacteristics(real(file));
}

int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  if (strikes(Kind::io, "map of shared memory")) return SQLITE_IOERR_SHMMAP;
  if (extend != 0 && strikes(Kind::full, "map of shared memory")) return SQLITE_IOERR_SHMSIZE;
  return methods(file).xShmMap(real(file), region, size, extend, memory);
}

int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  const bool unlocks = (flags & SQLITE_SHM_UNLOCK) != 0;
  if (!unlocks && strikes(Kind::io, "lock of shared memory")) return SQLITE_IOERR_SHMLOCK;
  const int code = methods(file).xShmLock(real(file), offset, count, flags);
  return unlocks && strikes(Kind::io, "unlock of shared memory") ? SQLITE_IOERR_SHMLOCK : code;
}

void shm_barrier(sqlite3_file* file) {
  methods(file).xShmBarrier(real(file));
}

int shm_unmap(sqlite3_file* file, int remove) {
  return methods(file).xShmUnmap(real(file), remove);
}

// Version 2: without memory maps, which the store does not use.
constexpr sqlite3_io_methods kMethods = {
    2,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    file_size,
    lock_file,
    unlock_file,
    check_reserved_lock,
    file_control,
    sector_size,
    device_characteristics,
    shm_map,
    shm_lock,
    shm_barrier,
    shm_unmap,
    nullptr,
    nullptr,
};

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  if (strikes(Kind::io, "open")) return SQLITE_CANTOPEN;
  if ((flags & SQLITE_OPEN_CREATE) != 0 && strikes(Kind::full, "open")) return SQLITE_CANTOPEN;
  const int code = system_vfs->xOpen(system_vfs, name, real(file), flags, flags_out);
  if (real(file)->pMethods != nullptr) file->pMethods = &kMethods;
  return code;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_folder) {
  if (strikes(Kind::io, "delete")) return SQLITE_IOERR_DELETE;
  return system_vfs->xDelete(system_vfs, name, sync_folder);
}

int access_file(sqlite3_vfs*, const char* name, int flags, int* result) {
  if (strikes(Kind::io, "access")) return SQLITE_IOERR_ACCESS;
  return system_vfs->xAccess(system_vfs, name, flags, result);
}

int full_path(sqlite3_vfs*, const char* name, int size, char* space) {
  if (strikes(Kind::io, "full path name")) return SQLITE_CANTOPEN_FULLPATH;
  return system_vfs->xFullPathname(system_vfs, name, size, space);
}

int randomness(sqlite3_vfs*, int size, char* space) {
  return system_vfs->xRandomness(system_vfs, size, space);
}

int wait(sqlite3_vfs*, int microseconds) {
  return system_vfs->xSleep(system_vfs, microseconds);
}

int last_error(sqlite3_vfs*, int size, char* space) {
  return system_vfs->xGetLastError(system_vfs, size, space);
}

int current_time(sqlite3_vfs*, sqlite3_int64* now) {
  return system_vfs->xCurrentTimeInt64(system_vfs, now);
}

}  // namespace

void slow_down_writes(std::chrono::milliseconds length) {
  delay = length;
}

void install_failing_disk() {
  system_vfs = sqlite3_vfs_find(nullptr);
  static sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(offsetof(File, real)) + system_vfs->szOsFile;
  vfs.mxPathname = system_vfs->mxPathname;
  vfs.zName = "failing";
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = randomness;
  vfs.xSleep = wait;
  vfs.xGetLastError = last_error;
  vfs.xCurrentTimeInt64 = current_time;
  if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) std::abort();
}

}  // namespace suppressd::fault
