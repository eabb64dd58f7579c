// What sendmail.cf says about filters, daemons and the log. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

struct SendmailSettings {
  struct Filter {
    std::string name;
    std::map<std::string, std::string, std::less<>> equates;  ///< S, F, T
  };
  struct Daemon {
    std::string name;
    std::string port;  ///< As written; empty: smtp.
    std::string address;
    bool has_filters = false;
    std::vector<std::string> filters;  ///< InputMailFilters=; else those of the option.
  };

  std::vector<Filter> filters;                              ///< X lines.
  std::vector<std::string> input_filters;                   ///< O InputMailFilters
  std::vector<Daemon> daemons;                              ///< O DaemonPortOptions
  std::map<std::string, std::string, std::less<>> options;  ///< Others, such as LogLevel.

  static SendmailSettings parse(std::string_view text);
  std::string option(std::string_view name) const;
};

}  // namespace suppressd
