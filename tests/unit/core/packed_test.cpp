#include "suppressd/core/packed.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

enum class Colour : std::uint8_t { red, blue = 200 };

TEST(Packed, numbers_come_back_from_one_end_of_their_range_to_the_other) {
  std::vector<std::int64_t> numbers{0, -1, std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max()};
  for (int bits = 1; bits < 63; ++bits)
    for (const std::int64_t step : {-1, 0, 1}) {
      numbers.push_back((std::int64_t{1} << bits) + step);
      numbers.push_back(-(std::int64_t{1} << bits) + step);
    }
  std::string bytes;
  for (const auto number : numbers) Packer{bytes}(number);
  Unpacker unpacker(bytes.data());
  for (const auto number : numbers) {
    std::int64_t read = 7;
    unpacker(read);
    EXPECT_EQ(read, number);
  }
}

TEST(Packed, every_kind_of_value_comes_back) {
  const auto most = std::numeric_limits<std::uint64_t>::max();
  const std::string with_null("a\0b", 3);
  const std::optional<Time> none;
  const std::optional<std::string> some = "text";
  std::string bytes;
  Packer{bytes}(true, false, Colour::blue, most, from_unix(-5), with_null, std::string_view{}, none, some,
                std::string(70000, 'x'));

  bool yes = false;
  bool no = true;
  auto colour = Colour::red;
  std::uint64_t number = 0;
  Time at;
  std::string text;
  std::string_view empty = "not empty";
  std::optional<Time> time = from_unix(1);
  std::optional<std::string> word;
  std::string_view long_text;
  Unpacker{bytes.data()}(yes, no, colour, number, at, text, empty, time, word, long_text);
  EXPECT_TRUE(yes);
  EXPECT_FALSE(no);
  EXPECT_EQ(colour, Colour::blue);
  EXPECT_EQ(number, most);
  EXPECT_EQ(at, from_unix(-5));
  EXPECT_EQ(text, with_null);
  EXPECT_EQ(empty, "");
  EXPECT_EQ(time, std::nullopt);
  EXPECT_EQ(word, "text");
  EXPECT_EQ(long_text, std::string(70000, 'x'));
  EXPECT_EQ(long_text.data() + long_text.size(), bytes.data() + bytes.size());
}

TEST(Packed, what_is_short_takes_little) {
  std::string bytes;
  Packer{bytes}(63, -64, std::optional<Time>{}, std::string("abc"));
  EXPECT_EQ(bytes.size(), 1u + 1u + 1u + 4u);
}

}  // namespace
}  // namespace suppressd
