#include "milter_client.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

namespace suppressd {
namespace {

constexpr time_t kPatienceSeconds = 60;

std::string number(std::uint32_t value) {
  const std::uint32_t bytes = htonl(value);
  return {reinterpret_cast<const char*>(&bytes), sizeof bytes};
}

std::uint32_t number_at(const std::string& data, std::size_t offset) {
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, data.data() + offset, sizeof bytes);
  return ntohl(bytes);
}

std::string terminated(const std::string& text) {
  return text + std::string(1, '\0');
}

}  // namespace

MilterClient::MilterClient(const std::string& path)
    : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  path.copy(where.sun_path, sizeof where.sun_path - 1);
  const timeval patience{kPatienceSeconds, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
    throw std::runtime_error("connect " + path);
}

MilterClient::~MilterClient() {
  // The filter closes its end when it has finished the session. Waiting for that keeps this session
  // out of the next test.
  shutdown(socket_, SHUT_WR);
  char rest[1000];
  while (recv(socket_, rest, sizeof rest, 0) > 0) continue;
  close(socket_);
}

Negotiated MilterClient::negotiate(std::uint32_t actions, std::uint32_t protocol, std::uint32_t version) {
  send(SMFIC_OPTNEG, number(version) + number(actions) + number(protocol));
  const Packet answer = receive();
  if (answer.command != SMFIC_OPTNEG || answer.data.size() < 12)
    throw std::runtime_error("no answer to the negotiation");
  Negotiated negotiated{number_at(answer.data, 0), number_at(answer.data, 4), number_at(answer.data, 8), {}};
  for (std::size_t at = 12; at + 4 < answer.data.size();) {
    const std::uint32_t stage = number_at(answer.data, at);
    const std::string names = answer.data.c_str() + at + 4;
    negotiated.macros[stage] = names;
    at += 4 + names.size() + 1;
  }
  return negotiated;
}

void MilterClient::send(char command, const std::string& data) {
  put(number(static_cast<std::uint32_t>(data.size() + 1)) + command + data);
}

void MilterClient::macros(char command, const Macros& values) {
  std::string data(1, command);
  for (const auto& [name, value] : values) data += terminated(name) + terminated(value);
  send(SMFIC_MACRO, data);
}

void MilterClient::put(const std::string& bytes) {
  buffer_ += bytes;
  if (!held_) flush();
}

void MilterClient::flush() {
  held_ = false;
  while (!buffer_.empty()) {
    const ssize_t sent = ::send(socket_, buffer_.data(), buffer_.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("the filter hung up");
    buffer_.erase(0, static_cast<std::size_t>(sent));
  }
}

std::string MilterClient::get(std::size_t length) {
  std::string bytes(length, '\0');
  for (std::size_t have = 0; have < length;) {
    const ssize_t got = recv(socket_, bytes.data() + have, length - have, 0);
    if (got <= 0) throw std::runtime_error(got == 0 ? "the filter hung up" : "the filter does not answer");
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

Packet MilterClient::receive() {
  const std::uint32_t length = number_at(get(4), 0);
  if (length == 0 || length > 1000000) throw std::runtime_error("a packet of impossible length");
  const std::string bytes = get(length);
  return {bytes.front(), bytes.substr(1)};
}

void MilterClient::mail(const std::string& argument, const Macros& values) {
  macros(SMFIC_MAIL, values);
  send(SMFIC_MAIL, terminated(argument));
}

Packet MilterClient::rcpt(const std::string& argument, const Macros& values) {
  macros(SMFIC_RCPT, values);
  send(SMFIC_RCPT, terminated(argument));
  return receive();
}

Packet MilterClient::smtp_rcpt(const std::string& address, const std::string& queue_id) {
  Macros values{{"{rcpt_addr}", address}, {"{rcpt_mailer}", "smtp"}};
  if (!queue_id.empty()) values.insert(values.begin(), {"i", queue_id});
  return rcpt("<" + address + ">", values);
}

Packet MilterClient::data(const Macros& values) {
  macros(SMFIC_DATA, values);
  send(SMFIC_DATA);
  return receive();
}

std::vector<Packet> MilterClient::end_of_message(const Macros& values) {
  macros(SMFIC_BODYEOB, values);
  send(SMFIC_BODYEOB);
  std::vector<Packet> answers;
  do {
    answers.push_back(receive());
  } while (answers.back().command == SMFIR_DELRCPT);
  return answers;
}

}  // namespace suppressd
