// The MTA's side of the milter protocol, as far as tests need it.
//
// Packets are a length, a command and its data (libmilter/mfdef.h). Not thread-safe. Failures of
// the socket end in std::runtime_error, so that a test that waits for an answer which never comes
// fails within seconds.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace suppressd {

struct Packet {
  char command = 0;
  std::string data;
  bool operator==(const Packet&) const = default;
};

struct Negotiated {
  std::uint32_t version = 0;
  std::uint32_t actions = 0;
  std::uint32_t protocol = 0;
  std::map<std::uint32_t, std::string> macros;  ///< Wanted, by stage (SMFIM_...).
};

class MilterClient {
 public:
  using Macros = std::vector<std::pair<std::string, std::string>>;

  explicit MilterClient(const std::string& path);
  MilterClient(const MilterClient&) = delete;
  MilterClient& operator=(const MilterClient&) = delete;
  ~MilterClient();

  /// As Postfix 3.7 and Sendmail 8.17 offer it, unless told otherwise.
  Negotiated negotiate(std::uint32_t actions = 0x1ff, std::uint32_t protocol = 0x1fffff,
                       std::uint32_t version = 6);

  void send(char command, const std::string& data = {});
  void macros(char command, const Macros& values);
  /// All packets until flush() go out in one write.
  void hold() { held_ = true; }
  void flush();
  Packet receive();

  // The steps with their macros. RCPT, DATA and the end of the message return the filter's packets.
  void mail(const std::string& argument, const Macros& values = {});
  Packet rcpt(const std::string& argument, const Macros& values = {});
  Packet data(const Macros& values = {});
  std::vector<Packet> end_of_message(const Macros& values = {});

  /// RCPT as Postfix's smtpd sends it.
  Packet smtp_rcpt(const std::string& address, const std::string& queue_id = {});

 private:
  void put(const std::string& bytes);
  std::string get(std::size_t length);
  int socket_;
  bool held_ = false;
  std::string buffer_;
};

}  // namespace suppressd
