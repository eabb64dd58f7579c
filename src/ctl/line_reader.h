// The lines of a stream, each exactly once: for output that has one answer per line.
//
// Unlike the sources' LineBuffer, this drops no line: a line that is longer than kLongest is cut. A last
// line without newline is a line; so is an empty one. Memory is bounded. One thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/source/byte_stream.h"

namespace suppressd::ctl {

class LineReader {
 public:
  static constexpr std::size_t kLongest = 256 * 1024;

  explicit LineReader(ByteStream bytes);

  /// nullopt: the end. Without newline and carriage return; valid until the next call.
  Result<std::optional<std::string_view>> next();

 private:
  Result<bool> fill();
  Status skip_rest_of_line();

  ByteStream bytes_;
  std::vector<char> buffer_;
  std::size_t line_ = 0;  ///< Where the current line begins.
  std::size_t scan_ = 0;  ///< No newline before this.
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::string overlong_;  ///< The beginning of a line that did not fit.
};

}  // namespace suppressd::ctl
