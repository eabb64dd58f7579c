// What suppressctl prints on standard output: lines for people, or one JSON object per line.
//
// Control characters and invalid UTF-8 are removed from text for people, whatever the database contains; JSON
// is valid UTF-8. Colours are used on a terminal only, and never if NO_COLOR is set. Output is collected and
// written in large pieces; finish() says whether all of it could be written. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "suppressd/base/result.h"

namespace suppressd::ctl {

enum class Colour { none, red, green, yellow, bold, faint };

class Output {
 public:
  /// `json`: the user asked for `--json`.
  explicit Output(bool json);

  bool json() const { return json_; }

  void line(std::string_view text = {});
  void object(const nlohmann::ordered_json& value);
  /// Bytes as they are, for text that is built and escaped elsewhere.
  void raw(std::string_view bytes);

  std::string paint(Colour colour, std::string_view text) const;

  Status finish();

 private:
  void flush();

  bool json_;
  bool coloured_;
  bool failed_ = false;
  int error_ = 0;
  std::string buffer_;
};

/// Rows in aligned columns. Widths count characters, not bytes; the last column is not padded.
class Table {
 public:
  explicit Table(std::vector<std::string> headings);
  void row(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  void print(Output& output) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

/// `1 address`, `3 addresses`.
std::string count_of(std::size_t count, std::string_view one, std::string_view many);

}  // namespace suppressd::ctl
