#include "hostile_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

namespace suppressd {
namespace {

using std::string_literals::operator""s;

constexpr std::chrono::seconds kPatience{20};

std::string number(std::uint32_t value) {
  const std::uint32_t ordered = htonl(value);
  return {reinterpret_cast<const char*>(&ordered), sizeof ordered};
}

std::uint32_t number_at(const std::string& text, std::size_t at) {
  std::uint32_t ordered = 0;
  text.copy(reinterpret_cast<char*>(&ordered), sizeof ordered, at);
  return ntohl(ordered);
}

/// libmilter 8.17 reads beyond its own array and crashes if a macro packet has an odd number of
/// strings. Programs that may connect are trusted not to send one, so such packets are turned into
/// unknown ones.
void spare_libmilter(std::string& all) {
  for (std::size_t at = 0; at + 5 <= all.size();) {
    const auto length = static_cast<std::int32_t>(number_at(all, at));
    if (length <= 1) {  // libmilter reads negative lengths, too, as a packet without data.
      at += 5;
      continue;
    }
    const auto end = at + 4 + static_cast<std::size_t>(length);
    if (end > all.size()) return;
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at + 4);
    if (*begin == SMFIC_MACRO && std::count(begin + 2, begin + length, '\0') % 2 != 0) *begin = '?';
    at = end;
  }
}

}  // namespace

std::string HostileClient::bytes(int length) {
  std::string result(static_cast<std::size_t>(length), '\0');
  for (auto& c : result) c = static_cast<char>(below(256));
  return result;
}

std::string HostileClient::word() {
  static const std::string words[] = {"<good@x.example>",
                                      "<dead@x.example>",
                                      "full@x.example",
                                      "<locked@x.example>",
                                      "<throws@x.example>",
                                      "<percent@x.example>",
                                      "<>",
                                      "",
                                      "@",
                                      "<@a,@b:dead@x.example>",
                                      "<\"a b\\\" >\"@x.example>",
                                      "%s%n%s%n",
                                      "\r\n550 x",
                                      "<\xff\xfe@\xc3\xa4.example>"};
  if (chance(8)) return bytes(below(300));
  if (chance(2)) return std::string(static_cast<std::size_t>(below(60000)), chance(50) ? 'a' : '%');
  return words[below(static_cast<int>(std::size(words)))];
}

std::string HostileClient::packet(char command, const std::string& data) {
  return number(static_cast<std::uint32_t>(data.size() + 1)) + command + data;
}

void HostileClient::add_message(std::vector<std::string>& packets) {
  const auto macros = [&](char stage, const std::string& values) {
    packets.push_back(packet(SMFIC_MACRO, stage + values));
  };
  const bool local = chance(20);
  const bool inbound = chance(30);
  macros(SMFIC_MAIL, (local ? "i\0LOCAL1\0"s : ""s) + "{client_addr}\0"s +
                         (chance(80) ? "192.0.2.7"s : word()) + "\0{daemon_name}\0"s +
                         (inbound ? "inbound"s : "smtpd"s) + "\0"s);
  packets.push_back(packet(SMFIC_MAIL, word() + "\0"s + (chance(20) ? word() + "\0"s : ""s)));
  for (int recipient = below(6); recipient >= 0; --recipient) {
    macros(SMFIC_RCPT, (chance(50) ? "i\0QUEUE1\0"s : ""s) + "{rcpt_addr}\0"s + word() + "\0"s +
                           (local ? ""s : "{rcpt_mailer}\0smtp\0"s));
    packets.push_back(packet(SMFIC_RCPT, word() + "\0"s));
  }
  if (chance(20)) return;
  packets.push_back(packet(SMFIC_DATA, ""));
  for (int header = below(4); header > 0; --header) {
    packets.push_back(
        packet(SMFIC_HEADER, (chance(50) ? "Content-Type\0multipart/report; report-type=delivery-status"s
                                         : word() + "\0"s + word()) +
                                 "\0"s));
  }
  packets.push_back(packet(SMFIC_EOH, ""));
  for (int piece = below(3); piece > 0; --piece) packets.push_back(packet(SMFIC_BODY, bytes(below(2000))));
  packets.push_back(packet(chance(80) ? SMFIC_BODYEOB : SMFIC_ABORT, ""));
}

