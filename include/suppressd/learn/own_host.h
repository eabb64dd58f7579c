// One name for this machine in logs.
//
// The journal has its short host name, a log file the short or the full one, as rsyslog is set: `sm1` and
// `sm1.sender.example` are one host. Other hosts, of which a central log tells, keep the names that are
// logged. Immutable, safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

class OwnHost {
 public:
  /// `host_name` as of gethostname(2), and the full name, where one is known; empty: none.
  OwnHost(std::string_view host_name, std::string_view full_name);
  /// This machine, as the system knows it when this is called first.
  static const OwnHost& of_this_machine();

  /// The short name for every name of this machine; any other as it is. Valid as long as `logged` and this.
  std::string_view canonical(std::string_view logged) const;

 private:
  std::string short_;
  std::vector<std::string> longer_;
};

}  // namespace suppressd
