#include "suppressd/milter/socket.h"

#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include <libmilter/mfapi.h>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr int kBacklog = 1024;   // The kernel cuts it to net.core.somaxconn.
constexpr int kFirstPassed = 3;  // SD_LISTEN_FDS_START
constexpr int kMostPassed = 1000;

struct Where {
  sockaddr_storage address{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { umask(before_); }

 private:
  mode_t before_;
};

std::string reason(int error) {
  return std::generic_category().message(error);
}

Error problem(const SocketAddress& address, const std::string& what) {
  return Error{"milter.socket " + address.text() + ": " + what};
}

template <typename Number>
std::optional<Number> parse_number(std::string_view digits) {
  Number number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

Where where_of_path(const std::string& path) {
  Where where;
  auto* local = reinterpret_cast<sockaddr_un*>(&where.address);
  local->sun_family = AF_UNIX;
  path.copy(local->sun_path, sizeof local->sun_path - 1);
  where.length = sizeof *local;
  return where;
}

Result<Where> where_of_host(const SocketAddress& address) {
  addrinfo wish{};
  wish.ai_family = address.form == SocketAddress::Form::inet ? AF_INET : AF_INET6;
  wish.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &wish, &found);
  if (failure != 0) {
    return problem(address, "the host has no " + std::string(wish.ai_family == AF_INET ? "IPv4" : "IPv6") +
                                " address: " + gai_strerror(failure));
  }
  Where where;
  std::memcpy(&where.address, found->ai_addr, found->ai_addrlen);
  where.length = found->ai_addrlen;
  freeaddrinfo(found);
  return where;
}

std::optional<long> number_in(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? std::nullopt : parse_number<long>(value);
}

// As sd_listen_fds(3) counts them, which a build without libsystemd does not have.
int passed_sockets() {
  if (number_in("LISTEN_PID") != getpid()) return 0;
  return static_cast<int>(std::clamp<long>(number_in("LISTEN_FDS").value_or(0), 0, kMostPassed));
}

/// The address at which a descriptor listens, as in `milter.socket`; empty: it is not such a socket.
std::string place_of_descriptor(int descriptor) {
  Where where;
  where.length = sizeof where.address;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&where.address), &where.length) != 0) return {};
  if (where.address.ss_family == AF_UNIX)
    return "unix:" + std::string(reinterpret_cast<const sockaddr_un*>(&where.address)->sun_path);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getnameinfo(where.get(), where.length, host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return {};
  return std::string(where.address.ss_family == AF_INET6 ? "inet6:" : "inet:") + port.data() + "@" +
         host.data();
}

