#include "socket_findings.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "suppressd/base/file_owner.h"

namespace suppressd {
namespace {

using Found = SocketLook::Found;

std::string described(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return path;
  const FileOwner owner = owner_of(info);
  return path + " (owner " + owner.user + ", group " + owner.group + ", mode " + owner.mode + ")";
}

/// In the child: a letter, and what is in the way.
std::string try_to_connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return "?the path is too long for a unix socket";
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return std::string("?") + std::strerror(errno);
  const int failed =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
  close(fd);
  switch (failed) {
    case 0:
    case EAGAIN:  // its queue is full
      return "+";
    case ENOENT:
    case ENOTDIR:
      return "-";
    case ECONNREFUSED: {
      struct stat info {};
      return stat(path.c_str(), &info) == 0 && !S_ISSOCK(info.st_mode) ? "#" : "!";
    }
    case EACCES:
    case EPERM:
      if (const auto folder = closed_folder(path); !folder.empty()) return "f" + folder;
      return "s" + path;
    default:
      return std::string("?") + std::strerror(failed);
  }
}

}  // namespace

SocketLook look_at_socket(const Account& account, const Where& where, const std::string& path) {
  const auto answer = as_account(account, where, [&] { return try_to_connect(path); });
  const auto outside = where.folder.empty() || path.starts_with('/') ? where.chroot : where.folder + "/";
  if (!answer || answer->empty()) return {};
  const auto rest = answer->substr(1);
  switch (answer->front()) {
    case '+':
      return {Found::listens, {}, {}};
    case '-':
      return {Found::missing, {}, {}};
    case '!':
      return {Found::refused, {}, {}};
    case '#':
      return {Found::no_socket, {}, {}};
    case 'f':
      return {Found::closed_folder, described(outside + rest), {}};
    case 's':
      return {Found::denied, described(outside + rest), {}};
    default:
      return {Found::unknown, {}, rest};
  }
}

SocketLook look_at_port(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int failed = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); failed != 0)
    return {Found::unknown, {}, gai_strerror(failed)};
  SocketLook look{Found::refused, {}, {}};
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0) look.found = Found::listens;
    close(fd);
  }
  freeaddrinfo(found);
  return look;
}

std::optional<Finding> socket_finding(const SocketFacts& facts) {
  constexpr auto kError = FindingLevel::error;
  const std::string why =
      "the MTA cannot ask suppressd: its mail passes unchecked, or gets 451 (default_action)";
  const std::string who = facts.user + " (" + facts.account + ")";
  const auto folder = std::filesystem::path(facts.path).parent_path().string();
  const bool absolute_in_chroot = !facts.chroot.empty() && facts.path.starts_with(facts.chroot) &&
                                  facts.endpoint.find(":/") != std::string::npos;
  switch (facts.look.found) {
    case Found::listens:
      if (facts.ours || facts.ours_at.empty()) return std::nullopt;
      return Finding{kError, "socket-path",
                     facts.endpoint + " of " + facts.user + " is " + facts.path +
                         ", where another program listens; suppressd listens at " + facts.ours_at,
                     why, facts.replace};
    case Found::missing:
      if (absolute_in_chroot)
        return Finding{kError, "socket-chroot",
                       facts.user + " runs in the chroot " + facts.chroot + ": " + facts.endpoint + " is " +
                           facts.path + " there, which does not exist",
                       why, facts.replace};
      if (facts.ours)
        return Finding{
            kError, "socket-missing", "there is no socket " + facts.path + ", where suppressd should listen",
            why, "systemctl enable --now suppressd.socket suppressd (without systemd: start suppressd)"};
      return Finding{kError, "socket-path",
                     facts.endpoint + " of " + facts.user + " is " + facts.path + ", which does not exist" +
                         (facts.ours_at.empty() ? "" : "; suppressd listens at " + facts.ours_at),
                     why, facts.replace};
    case Found::closed_folder: {
      const auto closed = facts.look.place.substr(0, facts.look.place.find(" ("));
      return Finding{kError, "socket-permission",
                     who + " may not enter " + facts.look.place + ", where the socket is", why,
                     closed == folder ? "chown " + facts.service + ":" + facts.account + " " + closed +
                                            " && chmod 2750 " + closed
                                      : "chmod o+x " + closed};
    }
    case Found::denied:
      return Finding{
          kError, "socket-permission", who + " may not write to the socket " + facts.look.place, why,
          "with the socket unit: `systemctl edit suppressd.socket`, the lines [Socket] and SocketGroup=" +
              facts.account + ", and restart it; without it: chown " + facts.service + ":" + facts.account +
              " " + folder + " && chmod 2750 " + folder +
              ", milter.socket_mode = \"0660\", and restart suppressd"};
    case Found::refused:
      if (!facts.ours && !facts.ours_at.empty())
        return Finding{kError, "socket-path",
                       "no one listens on " + facts.path + " of " + facts.user + "; suppressd listens at " +
                           facts.ours_at,
                       why, facts.replace};
      return Finding{kError, "socket-dead", "no one listens on " + facts.path, why,
                     "systemctl start suppressd; if that fails: suppressd --check-config"};
    case Found::no_socket:
      return Finding{kError, "socket-path", facts.path + " is no socket", why, facts.replace};
    case Found::unknown:
      break;
  }
  return Finding{FindingLevel::unknown, "socket-unknown",
                 "whether " + who + " can connect to " + facts.path + " could not be tried" +
                     (facts.look.why.empty() ? "" : ": " + facts.look.why),
                 "only root can see the socket with the MTA's eyes", "sudo suppressctl doctor"};
}

}  // namespace suppressd
