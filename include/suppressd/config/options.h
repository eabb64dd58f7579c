// The daemon's command line: --config, --check-config, --check-reload, --version, and every key of the
// configuration.
//
// Also reads the configuration again for a reload, from the same places. Called by one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/config/config.h"

namespace suppressd {

struct Options {
  std::string config_file;  ///< Empty: the default one, if it exists.
  bool check_config = false;
  bool check_reload = false;
  std::vector<std::pair<std::string, std::vector<std::string>>> keys;  ///< Set on the command line.
};

/// The exit status instead, if the program has nothing to do: after --help or --version (printed; 0), or an
/// invalid option (reported on standard error; EX_USAGE).
std::variant<Options, int> parse_options(int argc, char** argv);

/// Defaults, file, environment, command line; checked as a whole.
Result<Config> load_config(const Options& options);

}  // namespace suppressd