std::vector<std::string> HostileClient::orderly() {
  std::vector<std::string> packets;
  const std::uint32_t version = chance(90) ? 6 : static_cast<std::uint32_t>(below(9));
  packets.push_back(packet(SMFIC_OPTNEG, number(version) + number(chance(90) ? 0x1ff : 0x3f) +
                                             number(chance(90) ? 0x1fffff : 0x7f)));
  if (chance(30))
    packets.push_back(packet(SMFIC_CONNECT, "client.example\0"s + SMFIA_INET + "\x30\x39"s + word() + "\0"s));
  if (chance(30)) packets.push_back(packet(SMFIC_HELO, word() + "\0"s));
  for (int message = below(3); message >= 0; --message) add_message(packets);
  if (chance(50)) packets.push_back(packet(chance(80) ? SMFIC_QUIT : SMFIC_QUIT_NC, ""));
  return packets;
}

void HostileClient::spoil(std::vector<std::string>& packets) {
  const auto any = [&] { return static_cast<std::size_t>(below(static_cast<int>(packets.size()))); };
  const auto insert = [&](const std::string& one) {
    packets.insert(packets.begin() + static_cast<std::ptrdiff_t>(any()), one);
  };
  std::string& one = packets[any()];
  switch (below(10)) {
    case 0:
      if (packets.size() > 1) packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(any()));
      break;
    case 1:
      insert(std::string(one));
      break;
    case 2:
      std::swap(one, packets[any()]);
      break;
    case 3:
      one.resize(static_cast<std::size_t>(below(static_cast<int>(one.size()) + 1)));
      break;
    case 4:  // A length that lies, by a little or by much.
      if (one.size() >= 4)
        one.replace(0, 4,
                    number(chance(50) ? static_cast<std::uint32_t>(below(70000))
                                      : static_cast<std::uint32_t>(random_())));
      break;
    case 5:
      if (!one.empty())
        one[static_cast<std::size_t>(below(static_cast<int>(one.size())))] = static_cast<char>(below(256));
      break;
    case 6:
      insert(packet(static_cast<char>(below(256)), bytes(below(200))));
      break;
    case 7:  // Longer than any packet may be.
      insert(packet(chance(50) ? SMFIC_RCPT : SMFIC_MACRO,
                    std::string(static_cast<std::size_t>(65000 + below(200000)), 'x')));
      break;
    case 8:  // Strings without an end.
      for (std::size_t at = 5; at < one.size(); ++at) {
        if (one[at] == '\0') one[at] = 'x';
      }
      break;
    default:
      insert(bytes(below(100)));
  }
}

bool HostileClient::session() {
  auto packets = orderly();
  for (int times = below(4); times > 0; --times) spoil(packets);
  std::string all;
  for (const auto& one : packets) all += one;
  if (chance(20)) all.resize(static_cast<std::size_t>(below(static_cast<int>(all.size()) + 1)));

  spare_libmilter(all);

  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  path_.copy(where.sun_path, sizeof where.sun_path - 1);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    close(socket);
    throw std::runtime_error("connect " + path_);
  }
  fcntl(socket, F_SETFL, O_NONBLOCK);

  // Answers are read meanwhile; otherwise each side would wait for the other to empty its buffer.
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  const bool in_pieces = chance(20);
  const bool leave = chance(30);
  std::size_t sent = 0;
  bool ended = false;
  bool writes = true;
  while (!ended && std::chrono::steady_clock::now() < deadline) {
    if (writes && sent == all.size()) {
      if (leave) break;
      shutdown(socket, SHUT_WR);
      writes = false;
    }
    pollfd waiting{socket, static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN), 0};
    poll(&waiting, 1, 1000);
    if (writes && (waiting.revents & POLLOUT) != 0) {
      const std::size_t most = in_pieces ? static_cast<std::size_t>(1 + below(40)) : all.size();
      const ssize_t count = send(socket, all.data() + sent, std::min(most, all.size() - sent), MSG_NOSIGNAL);
      if (count > 0) sent += static_cast<std::size_t>(count);
    }
    if ((waiting.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      char answers[4096];
      const ssize_t count = recv(socket, answers, sizeof answers, 0);
      ended = count == 0 || (count < 0 && errno != EAGAIN);
    }
  }
  close(socket);
  return ended || leave;
}

}  // namespace suppressd
