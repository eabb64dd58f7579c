// A temporary folder, removed with its content; in memory, if the system has such a place.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace suppressd::fault {

class Folder {
 public:
  Folder() {
    const char* base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    path_ = std::string(base) + "/suppressd-fault-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  /// Takes over the content of another, in place of its own.
  void become(const std::string& other) const {
    std::filesystem::remove_all(path_);
    std::filesystem::copy(other, path_, std::filesystem::copy_options::recursive);
  }

 private:
  std::string path_;
};

}  // namespace suppressd::fault
