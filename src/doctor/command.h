// Runs a program and takes what it prints. One thread.
#pragma once

#include <string>
#include <vector>

#include "suppressd/base/result.h"

namespace suppressd {

struct CommandOutput {
  int status = 0;
  std::string out;
  std::string err;  ///< The beginning of it.
};

/// `words[0]` is looked for in PATH and in /usr/sbin. Error: it cannot be run.
Result<CommandOutput> run_command(std::vector<std::string> words);

}  // namespace suppressd
