#include "suppressd/base/file_mode.h"

namespace suppressd {

Status refuse_world_writable(const std::string& path, mode_t mode) {
  if ((mode & S_IWOTH) == 0) return {};
  return Error{path + ": everybody may write to it, and so decide who gets mail: run `chmod o-w " + path +
               "`"};
}

}  // namespace suppressd
