// bench_rcpt PORT hit|miss COUNT ENTRIES SEED [COLD_FILE...]: gives COUNT recipients to the SMTP server on
// 127.0.0.1 over eight connections at once, pipelined, in messages that are given up, and prints how many
// seconds that took, and how many recipients there were with those that were not timed.
//
// Several connections, because a server has several clients: with one alone, each answer waits for a
// processor to wake up, and what is measured is the idle machine's sleep. The recipients are drawn from a
// list of ENTRIES (entries.h), those on it or those beside it. Begins with some that are not timed; then the
// COLD_FILEs are taken out of the system's file cache. An answer that does not fit (a hit accepted, a miss
// refused) is an error.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "entries.h"

namespace {

constexpr std::size_t kMessage = 1000;  // recipients a message
constexpr std::size_t kWindow =
    50;  // written at once; two of them are on the way, which fits any socket's buffers
constexpr std::size_t kWarmUp = 100;  // recipients a connection
constexpr std::size_t kConnections = 8;

class Smtp {
 public:
  explicit Smtp(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
      throw std::runtime_error("cannot connect");
    expect("220");
    write_all("EHLO client.sender.example\r\n");
    expect("250");
  }
  ~Smtp() { close(socket_); }
  Smtp(const Smtp&) = delete;
  Smtp& operator=(const Smtp&) = delete;

  void write_all(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = write(socket_, text.data(), text.size());
      if (count <= 0) throw std::runtime_error("the server has hung up");
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  void expect(std::string_view code) {
    const std::string reply = read_reply();
    if (!reply.starts_with(code))
      throw std::runtime_error("expected " + std::string(code) + ", got: " + reply);
  }

 private:
  // The last line of a reply.
  std::string read_reply() {
    for (;;) {
      const std::string line = read_line();
      if (line.size() < 4 || line[3] != '-') return line;
    }
  }

  std::string read_line() {
    for (;;) {
      const std::size_t end = buffer_.find('\n', at_);
      if (end != std::string::npos) {
        std::string line = buffer_.substr(at_, end - at_);
        at_ = end + 1;
        return line;
      }
      buffer_.erase(0, at_);
      at_ = 0;
      char space[16384];
      // smtpd leaves Nagle's algorithm on: a delayed acknowledgement would hold its next replies back for 40
      // ms.
      const int on = 1;
      setsockopt(socket_, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
      const ssize_t count = read(socket_, space, sizeof space);
      if (count <= 0) throw std::runtime_error("the server has hung up");
      buffer_.append(space, static_cast<std::size_t>(count));
    }
  }

  int socket_;
  std::string buffer_;
  std::size_t at_ = 0;
};

struct Round {
  bool hits;
  std::uint64_t entries;
  std::mt19937_64 random;

  std::vector<std::string> recipients(std::size_t count) {
    std::vector<std::string> drawn;
    for (std::size_t i = 0; i < count; ++i) {
      const auto number = random() % entries;
      drawn.push_back("RCPT TO:<" + (hits ? bench::entry(number) : bench::absent(number)) + ">\r\n");
    }
    return drawn;
  }

  void run(Smtp& smtp, const std::vector<std::string>& commands) const {
    const std::string_view code = hits ? "55" : "250";
    for (std::size_t message = 0; message < commands.size(); message += kMessage) {
      const std::size_t end = std::min(commands.size(), message + kMessage);
      smtp.write_all("MAIL FROM:<news@sender.example>\r\n");
      smtp.expect("250");
      std::size_t written = message;
      for (std::size_t read = message; read < end; ++read) {
        while (written < end && written < read + kWindow) {
          std::string window;
          for (const std::size_t stop = std::min(end, written + kWindow); written < stop; ++written)
            window += commands[written];
          smtp.write_all(window);
        }
        smtp.expect(code);
      }
      smtp.write_all("RSET\r\n");
      smtp.expect("250");
    }
  }
};

/// One connection with its commands, warmed up.
class Client {
 public:
  Client(std::uint16_t port, Round round, std::size_t count) : smtp_(port), round_(std::move(round)) {
    round_.run(smtp_, round_.recipients(kWarmUp));
    commands_ = round_.recipients(count);
  }
  void run() { round_.run(smtp_, commands_); }

 private:
  Smtp smtp_;
  Round round_;
  std::vector<std::string> commands_;
};

void forget(const char* path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) throw std::runtime_error(std::string("cannot open ") + path);
  fsync(file);
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  close(file);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fprintf(stderr, "usage: bench_rcpt PORT hit|miss COUNT ENTRIES SEED [COLD_FILE...]\n");
    return 2;
  }
  try {
    const std::uint64_t seed = std::strtoull(argv[5], nullptr, 10);
    const std::size_t each = std::strtoull(argv[3], nullptr, 10) / kConnections;
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t number = 0; number < kConnections; ++number) {
      Round round{std::string_view(argv[2]) == "hit", std::strtoull(argv[4], nullptr, 10),
                  std::mt19937_64(seed + number)};
      clients.push_back(
          std::make_unique<Client>(static_cast<std::uint16_t>(std::atoi(argv[1])), std::move(round), each));
    }
    for (int i = 6; i < argc; ++i) forget(argv[i]);
    const auto begun = std::chrono::steady_clock::now();
    std::vector<std::future<void>> running;
    for (auto& client : clients)
      running.push_back(std::async(std::launch::async, [&client] { client->run(); }));
    for (auto& one : running) one.get();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    std::printf("%.6f %zu\n", seconds, (each + kWarmUp) * kConnections);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_rcpt: %s\n", failure.what());
    return 1;
  }
  return 0;
}
