#include "json_writer.h"

#include <algorithm>
#include <charconv>

#include "suppressd/base/text.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kLongestText = 64 * 1024;

bool is_plain(char c) {
  return c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
}

}  // namespace

void JsonWriter::separate() {
  if (!buffer_.empty() && buffer_.back() != '{' && buffer_.back() != '[' && buffer_.back() != '\n')
    buffer_ += ',';
}

void JsonWriter::begin_object() {
  separate();
  buffer_ += '{';
}

void JsonWriter::end_object() {
  buffer_ += '}';
}

void JsonWriter::begin_array(std::string_view name) {
  key(name);
  buffer_ += '[';
}

void JsonWriter::end_array() {
  buffer_ += ']';
}

void JsonWriter::key(std::string_view name) {
  separate();
  buffer_ += '"';
  buffer_ += name;
  buffer_ += "\":";
}

void JsonWriter::quote(std::string_view text) {
  buffer_ += '"';
  if (std::ranges::all_of(text, is_plain)) {
    buffer_ += text;
  } else {
    for (const char c : clean(text, kLongestText)) {
      if (c == '"' || c == '\\') buffer_ += '\\';
      buffer_ += c;
    }
  }
  buffer_ += '"';
}

void JsonWriter::member(std::string_view name, std::string_view text) {
  key(name);
  quote(text);
}

void JsonWriter::optional_member(std::string_view name, std::string_view text) {
  key(name);
  if (text.empty())
    buffer_ += "null";
  else
    quote(text);
}

void JsonWriter::optional_member(std::string_view name, int number) {
  key(name);
  if (number == 0) {
    buffer_ += "null";
    return;
  }
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  buffer_.append(digits, end);
}

void JsonWriter::truth(std::string_view name, bool value) {
  key(name);
  buffer_ += value ? "true" : "false";
}

void JsonWriter::element(std::string_view text) {
  separate();
  quote(text);
}

}  // namespace suppressd::ctl
