// Wakes the learning thread when a log or its folder changes (inotify).
//
// Owns one inotify descriptor. If the kernel has none to give (a limit was reached), fd() is -1 and
// the owner polls. An event is only a reason to look again: a lost event costs time, nothing else.
// One thread.
#pragma once

#include <string>
#include <vector>

namespace suppressd {

class FileWatch {
 public:
  FileWatch();
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  int fd() const { return fd_; }
  /// Reads the pending events. Call it before looking at the files.
  void drain();

  /// Watches exactly these files and folders. `open_files` are descriptors, whose files may have
  /// been renamed; `paths` and `folders` are names. Missing ones are skipped. True: something is
  /// watched for the first time, and earlier changes to it were not noticed.
  bool watch(const std::vector<int>& open_files, const std::vector<std::string>& paths,
             const std::vector<std::string>& folders);

 private:
  int fd_ = -1;
  std::vector<int> watched_;  // sorted
};

}  // namespace suppressd
