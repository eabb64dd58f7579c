// `milter.socket`: its forms, and the listening socket that libmilter opens for it.
//
// Every error in it is found before libmilter opens it, or named by the system's own error afterwards,
// because libmilter only writes to syslog. For the start of a program; not safe from several threads.
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

/// Error: what is wrong with the form, and what is expected. `inet:port` without a host would bind every
/// address and is refused.
Result<SocketAddress> parse_socket(const std::string& text);

/// Checks the form of `milter.socket` without opening it.
Status check_socket(const std::string& socket);

/// Whether this process can serve on `milter.socket`: `fd:3` needs a socket that was passed, the other forms
/// need that systemd passes none (sd_listen_fds(3)), and no form serves two. Also says if network sockets are
/// forbidden.
Status check_socket_here(const std::string& socket);

/// `milter.socket` for messages; of `fd:3` with the address of the socket that was passed.
std::string place_of(const std::string& socket);

/// Whether systemd has passed a socket at which a session waits to be accepted.
bool session_waits();

/// libmilter's listening socket. The file of a unix socket is removed with it, unless another program has put
/// its own there.
class ListeningSocket {
 public:
  /// To be called after smfi_register. A unix socket's file is replaced only if it is a socket that no one
  /// listens on.
  static Result<ListeningSocket> open(const SocketAddress& address, unsigned mode, const std::string& group);

  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  /// From now on, whoever connects to a socket that systemd has passed waits there for the next process. The
  /// other forms cannot do this: their socket is closed with this process. Safe while libmilter listens.
  void leave_newcomers() const;

 private:
  ListeningSocket() = default;
  SocketAddress address_;
  int file_ =
      -1;  ///< The unix socket's file, opened by path alone: while it is open, no other file gets its inode.
};

}  // namespace suppressd
