#include "suppressd/config/options.h"

#include <sysexits.h>

#include <iostream>

#include <CLI/CLI.hpp>

#include "suppressd/config/version.h"

namespace suppressd {

std::variant<Options, int> parse_options(int argc, char** argv) {
  Options options;
  CLI::App app{"suppressd: refuses suppressed recipients, and learns from the mail log whom to suppress"};
  app.footer(
      "Every key of suppressd.conf(5) is an option too, such as --soft.threshold 5. Commands for people: "
      "suppressctl(1).");
  app.set_version_flag("--version", std::string{"suppressd "} + kVersion);
  app.add_option("-c,--config", options.config_file,
                 "configuration file (default: " + std::string{kDefaultConfig} + ", if it is there)");
  app.add_flag("--check-config", options.check_config,
               "say whether the configuration is right and the logs can be read, and stop");
  app.add_flag("--check-reload", options.check_reload,
               "say whether a reload would take the configuration, and stop");
  std::map<std::string, std::vector<std::string>> given;
  for (const auto& key : config_keys()) {
    auto* option = app.add_option("--" + key.name, given[key.name], key.help)
                       ->group("Configuration")
                       ->allow_extra_args(false);
    if (key.list) option->delimiter(',');
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "suppressd: " << error.what() << " (see suppressd --help)\n";
    return EX_USAGE;
  }
  for (const auto& key : config_keys())
    if (app.count("--" + key.name) > 0) options.keys.emplace_back(key.name, given[key.name]);
  return options;
}

Result<Config> load_config(const Options& options) {
  Config config;
  const bool named = !options.config_file.empty();
  if (auto read = read_config_file(named ? options.config_file : kDefaultConfig, named, config); !read)
    return read.error();
  if (auto read = read_config_environment(config); !read) return read.error();
  for (const auto& [key, values] : options.keys)
    if (auto set = set_config_value(config, key, values); !set) return set.error();
  if (auto checked = check_config(config); !checked) return checked.error();
  return config;
}

}  // namespace suppressd
