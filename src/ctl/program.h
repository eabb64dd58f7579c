// suppressctl's command line: the options that every command takes, the commands, and the exit status.
//
// Each command registers itself with add(); run() parses, loads the configuration, runs the named command,
// and turns its result into an exit status: 0 success, 1 "no" or "suppressed", 2 a usage or run-time error
// with one message on standard error. One thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "suppressd/base/result.h"

#include "context.h"

namespace suppressd::ctl {

inline constexpr int kSuccess = 0;
inline constexpr int kNo = 1;
inline constexpr int kFailure = 2;

class Program {
 public:
  /// Returns the exit status, kSuccess or kNo; an Error becomes kFailure.
  using Run = std::function<Result<int>(Context&)>;

  Program();

  CLI::App* add(const std::string& name, const std::string& help, Run run);
  /// A command that consists of commands: `exempt`.
  CLI::App* add_group(const std::string& name, const std::string& help);
  /// Of a group, or of a command that also does something by itself: `incidents`.
  CLI::App* add(CLI::App* group, const std::string& name, const std::string& help, Run run);

  /// What the command does if the configuration cannot be read; without it, that is an error.
  void on_bad_configuration(CLI::App* command, std::function<int(Output&, const Error&)> run);

  const CLI::App& app() const { return app_; }

  int run(int argc, const char* const* argv);

 private:
  void add_configuration_keys();
  int run_without_configuration(const Error& error) const;

  CLI::App app_;
  Settings settings_;
  Run chosen_;
  std::map<const CLI::App*, std::function<int(Output&, const Error&)>> without_configuration_;
};

}  // namespace suppressd::ctl
