// A client on the milter socket that breaks the protocol.
//
// Each session is an orderly one that a generator, seeded by the caller, then spoils: packets that
// are missing, doubled, exchanged, cut short, binary, far too long or of a wrong length, and
// connections that end in the middle. The same seed gives the same session. Each object is used by
// one thread.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace suppressd {

class HostileClient {
 public:
  HostileClient(std::string path, std::uint64_t seed) : path_(std::move(path)), random_(seed) {}

  /// Runs one session. True: the filter has ended it too, or the client did not wait for it. False:
  /// the filter hangs.
  bool session();

 private:
  bool chance(int percent) { return below(100) < percent; }
  int below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }
  std::string bytes(int length);
  std::string word();
  std::string packet(char command, const std::string& data);
  void add_message(std::vector<std::string>& packets);
  std::vector<std::string> orderly();
  void spoil(std::vector<std::string>& packets);

  std::string path_;
  std::mt19937_64 random_;
};

}  // namespace suppressd
