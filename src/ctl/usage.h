// The command line as people and scripts really write it: what is wrong with it, in words.
//
// An unset shell variable leaves an empty value (`--rule "$RULE"`, `--rule=$RULE`), or none at all,
// so that the next option is read as the value (`--rule $RULE --dry-run`). Either is an error,
// whatever the command would do with it. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace suppressd::ctl {

/// The arguments of `argv`, `--name=` as `--name` and an empty one: CLI11 would take the next
/// argument for its value.
std::vector<std::string> arguments_of(int argc, const char* const* argv);

/// Names the first option or argument whose value is missing, after `app` has parsed `arguments`,
/// also if it failed. A list of the configuration may be empty.
std::optional<std::string> missing_value(const CLI::App& app, const std::vector<std::string>& arguments);

/// Why `app` did not accept the command line, and which help to read.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

/// Accepts positive whole numbers; `what` says what the number is.
CLI::Validator positive_number(const std::string& what);

}  // namespace suppressd::ctl
