// Where suppressd listens, to recognise it in an MTA's list of filters. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

struct MilterPlace {
  std::vector<std::string> paths;  ///< Of unix sockets.
  std::string port;                ///< Of an inet socket; empty: none.
  std::string host;

  /// `milter.socket`, and what systemd's socket unit listens on, for `fd:3`.
  static MilterPlace of(const std::string& socket, const std::vector<std::string>& unit_paths);

  /// The first path, or `inet:host:port`; empty: not known.
  std::string name() const;
  bool is_at(std::string_view path) const;
  /// `inet:host:port` of Postfix, or `inet:port@host` of Sendmail, is this place, or is called suppressd.
  bool is_meant(std::string_view endpoint) const;
  /// For the MTA's configuration: the first path below `folder`, relative to it; else the first; else the
  /// port, as Postfix writes it.
  std::string endpoint(const std::string& folder) const;
};

/// Signs mail, by its name or its usual port.
bool is_signer(std::string_view endpoint);

}  // namespace suppressd