Status check_descriptor(const SocketAddress& address) {
  int listening = 0;
  socklen_t length = sizeof listening;
  if (getsockopt(address.descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0) {
    return problem(
        address,
        (errno == EBADF ? "no socket was passed as this descriptor" : "is not a socket") +
            std::string(
                "; start the socket unit, `systemctl enable --now suppressd.socket`, and then suppressd; or "
                "set milter.socket to a path: unix:/var/spool/postfix/suppressd/suppressd.sock for Postfix, "
                "unix:/run/suppressd/suppressd.sock for Sendmail"));
  }
  if (listening == 0)
    return problem(address, "is a socket that does not listen; use a socket unit with Accept=no");
  return {};
}

/// A socket unit and `milter.socket` that do not belong together.
Status check_passed(const SocketAddress& address) {
  const int passed = passed_sockets();
  if (passed > 1) {
    std::string places;
    for (int i = 0; i < passed; ++i) places += (i == 0 ? "" : ", ") + place_of_descriptor(kFirstPassed + i);
    return problem(address,
                   "systemd passes " + std::to_string(passed) + " sockets (" + places +
                       "), and suppressd serves one; a drop-in for suppressd.socket needs an empty "
                       "`ListenStream=` before its own, "
                       "then run `systemctl daemon-reload` and `systemctl restart suppressd.socket`");
  }
  if (address.form == SocketAddress::Form::descriptor) return check_descriptor(address);
  if (passed == 0) return {};
  return problem(
      address,
      "systemd passes the socket " + place_of_descriptor(kFirstPassed) +
          ", where no one would answer the MTA; set milter.socket = \"fd:3\", or disable the socket unit: "
          "`systemctl disable --now suppressd.socket`");
}

/// A network socket if none is allowed, as under the service unit, or if the system lacks the address family.
Status check_family(const SocketAddress& address) {
  if (address.form != SocketAddress::Form::inet && address.form != SocketAddress::Form::inet6) return {};
  const Descriptor trial(
      socket(address.form == SocketAddress::Form::inet ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (trial.get() >= 0 || (errno != EAFNOSUPPORT && errno != EPERM && errno != EACCES)) return {};
  return problem(
      address,
      "the network socket cannot be made (" + reason(errno) +
          "); the service unit allows only unix sockets: to change this, run `systemctl edit suppressd` and "
          "add the lines [Service], RestrictAddressFamilies=AF_INET AF_INET6 and IPAddressAllow=localhost");
}

/// The directory exists, and what is at the path may be replaced.
Status make_room(const SocketAddress& address) {
  const std::string directory = std::filesystem::path(address.path).parent_path().string();
  struct stat status {};
  if (stat(directory.c_str(), &status) != 0) {
    return problem(address, "directory " + directory + ": " + reason(errno) +
                                "; create it for the user that suppressd runs as");
  }
  if (!S_ISDIR(status.st_mode)) return problem(address, directory + " is not a directory");
  if (lstat(address.path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return problem(address, reason(errno));
  }
  if (!S_ISSOCK(status.st_mode))
    return problem(address, "a file that is not a socket is there, and is left alone; choose another path");

  const Where where = where_of_path(address.path);
  const Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connect(probe.get(), where.get(), where.length) == 0 || errno == EAGAIN) {
    return problem(address, "another program listens there; stop it or choose another path");
  }
  if (errno != ECONNREFUSED)
    return problem(address, "there is a socket that cannot be tested: " + reason(errno));
  if (unlink(address.path.c_str()) != 0 && errno != ENOENT) {
    return problem(address, "the socket file that a dead program left cannot be removed: " + reason(errno));
  }
  return {};
}

Result<gid_t> find_group(const SocketAddress& address, const std::string& name) {
  std::vector<char> buffer(1 << 16);
  group entry{};
  group* found = nullptr;
  getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return problem(address, "there is no group `" + clean(name, 80) + "` to give it to");
  return found->gr_gid;
}

Status set_permissions(const SocketAddress& address, unsigned mode, std::optional<gid_t> group,
                       const std::string& group_name) {
  if (group && chown(address.path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
    return problem(address, "cannot give it to group `" + group_name + "`: " + reason(errno) +
                                "; make the user that suppressd runs as a member of that group");
  }
  if (chmod(address.path.c_str(), mode) != 0)
    return problem(address, "cannot set its mode: " + reason(errno));
  return {};
}

/// Why libmilter could not open it: found by trying the same system call.
std::string why_not(const SocketAddress& address, const Where& where) {
  if (address.form == SocketAddress::Form::descriptor)
    return "this libmilter does not support descriptors; write unix:/path";
  const Descriptor trial(socket(where.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (trial.get() < 0) return reason(errno);
  const int yes = 1;
  setsockopt(trial.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(trial.get(), where.get(), where.length) != 0) {
    if (errno == EADDRINUSE) return "another program listens there; stop it or choose another port";
    if (errno == EADDRNOTAVAIL) return "no interface of this host has that address";
    if (errno == EACCES && address.form == SocketAddress::Form::unix_path) {
      return "the user that suppressd runs as may not create files in " +
             std::filesystem::path(address.path).parent_path().string();
    }
    return reason(errno);
  }
  if (listen(trial.get(), 1) != 0 && errno == EADDRINUSE)
    return "another program listens there; stop it or choose another port";
  if (address.form == SocketAddress::Form::unix_path) unlink(address.path.c_str());
  return "libmilter cannot open it; see what it wrote to syslog";
}

}  // namespace

std::string SocketAddress::text() const {
  switch (form) {
    case Form::unix_path:
      return "unix:" + path;
    case Form::inet:
      return "inet:" + std::to_string(port) + "@" + host;
    case Form::inet6:
      return "inet6:" + std::to_string(port) + "@[" + host + "]";
    case Form::descriptor:
      return "fd:" + std::to_string(descriptor);
  }
  return {};
}

Result<SocketAddress> parse_socket(const std::string& text) {
  const auto wrong = [&](const std::string& what) {
    return Error{"milter.socket `" + clean(text, 200) + "`: " + what};
  };
  const auto colon = text.find(':');
  const std::string form = text.substr(0, colon);
  const std::string rest = colon == std::string::npos ? std::string() : text.substr(colon + 1);
  SocketAddress address;
  if (form == "unix" || form == "local") {
    address.path = rest;
    if (rest.empty() || rest.front() != '/')
      return wrong("the path must be absolute, as in unix:/run/suppressd/milter.sock");
    constexpr std::size_t most = sizeof(sockaddr_un::sun_path) - 1;
    if (rest.size() > most) {
      return wrong("the path has " + std::to_string(rest.size()) + " bytes, and a unix socket's may have " +
                   std::to_string(most));
    }
    if (rest.find('\0') != std::string::npos || rest.back() == '/') return wrong("the path names no file");
    return address;
  }
  if (form == "fd") {
    address.form = SocketAddress::Form::descriptor;
    const auto number = parse_number<int>(rest);
    if (!number || *number < 3) return wrong("write fd:3, the first descriptor that systemd passes");
    address.descriptor = *number;
    return address;
  }
  if (form == "inet" || form == "inet6") {
    address.form = form == "inet" ? SocketAddress::Form::inet : SocketAddress::Form::inet6;
    const std::string example = form == "inet" ? "inet:8891@127.0.0.1" : "inet6:8891@::1";
    const auto at = rest.find('@');
    const auto port = parse_number<unsigned>(std::string_view(rest).substr(0, at));
    if (!port || *port == 0 || *port > 65535)
      return wrong("the port must be a number from 1 to 65535, as in " + example);
    if (at == std::string::npos || at + 1 == rest.size()) {
      return wrong("without a host, it would listen on every address of this host; write " + example);
    }
    address.port = *port;
    address.host = rest.substr(at + 1);
    if (address.host.front() == '[' && address.host.back() == ']')
      address.host = address.host.substr(1, address.host.size() - 2);
    return address;
  }
  return wrong("write unix:/path, inet:port@host, inet6:port@host or fd:3");
}

Status check_socket(const std::string& socket) {
  const auto address = parse_socket(socket);
  if (!address) return address.error();
  return {};
}

Status check_socket_here(const std::string& socket) {
  const auto address = parse_socket(socket);
  if (!address) return address.error();
  if (auto passed = check_passed(*address); !passed) return passed;
  return check_family(*address);
}

std::string place_of(const std::string& socket) {
  const auto address = parse_socket(socket);
  if (!address || address->form != SocketAddress::Form::descriptor) return socket;
  return socket + " (" + place_of_descriptor(address->descriptor) + ")";
}

bool session_waits() {
  const int passed = passed_sockets();
  std::vector<pollfd> waits;
  waits.reserve(static_cast<std::size_t>(passed));
  for (int i = 0; i < passed; ++i) waits.push_back({kFirstPassed + i, POLLIN, 0});
  return poll(waits.data(), waits.size(), 0) > 0;
}

Result<ListeningSocket> ListeningSocket::open(const SocketAddress& address, unsigned mode,
                                              const std::string& group) {
  Where where;
  std::optional<gid_t> group_id;
  if (address.form == SocketAddress::Form::unix_path) {
    if (!group.empty()) {
      const auto found = find_group(address, group);
      if (!found) return found.error();
      group_id = *found;
    }
    if (auto room = make_room(address); !room) return room.error();
    where = where_of_path(address.path);
  } else if (address.form == SocketAddress::Form::descriptor) {
    if (auto usable = check_descriptor(address); !usable) return usable.error();
  } else {
    auto resolved = where_of_host(address);
    if (!resolved) return resolved.error();
    where = *resolved;
  }

  // libmilter takes text it may change, and copies it.
  std::string text = address.text();
  smfi_setbacklog(kBacklog);
  if (smfi_setconn(text.data()) != MI_SUCCESS) return problem(address, "libmilter rejects it");
  {
    const Umask nobody_else(0177);
    if (smfi_opensocket(false) != MI_SUCCESS) return problem(address, why_not(address, where));
  }

  ListeningSocket opened;
  opened.address_ = address;
  if (address.form == SocketAddress::Form::unix_path) {
    opened.file_ = ::open(address.path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (opened.file_ < 0) return problem(address, reason(errno));
    if (auto set = set_permissions(address, mode, group_id, group); !set) return set.error();
  }
  return opened;
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : address_(std::move(other.address_)), file_(std::exchange(other.file_, -1)) {}

ListeningSocket::~ListeningSocket() {
  if (file_ < 0) return;
  const Descriptor file(file_);
  struct stat made {};
  struct stat there {};
  if (fstat(file.get(), &made) != 0 || lstat(address_.path.c_str(), &there) != 0) return;
  if (made.st_dev == there.st_dev && made.st_ino == there.st_ino) unlink(address_.path.c_str());
}

// libmilter continues to listen, at a socket that no one knows.
void ListeningSocket::leave_newcomers() const {
  if (address_.form != SocketAddress::Form::descriptor) return;
  const Descriptor deaf(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un nameless{};
  nameless.sun_family = AF_UNIX;  // With nothing more the system makes up a name (unix(7), autobind).
  if (deaf.get() < 0 ||
      bind(deaf.get(), reinterpret_cast<const sockaddr*>(&nameless), sizeof(sa_family_t)) != 0)
    return;
  if (listen(deaf.get(), 1) == 0) dup3(deaf.get(), address_.descriptor, O_CLOEXEC);
}

}  // namespace suppressd
