#include "suppressd/core/outcome_json.h"

#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "suppressd/base/utf8.h"

namespace suppressd {
namespace {

/// Outcomes of any values, with texts of any bytes.
class RandomOutcomes {
 public:
  explicit RandomOutcomes(std::uint64_t seed) : random_(seed) {}

  Outcome next() {
    Outcome outcome;
    outcome.kind = static_cast<OutcomeKind>(below(4));
    outcome.origin = static_cast<Origin>(below(2));
    outcome.ended_by = static_cast<EndedBy>(below(5));
    outcome.address = text();
    outcome.at = time();
    outcome.message = {.host = text(), .instance = text(), .queue_id = text(), .entered = time()};
    outcome.sender = text();
    if (below(2) == 0) outcome.first_failed = time();
    outcome.attempts = static_cast<int>(below(2) == 0 ? below(100) : 2147483647);
    outcome.returned = below(2) == 0;
    outcome.failing_beside = static_cast<int>(below(100));
    outcome.message_id = text();
    outcome.full_message_id = text();
    outcome.tags = {.campaign = text(), .source = text(), .account = text(), .contact = text()};
    outcome.reason = {.judgement = {.category = static_cast<Category>(below(kCategoryCount)),
                                    .action = static_cast<Action>(below(4)),
                                    .weak = below(2) == 0,
                                    .rule = text()},
                      .code = static_cast<int>(below(1000)),
                      .status = status(),
                      .stage = static_cast<Stage>(below(10)),
                      .provider = text(),
                      .relay = text(),
                      .text = text()};
    return outcome;
  }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }

