#include "json_writer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace suppressd::ctl {
namespace {

TEST(JsonWriter, every_byte_value_gives_valid_json) {
  std::string text;
  for (int byte = 0; byte < 256; ++byte) text += static_cast<char>(byte);
  JsonWriter json;
  json.begin_object();
  json.member("text", text);
  json.end_object();
  EXPECT_TRUE(nlohmann::json::parse(json.text(), nullptr, false).is_object());
}

TEST(JsonWriter, quotes_and_backslashes_are_read_back) {
  JsonWriter json;
  json.begin_object();
  json.member("text", R"("a\b"@example.com)");
  json.end_object();
  EXPECT_EQ(nlohmann::json::parse(json.text())["text"], R"("a\b"@example.com)");
}

TEST(JsonWriter, members_and_elements_are_separated) {
  JsonWriter json;
  json.begin_object();
  json.begin_array("list");
  json.element("a");
  json.element("b");
  json.begin_object();
  json.member("won", true);
  json.end_object();
  json.end_array();
  json.optional_member("none", "");
  json.optional_member("zero", 0);
  json.optional_member("code", 550);
  json.end_object();
  json.end_line();
  EXPECT_EQ(json.text(), R"({"list":["a","b",{"won":true}],"none":null,"zero":null,"code":550})"
                         "\n");
}

TEST(JsonWriter, text_that_ends_like_the_beginning_of_a_structure_does_not_swallow_a_comma) {
  JsonWriter json;
  json.begin_object();
  json.begin_array("list");
  json.element("[");
  json.element("{");
  json.end_array();
  json.end_object();
  EXPECT_EQ(nlohmann::json::parse(json.text())["list"].size(), 2U);
}

}  // namespace
}  // namespace suppressd::ctl
