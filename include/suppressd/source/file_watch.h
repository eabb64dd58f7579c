// Wakes the learning thread when a log or its folder changes (inotify).
//
// Owns one inotify descriptor. If the kernel gives none (a limit was reached), fd() is -1 and the owner
// polls. Events are only a reason to look again, so that a lost one costs nothing but time. One thread.
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

  /// Watches these, and nothing that was watched before and is not among them. `open_files` are descriptors
  /// (their files may have been renamed), `paths` and `folders` names; what is missing is skipped. True:
  /// something new is watched, and what happened to it until now was not noticed.
  bool watch(const std::vector<int>& open_files, const std::vector<std::string>& paths,
             const std::vector<std::string>& folders);

 private:
  int fd_ = -1;
  std::vector<int> watched_;  // sorted
};

}  // namespace suppressd
