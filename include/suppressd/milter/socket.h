// `milter.socket`: its forms, and the listening socket that libmilter opens for it.
//
// libmilter writes its errors only to syslog. So errors are found before libmilter opens the
// socket, or named afterwards by the system's own error. Used at the start of a program; not
// thread-safe.
#pragma once

#include <string>

#include "suppressd/base/result.h"

namespace suppressd {

/// One of `unix:/path`, `inet:port@host`, `inet6:port@host` and `fd:number`.
struct SocketAddress {
  enum class Form { unix_path, inet, inet6, descriptor };
  Form form = Form::unix_path;
  std::string path;
  std::string host;  ///< Without brackets.
  unsigned port = 0;
  int descriptor = -1;

  /// As libmilter reads it.
  std::string text() const;
};

/// Error: says what is wrong with the form and what is expected. `inet:port` without a host would
/// listen on every address, so it is an error.
Result<SocketAddress> parse_socket(const std::string& text);

/// Checks the form of `milter.socket` without opening it.
Status check_socket(const std::string& socket);

/// Whether this process can serve on `milter.socket`. `fd:3` needs one socket that systemd has
/// passed (sd_listen_fds(3)); with the other forms, systemd must pass none. Error also if network
/// sockets are forbidden.
Status check_socket_here(const std::string& socket);

/// `milter.socket` for messages; for `fd:3` with the address of the socket that was passed.
std::string place_of(const std::string& socket);

/// Whether a session waits to be accepted on a socket that systemd has passed.
bool session_waits();

/// libmilter's listening socket. Removes the file of a unix socket in the end, unless another
/// program has replaced it.
class ListeningSocket {
 public:
  /// Call after smfi_register. The file of a unix socket is replaced only if it is a socket on
  /// which no one listens.
  static Result<ListeningSocket> open(const SocketAddress& address, unsigned mode, const std::string& group);

  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  /// From now on, new connections to a socket that systemd has passed wait there for the next
  /// process. With the other forms this is not possible: their socket is closed with this process.
  /// Safe while libmilter listens.
  void leave_newcomers() const;

 private:
  ListeningSocket() = default;
  SocketAddress address_;
  /// The unix socket's file, opened with O_PATH: while it is open, no other file gets its inode.
  int file_ = -1;
};

}  // namespace suppressd
