// The header of a mail, of a part, or of a group of a delivery report. Private to this layer.
//
// Reads any header, however broken: a line that is not a field ends the header, unless the next one is a
// well-known field. Bounded in bytes and fields (reader.h). Names are compared in lower case. Values are
// unfolded, and otherwise unchanged.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace suppressd::report {

struct Field {
  std::string name;   ///< Lower case.
  std::string value;  ///< On one line, without blanks at either end.
};

class MailHeader {
 public:
  MailHeader() = default;
  /// Removes the header, and the blank line after it, from `text`. Line ends are LF.
  static MailHeader take(std::string_view& text);

  /// Of the first field of that name; empty: there is none.
  std::string_view value(std::string_view name) const;
  bool has(std::string_view name) const;
  std::vector<std::string_view> values(std::string_view name) const;
  void add(Field field) { fields_.push_back(std::move(field)); }
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

/// Whether `line` begins a header field (RFC 5322 section 2.2).
bool is_field(std::string_view line);
/// Whether it begins one that every mail has or may have: `Received`, `From`, `Subject`, `MIME-Version` ...
bool is_known_field(std::string_view line);

/// The first line of `text`, without its line end, which goes too.
std::string_view take_line(std::string_view& text);

}  // namespace suppressd::report
