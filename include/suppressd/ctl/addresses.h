// The addresses that a command is about: from the command line, from a file, or from standard
// input.
//
// A file has one address or @domain per line; blank lines and lines that begin with `#` are passed
// over. Every address is checked before the first is acted upon, so that a typing error changes
// nothing; all that are not valid are named, up to a number, by argument, or file and line. What is
// new to the list must also make sense: likely mistakes are refused unless somebody says `--as-is`.
#pragma once

#include <string>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/ctl/context.h"

namespace CLI {
class App;
}

namespace suppressd::ctl {

struct AddressArguments {
  std::vector<std::string> given;
  std::string file;
  bool skip_invalid = false;
  bool as_is = true;

  /// For addresses that the list may hold already, however odd they are.
  void add_to(CLI::App& command);
  /// For addresses that are new to the list: also `--as-is`.
  void add_new_to(CLI::App& command);
  bool any() const { return !(given.empty() && file.empty()); }
  /// In canonical form and in order, each once. Those that are not valid are named on standard error.
  Result<std::vector<std::string>> read(const Context& context) const;
};

}  // namespace suppressd::ctl
