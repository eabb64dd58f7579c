// The milter's socket with the MTA's eyes: its account, its groups, its chroot.
#pragma once

#include <optional>
#include <string>

#include "suppressd/doctor/finding.h"

#include "account.h"

namespace suppressd {

/// What became of an attempt to connect.
struct SocketLook {
  enum class Found { listens, missing, closed_folder, denied, refused, no_socket, unknown };
  Found found = Found::unknown;
  std::string place;  ///< The folder or the file that is in the way, and who owns it.
  std::string why;    ///< The system's words, where nothing else is known.
};

/// Connects, as `account`, to the path as it is there.
SocketLook look_at_socket(const Account& account, const Where& where, const std::string& path);

/// Connects to a port. Found::unknown: the host has no address.
SocketLook look_at_port(const std::string& host, const std::string& port);

struct SocketFacts {
  std::string user;      ///< Who asks there: `smtpd of submission`.
  std::string account;   ///< As whom it runs.
  std::string service;   ///< Account of suppressd.
  std::string endpoint;  ///< As the MTA's configuration names it.
  std::string path;      ///< As the host sees it; of an inet socket: `inet:host:port`.
  std::string chroot;    ///< Folder of its chroot; empty: none.
  SocketLook look;
  bool ours = false;    ///< suppressd is configured to listen at `path`.
  std::string ours_at;  ///< Where it listens, if not there.
  std::string replace;  ///< The command that names the right place to the MTA.
};

/// Pure. nullopt: nothing is wrong.
std::optional<Finding> socket_finding(const SocketFacts& facts);

}  // namespace suppressd
