// The addresses that a command is about: from the command line, from a file, or from standard
// input.
//
// A file has one address or @domain per line; blank lines and lines that begin with `#` are skipped.
// Every address is checked before the first is processed, so that a typing error changes nothing;
// invalid ones are listed, up to a limit, by argument, or file and line. Addresses that are new to
// the list must also make sense: likely mistakes are refused unless `--as-is` is given.
#pragma once

#include <string>
#include <vector>

#include "suppressd/base/result.h"

#include "context.h"

namespace CLI {
class App;
}

namespace suppressd::ctl {

struct AddressArguments {
  std::vector<std::string> given;
  std::string file;
  bool skip_invalid = false;
  bool as_is = true;

  /// For addresses that may already be in the list, however odd they are.
  void add_to(CLI::App& command);
  /// For addresses that are new to the list; adds `--as-is`.
  void add_new_to(CLI::App& command);
  bool any() const { return !(given.empty() && file.empty()); }
  /// In canonical form and in order, each once. Invalid ones are listed on standard error.
  Result<std::vector<std::string>> read(const Context& context) const;
};

}  // namespace suppressd::ctl
