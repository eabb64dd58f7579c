// One name for this machine in logs.
//
// The journal has the short host name, a log file the short or the full one, depending on rsyslog:
// `sm1` and `sm1.sender.example` are one host. Other hosts in a central log keep the names that are
// logged. Immutable, safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

class OwnHost {
 public:
  /// `host_name` as from gethostname(2), and the full name; empty: not known.
  OwnHost(std::string_view host_name, std::string_view full_name);
  /// This machine, as the system knows it at the first call.
  static const OwnHost& of_this_machine();

  /// The short name for every name of this machine; any other name as it is. Valid as long as both
  /// `logged` and this object.
  std::string_view canonical(std::string_view logged) const;

 private:
  std::string short_;
  std::vector<std::string> longer_;
};

}  // namespace suppressd
