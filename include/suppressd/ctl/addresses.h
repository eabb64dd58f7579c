// The addresses that a command is about: from the command line, from a file, or from standard input.
//
// A file holds one address or @domain a line; blank lines and lines that begin with `#` are passed over. Every address is checked before
// the first is acted upon, so that a typing error changes nothing. Errors name argument, or file and line.
#pragma once

#include <string>
#include <vector>

#include "suppressd/core/result.h"

namespace CLI {
class App;
}

namespace suppressd::ctl {

struct AddressArguments {
  std::vector<std::string> given;
  std::string file;

  void add_to(CLI::App& command);
  bool any() const { return !(given.empty() && file.empty()); }
  /// In canonical form and in order, each once.
  Result<std::vector<std::string>> read() const;
};

}  // namespace suppressd::ctl
