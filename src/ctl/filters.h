// What people type to select entries: times, categories, kinds.
//
// Pure; `now` is passed in. Errors name the option's text and say what is expected.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"
#include "suppressd/store/reader.h"

namespace CLI {
class App;
}

namespace suppressd::ctl {

/// `now`, a time as parse_time reads it, or a duration before now: `2h`.
Result<Time> parse_when(std::string_view text, Time now);

/// The options `--since --until --provider --category --rule`, as list, confirm and undo share them.
struct FilterOptions {
  std::string since;
  std::string until;
  std::string provider;
  std::string category;
  std::string rule;

  void add_to(CLI::App& command);
  bool any() const {
    return !(since.empty() && until.empty() && provider.empty() && category.empty() && rule.empty());
  }
  Result<EntryFilter> read(Time now) const;
};

/// The canonical name of a kind; an Error that lists them.
Result<std::string> check_kind(const std::string& text);

}  // namespace suppressd::ctl
