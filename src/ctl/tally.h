// What a command tells people about each address: a line each for a few, and for many a summary with
// the exceptions.
//
// Nothing is printed with `--json`, where every address gets an object. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "output.h"

namespace suppressd::ctl {

class Tally {
 public:
  static constexpr std::size_t kFew = 10;

  /// For this number of addresses.
  Tally(Output& out, std::size_t addresses) : out_(out), addresses_(addresses) {}

  /// The expected outcome. `outcome` (`lifted`) is counted; `lines` are for the address alone.
  void usual(std::string_view outcome, const std::vector<std::string>& lines);
  /// An outcome that deserves attention: the first few get their lines in any case.
  void exception(std::string_view outcome, const std::vector<std::string>& lines);
  /// `12000 addresses: 11998 lifted, 2 with nothing to lift`. Also after an error, for the reported
  /// ones.
  void finish();

 private:
  bool few() const { return addresses_ <= kFew; }
  void count(std::string_view outcome);
  void print(const std::vector<std::string>& lines);

  Output& out_;
  std::size_t addresses_;
  std::size_t exceptions_ = 0;
  std::vector<std::pair<std::string, std::size_t>> outcomes_;
};

}  // namespace suppressd::ctl
