// JSON written directly into one buffer, for output of millions of lines.
//
// The same escapes as the JSON library's, and always valid UTF-8, but no document tree. The caller must
// close its objects. One thread.
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