 private:
  Time time() { return from_unix(static_cast<std::int64_t>(below(300'000'000'000)) - 50'000'000'000); }
  EnhancedStatus status() {
    if (below(3) == 0) return {};
    return {.klass = static_cast<std::uint8_t>(below(2) + 4),
            .subject = static_cast<std::uint16_t>(below(1000)),
            .detail = static_cast<std::uint16_t>(below(1000))};
  }
  std::string text() {
    const char* const parts[] = {"a",
                                 "\"",
                                 "\\",
                                 "{",
                                 "\n",
                                 "\x01",
                                 "\x7F",
                                 "ä",
                                 "€",
                                 "\xF0\x9F\x93\xAC",
                                 "\xFF",
                                 "\xC3",
                                 "\xE2\x82",
                                 "\xED\xA0\x80",
                                 "\xF4\x90\x80\x80",
                                 "\xC0\xAF"};
    std::string text;
    for (auto length = below(4) == 0 ? below(600) : below(5); length > 0; --length) {
      const auto part = below(std::size(parts) + 1);
      if (part == std::size(parts))
        text += '\0';
      else
        text += parts[part];
    }
    return text;
  }

  std::mt19937_64 random_;
};

std::string well_formed(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    char32_t character = 0;
    auto length = next_character(text, character);
    if (length == 0) {
      length = broken_length(text);
      character = 0xFFFD;
    }
    append_character(result, character);
    text.remove_prefix(length);
  }
  return result;
}

Outcome well_formed(Outcome outcome) {
  auto& message = outcome.message;
  auto& reason = outcome.reason;
  auto& tags = outcome.tags;
  for (auto* text :
       {&outcome.address, &outcome.sender, &outcome.message_id, &outcome.full_message_id, &message.host,
        &message.instance, &message.queue_id, &tags.campaign, &tags.source, &tags.account, &tags.contact,
        &reason.judgement.rule, &reason.provider, &reason.relay, &reason.text})
    *text = well_formed(*text);
  return outcome;
}

Outcome read(const std::string& json) {
  auto outcome = outcome_from(json);
  EXPECT_TRUE(outcome) << outcome.error().message;
  return outcome ? *outcome : Outcome{};
}

std::string error_of(const nlohmann::json& json) {
  const auto outcome = outcome_from(json.dump());
  return outcome ? "" : outcome.error().message;
}

TEST(OutcomeJson, every_outcome_is_read_back_with_invalid_text_replaced) {
  RandomOutcomes outcomes(1);
  for (int i = 0; i < 3000; ++i) {
    const auto outcome = outcomes.next();
    const auto json = json_of(outcome);
    ASSERT_TRUE(is_utf8(json));
    const auto again = read(json);
    ASSERT_EQ(again, well_formed(outcome)) << json;
    ASSERT_EQ(json_of(again), json);
  }
}

TEST(OutcomeJson, fields_of_a_newer_program_are_ignored) {
  auto json = nlohmann::json::parse(json_of(Outcome{.address = "a@b.example"}));
  json["colour"] = {{"deep", {1, 2, 3}}};
  json["reason"]["colour"] = "red";
  json["message"]["colour"] = nullptr;
  EXPECT_EQ(read(json.dump()), Outcome{.address = "a@b.example"});
}

// Each field in turn.
TEST(OutcomeJson, a_field_that_is_missing_or_wrong_is_named_with_what_would_be_right) {
  const auto right = nlohmann::json::parse(json_of(Outcome{}));
  const auto flat = right.flatten();
  int fields = 0;
  for (const auto& path : flat.items()) {
    ++fields;
    const nlohmann::json::json_pointer pointer(path.key());
    auto name = path.key().substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    auto missing = right;
    missing[pointer.parent_pointer()].erase(pointer.back());
    EXPECT_EQ(error_of(missing).rfind('"' + name + "\" is missing: it must be ", 0), 0U) << error_of(missing);
    for (const auto& wrong : {nlohmann::json(-1.5), nlohmann::json::array(), nlohmann::json::object()}) {
      auto changed = right;
      changed[pointer] = wrong;
      EXPECT_EQ(error_of(changed).rfind('"' + name + "\" must be ", 0), 0U) << error_of(changed);
    }
  }
  EXPECT_EQ(fields, 30);
}

TEST(OutcomeJson, a_value_out_of_its_range_is_not_taken) {
  const auto with = [](const char* pointer, const nlohmann::json& value) {
    auto json = nlohmann::json::parse(json_of(Outcome{}));
    json[nlohmann::json::json_pointer(pointer)] = value;
    return error_of(json);
  };
  EXPECT_EQ(with("/reason/code", 1000), "\"reason.code\" must be a whole number from 0 to 999");
  EXPECT_EQ(with("/attempts", -1), "\"attempts\" must be a whole number from 0 to 2147483647");
  EXPECT_EQ(with("/kind", "bounced"), "\"kind\" must be delivered, relayed, failed or complaint");
  EXPECT_EQ(with("/reason/status", "5.1"), "\"reason.status\" must be an enhanced status as 5.1.1, or empty");
  for (const auto& at : {nlohmann::json(253402300800), nlohmann::json(-253402300800),
                         nlohmann::json(18446744073709551615U), nlohmann::json("1790000000")})
    EXPECT_EQ(with("/at", at), "\"at\" must be a time in Unix seconds, up to the year 9999");
  EXPECT_EQ(with("/message", "a"), "\"message\" must be an object");
}

TEST(OutcomeJson, invalid_json_is_an_error_and_nothing_worse) {
  for (const std::string json : {"", "{", "[]", "null", "1", "{\"kind\":\"failed\"}", "{\"a\":\"\xFF\"}"})
    EXPECT_FALSE(outcome_from(json)) << json;
  EXPECT_FALSE(outcome_from(std::string(kOutcomeJsonLimit + 1, ' ')));
  EXPECT_FALSE(outcome_from(std::string(kOutcomeJsonLimit, '[')));
  std::string many = "{";
  for (int i = 0; i < 100000; ++i) many += "\"" + std::to_string(i) + "\":1,";
  EXPECT_FALSE(outcome_from(many + "\"last\":1}"));
  RandomOutcomes outcomes(2);
  for (int i = 0; i < 3000; ++i) {
    auto json = json_of(outcomes.next());
    json[outcomes.below(json.size())] = static_cast<char>(outcomes.below(256));
    const auto outcome = outcome_from(json);
    if (outcome) {
      EXPECT_EQ(read(json_of(*outcome)), *outcome);
    }
  }
}

}  // namespace
}  // namespace suppressd
