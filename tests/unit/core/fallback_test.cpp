#include "fallback.h"

#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

FallbackRow row_of(const char* text, Stage stage = Stage::unknown, bool temporary = false) {
  const auto reply = parse_reply(text);
  return fallback(reply.code, reply.status, stage, temporary);
}

TEST(Fallback, DecidesAsTheDesignStates) {
  const std::vector<std::tuple<const char*, Category, const char*>> cases{
      {"550 5.7.999 zx", Category::policy, "status.5.7.x"},
      {"550 5.6.9 zx", Category::content, "status.x.6.x"},
      {"550 5.5.9 zx", Category::protocol, "status.5.5.x"},
      {"550 5.3.9 zx", Category::server_error, "status.x.3.x"},
      {"550 5.4.9 zx", Category::undetermined_temporary, "status.x.4.x"},
      {"550 zx", Category::undetermined_permanent, "code.5xx"},
      {"554 5.0.0 zx", Category::undetermined_permanent, "code.5xx"},
      {"550 5.1.0 zx", Category::undetermined_permanent, "code.5xx"},
      {"550 5.2.0 zx", Category::undetermined_permanent, "code.5xx"},
      {"5.2.0 zx", Category::undetermined_permanent, "status.5.x.x"},
      {"550 5.1.1 zx", Category::bad_mailbox, "status.5.1.1"},
      {"550 5.1.2 zx", Category::bad_domain, "status.5.1.2"},
      {"550 5.1.6 zx", Category::moved, "status.5.1.6"},
      {"550 5.1.8 zx", Category::policy, "status.x.1.8"},
      {"550 5.1.10 zx", Category::bad_mailbox, "status.5.1.10"},
      {"550 5.2.1 zx", Category::mailbox_disabled, "status.5.2.1"},
      {"552 5.2.2 zx", Category::mailbox_full, "status.x.2.2"},
      {"452 4.2.2 zx", Category::mailbox_full, "status.x.2.2"},
      {"552 5.3.4 zx", Category::message_too_large, "status.x.3.4"},
      {"554 5.4.6 zx", Category::routing, "status.x.4.6"},
      {"450 4.7.0 zx", Category::policy, "status.5.7.x"},
      {"421 zx", Category::server_error, "code.421"},
      {"450 zx", Category::undetermined_temporary, "code.4xx"},
      {"535 zx", Category::auth, "code.53x"},
  };
  for (const auto& [text, category, id] : cases) {
    const auto row = row_of(text);
    EXPECT_EQ(name_of(row.category), name_of(category)) << text;
    EXPECT_EQ(row.id, id) << text;
  }
}

TEST(Fallback, RefusalOfTheMessageIsNoDeadMailbox) {
  EXPECT_EQ(row_of("550 zx", Stage::end_of_data).category, Category::content);
  EXPECT_EQ(row_of("550 5.1.1 zx", Stage::end_of_data).category, Category::bad_mailbox)
      << "but a status that names the mailbox counts";
  EXPECT_EQ(row_of("450 zx", Stage::end_of_data).category, Category::undetermined_temporary);
}

TEST(Fallback, WhatTheStatusDoesNotSayForSureIsWeak) {
  EXPECT_TRUE(row_of("550 5.1.1 zx").weak);
  EXPECT_TRUE(row_of("556 zx").weak);
  EXPECT_TRUE(row_of("550 5.2.1 zx").weak);
  EXPECT_TRUE(row_of("550 zx").weak);
}

TEST(Fallback, NothingKnownHasNoRow) {
  for (const auto* text : {"", "hello", "250 2.0.0 Ok", "2.1.5 fine"}) {
    EXPECT_EQ(row_of(text).category, Category::not_understood) << text;
    EXPECT_EQ(row_of(text).id, "") << text;
  }
  EXPECT_EQ(row_of("hello", Stage::unknown, true).category, Category::undetermined_temporary);
}

TEST(Fallback, EveryStatusOfAFailureHasARow) {
  for (std::uint8_t klass = 4; klass <= 5; ++klass) {
    for (std::uint16_t subject = 0; subject <= 9; ++subject) {
      for (std::uint16_t detail = 0; detail <= 60; ++detail) {
        const EnhancedStatus status{klass, subject, detail};
        const auto row = fallback(0, status, Stage::rcpt, false);
        EXPECT_NE(row.id, "") << format_status(status);
        EXPECT_TRUE(is_failure(row.category)) << format_status(status);
      }
    }
  }
}

}  // namespace
}  // namespace suppressd
