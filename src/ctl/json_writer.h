// The objects of `classify`, built by hand into one buffer.
//
// Kept beside nlohmann-json because `classify` writes millions of them: with a tree per line it takes 1.9
// times the processor time for replies and 2.5 times for lines of a log (300,000 of each). All other output
// is nlohmann's. Always valid UTF-8; control characters become blanks. The caller closes what it opens. One
// thread.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace suppressd::ctl {

class JsonWriter {
 public:
  void begin_object();
  void end_object();
  void begin_array(std::string_view key);
  void end_array();

  // Members of an object; empty text and 0 are written as null where a value is optional.
  void member(std::string_view key, std::string_view text);
  void optional_member(std::string_view key, std::string_view text);
  void optional_member(std::string_view key, int number);
  void member(std::string_view key, std::same_as<bool> auto value) {
    truth(key, value);
  }  // a literal is text, not a truth
  /// An element of an array.
  void element(std::string_view text);

  void end_line() { buffer_ += '\n'; }
  std::string_view text() const { return buffer_; }
  void clear() { buffer_.clear(); }

 private:
  void separate();
  void key(std::string_view name);
  void truth(std::string_view name, bool value);
  void quote(std::string_view text);

  std::string buffer_;
};

}  // namespace suppressd::ctl
