// Rows that people write by hand: which are in force at once, and which a constraint refuses.

#include <random>

#include <gtest/gtest.h>

#include "suppressd/core/address.h"
#include "suppressd/core/covering_keys.h"

#include "fixture.h"

namespace suppressd::test {
namespace {

class SchemaTest : public StoreTest {
 protected:
  SchemaTest() : database_(open()), ledger_(open_ledger()), shell_(path_) {}

  std::string insert(const std::string& table, const std::string& address) {
    std::string quoted;
    for (const char c : address) quoted += c == '\'' ? "''" : std::string(1, c);
    return shell_.run("INSERT INTO " + table + "(address) VALUES ('" + quoted + "')");
  }

  Database database_;
  Ledger ledger_;
  Shell shell_;
};

TEST_F(SchemaTest, an_address_alone_means_manual_now_and_permanent) {
  ASSERT_EQ(insert("suppression", "a@b.example"), "");
  EXPECT_EQ(shell_.ask("SELECT kind, state, category, until, ref, evidence, actor, abs(since - unixepoch()) "
                       "< 60 FROM suppression"),
            "manual|active|manual|NULL||NULL|sqlite3|1");
  EXPECT_EQ(shell_.ask("SELECT address, kind, until FROM v_suppressed"), "a@b.example|manual|NULL");
}

TEST_F(SchemaTest, canonical_addresses_are_accepted) {
  for (const char* address :
       {"a@b.example", "@b.example", "root@localhost", "a.b+c=d/e@x-y.co.uk", "{x}|~`'!@a.b", "a_b@x_y.z",
        "\"a b\"@x.y", "\"a@b\"@x.y", "\"a..b\"@x.y", "\".a\"@x.y", "\"a.\"@x.y", "\"a\\\"b\"@x.y",
        "\"a\\\\b\"@x.y", "a@[192.0.2.1]", "a@[ipv6:2001:db8::1]", "m\xc3\xbcller@xn--mnchen-3ya.de",
        "a@-x.example", "@.b.example", "@.localhost"}) {
    EXPECT_EQ(insert("suppression", address), "") << address;
    EXPECT_EQ(insert("exemption", address), "") << address;
  }
}

TEST_F(SchemaTest, addresses_that_are_not_canonical_are_refused_with_the_reason) {
  const std::pair<const char*, const char*> cases[] = {
      {"A@b.example", "lower case"},
      {"a@B.example", "lower case"},
      {"<a@b.example>", "without trailing dot"},
      {"a@b.example.", "without trailing dot"},
      {"a@b..example", "A-labels"},
      {"@..b.example", "A-labels"},
      {"@.b.example.", "A-labels"},
      {"@.B.example", "lower case"},
      {"@.", "A-labels"},
      {"@.[192.0.2.1]", "A-labels"},
      {"a@.b.example", "A-labels"},
      {"a@b.example ", "A-labels"},
      {" a@b.example", "blanks"},
      {"a b@b.example", "blanks"},
      {"a@b\xc3\xbc.de", "A-labels"},
      {"@r.example:a@b.example", "source route"},
      {"@r@b.example", "source route"},
      {"\"a\"@b.example", "quotes"},
      {"\"a.b\"@b.example", "quotes"},
      {"a..b@b.example", "quotes"},
      {".a@b.example", "quotes"},
      {"a.@b.example", "quotes"},
      {"a@b@c.example", "quotes"},
      {"\"a\\b\"@b.example", "quotes"},
      {"\"a\"b\"@b.example", "quotes"},
      {"a,b@c.example", "quotes"},
      {"\"@b.example", "quotes"},
      {"a", "user@domain"},
      {"a@", "user@domain"},
      {"@", "user@domain"},
      {"", "user@domain"},
      {"a\tb@c.example", "control characters"},
      {"\"a\nb\"@c.example", "control characters"},
      {"a@[192.0.2.1", "A-labels"},
      {"a@]", "A-labels"},
  };
  for (const auto& [address, reason] : cases) {
    for (const char* table : {"suppression", "exemption"}) {
      const std::string error = insert(table, address);
      EXPECT_TRUE(has(error, "address must be canonical") && has(error, reason))
          << table << " [" << address << "] " << error;
    }
  }
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM suppression"), "0");
}

TEST_F(SchemaTest, an_address_with_a_hidden_end_is_refused) {
  EXPECT_TRUE(has(shell_.run("INSERT INTO suppression(address) VALUES ('a@b.example' || char(0) || 'c')"),
                  "control characters"));
}

// Learning would stop permanently at an address that canonical_address() returns but the table refuses.
TEST_F(SchemaTest, whatever_core_calls_canonical_is_accepted) {
  const std::string alphabet = "aZ0.@\"\\ <>()[],;:-_+'%!\xc3\xbc\x80\x01\x7f";
  const std::vector<std::string> parts = {"user",
                                          "\"a b\"",
                                          "..",
                                          "example.com",
                                          "@",
                                          "[192.0.2.1]",
                                          "[IPv6:::1]",
                                          "b\xc3\xbc"
                                          "cher.example",
                                          "\\\"",
                                          ".",
                                          "-",
                                          "_",
                                          "\xe2\x80\x8b",
                                          "'",
                                          "*",
                                          "?",
                                          "[a-z]"};
  std::mt19937 random(7);
  int taken = 0;
  Transaction transaction(database_);
  for (int i = 0; i < 40000; ++i) {
    std::string text;
    for (auto n = 1 + random() % 5; n > 0; --n) {
      if (random() % 3 == 0)
        text += alphabet[random() % alphabet.size()];
      else
        text += parts[random() % parts.size()];
    }
    if (random() % 2 == 0) text += "@example.com";
    const auto address = canonical_entry(text);
    if (!address) continue;
    ++taken;
    try {
      Query(database_, "INSERT INTO suppression(address) VALUES (?1) ON CONFLICT DO NOTHING", *address).run();
    } catch (const StoreFailure& failure) {
      ADD_FAILURE() << "[" << *address << "] " << failure.message;
    }
  }
  EXPECT_GT(taken, 2000);
  transaction.commit();
  // And the longest of all.
  const auto longest =
      canonical_address(std::string(64, 'a') + "@" + std::string(63, 'b') + "." + std::string(63, 'c') + "." +
                        std::string(63, 'd') + "." + std::string(63, 'e'));
  ASSERT_TRUE(longest);
  EXPECT_EQ(insert("suppression", *longest), "");
}

TEST_F(SchemaTest, values_that_mean_nothing_are_refused) {
  const std::pair<const char*, const char*> cases[] = {
      {"kind) VALUES ('a@b.example', 'bounce'", "kind must be"},
      {"state) VALUES ('a@b.example', 'maybe'", "state must be"},
      {"category) VALUES ('a@b.example', 'Bad Mailbox'", "category must be"},
      {"category) VALUES ('a@b.example', ''", "category must be"},
      {"ref) VALUES ('a@b.example', 'a b'", "ref must consist"},
      {"since, until) VALUES ('a@b.example', 100, 99", "until must not be before since"},
      {"until) VALUES ('a@b.example', '2030-01-01'",
       "cannot store TEXT value in INTEGER column suppression.until"},
      {"since) VALUES ('a@b.example', 'now'", "cannot store TEXT value in INTEGER column suppression.since"},
      {"evidence) VALUES ('a@b.example', 'x'", "cannot store TEXT"},
  };
  for (const auto& [row, reason] : cases) {
    const std::string error = shell_.run(std::string("INSERT INTO suppression(address, ") + row + ")");
    EXPECT_TRUE(has(error, reason)) << row << ": " << error;
  }
  EXPECT_TRUE(has(shell_.run("INSERT INTO suppression(address) VALUES (NULL)"), "NOT NULL"));
}

TEST_F(SchemaTest, one_row_of_each_kind_for_an_address) {
  ASSERT_EQ(insert("suppression", "a@b.example"), "");
  EXPECT_TRUE(has(insert("suppression", "a@b.example"), "UNIQUE"));
  EXPECT_EQ(shell_.run("INSERT INTO suppression(address, kind) VALUES ('a@b.example', 'unsubscribe')"), "");
}

TEST_F(SchemaTest, the_domain_is_the_part_after_the_last_at) {
  for (const char* address : {"\"x@y\"@b.example", "@c.example", "@.d.example", "u@[192.0.2.1]"})
    ASSERT_EQ(insert("suppression", address), "");
  EXPECT_EQ(shell_.ask("SELECT domain FROM suppression ORDER BY address"),
            "b.example\n.d.example\nc.example\n[192.0.2.1]");
}

TEST_F(SchemaTest, every_table_is_strict) {
  EXPECT_EQ(shell_.ask("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
                       "strict = 0 AND name NOT LIKE 'sqlite_%'"),
            "");
}

TEST_F(SchemaTest, every_view_can_be_queried) {
  const std::string views = shell_.ask(
      "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY "
      "name)");
  EXPECT_EQ(
      views,
      "v_alert v_at_risk v_blocked v_breaker v_entry v_half_open v_incident v_incident_transport v_rate "
      "v_streak v_suppressed v_suppressed_transport v_why");
  for (const char* view :
       {"v_alert", "v_at_risk", "v_blocked", "v_breaker", "v_entry", "v_half_open", "v_incident",
        "v_incident_transport", "v_rate", "v_streak", "v_suppressed", "v_suppressed_transport", "v_why"})
    EXPECT_EQ(shell_.ask(std::string("SELECT * FROM ") + view), "");
}

TEST_F(SchemaTest, looking_up_an_address_is_one_descent_each) {
  for (const char* question :
       {"v_suppressed WHERE address = 'a@b.example'", "v_suppressed_transport WHERE address IN ('b', '@b')",
        "v_incident_transport WHERE domain = 'b'"}) {
    const std::string plan = shell_.ask(std::string("EXPLAIN QUERY PLAN SELECT * FROM ") + question);
    EXPECT_FALSE(has(plan, "SCAN k") || has(plan, "SCAN s") || has(plan, "SCAN e")) << plan;
  }
}

TEST_F(SchemaTest, a_streak_that_has_gone_stale_is_not_shown) {
  must(ledger_.save({.stale_after = kDay}));
  shell_.run(
      "INSERT INTO recipient(address, streak, last_failure) VALUES ('stale@b.example', 2, unixepoch() - "
      "86400), ('running@b.example', 2, unixepoch() - 86300), ('untimed@b.example', 1, NULL)");
  const std::string streaks = "SELECT address FROM v_streak ORDER BY address";
  EXPECT_EQ(shell_.ask(streaks), "running@b.example\nuntimed@b.example");
  must(ledger_.save({.stale_after = kForever}));
  EXPECT_EQ(shell_.ask(streaks), "running@b.example\nstale@b.example\nuntimed@b.example");
}

TEST_F(SchemaTest, settings_that_a_learning_program_does_not_have_stay_as_the_daemon_set_them) {
  must(ledger_.save({.stale_after = kDay, .mode = "monitor", .recipient_delimiter = "+-"}));
  must(ledger_.save({.stale_after = 2 * kDay}));
  EXPECT_EQ(shell_.ask("SELECT name, value FROM meta WHERE name LIKE '%.%' ORDER BY name"),
            "milter.mode|monitor\nmilter.recipient_delimiter|+-\nsoft.stale_after|172800");
}

TEST_F(SchemaTest, an_entry_under_a_wider_exemption_is_not_in_the_list) {
  must(ledger_.save({.mode = "enforce", .recipient_delimiter = "+-"}));
  for (const char* address :
       {"anna+x@b.example", "anna-x+y@b.example", "other+anna@b.example", "anna@other.example",
        "anna-request@b.example", "\"anna+ x\"@b.example", "mailer-daemon@b.example", "u@c.example",
        "u@m.c.example", "@m.c.example", "@.m.c.example"})
    ASSERT_EQ(insert("suppression", address), "");
  for (const char* address : {"anna@b.example", "mailer@b.example", "@.c.example"})
    ASSERT_EQ(insert("exemption", address), "");
  const std::string listed = "SELECT address FROM v_suppressed ORDER BY address";
  EXPECT_EQ(shell_.ask(listed),
            "\"anna+ "
            "x\"@b.example\nanna-request@b.example\nanna@other.example\nmailer-daemon@b.example\nother+anna@"
            "b.example\nu@c.example");
  must(ledger_.save({.mode = "enforce", .recipient_delimiter = ""}));
  EXPECT_EQ(shell_.ask("SELECT count(*) FROM v_suppressed WHERE address LIKE 'anna%@b.example'"), "3");
}

// The view and without_extension() must agree, else v_suppressed and the milter differ.
TEST_F(SchemaTest, the_view_and_the_milter_agree_on_extensions) {
  std::mt19937 random(11);
  const std::vector<std::string> parts = {
      "a", "owner", "-", "+", "mailer-daemon", "double-bounce", "request", "-request", "=", "b.c", "'", "_"};
  for (const char* delimiters : {"+", "-", "+-", "-+", "=", "_'"}) {
    must(ledger_.save({.mode = "enforce", .recipient_delimiter = delimiters}));
    int covered = 0;
    for (int i = 0; i < 300; ++i) {
      std::string text;
      for (auto n = 1 + random() % 4; n > 0; --n) text += parts[random() % parts.size()];
      const auto address = canonical_address(text + "@my-host.example");
      if (!address) continue;
      const std::string base = without_extension(*address, delimiters);
      Query(database_, "DELETE FROM suppression").run();
      Query(database_, "DELETE FROM exemption").run();
      Query(database_, "INSERT INTO suppression(address) VALUES (?1)", *address).run();
      if (!base.empty()) Query(database_, "INSERT INTO exemption(address) VALUES (?1)", base).run();
      covered += base.empty() ? 0 : 1;
      EXPECT_EQ(shell_.ask("SELECT exempt FROM v_entry"), base.empty() ? "0" : "1")
          << *address << " " << delimiters;
      // And only that one: any shorter name is another address.
      Query(database_, "DELETE FROM exemption").run();
      for (std::size_t end = 1; end < address->find('@'); ++end) {
        const auto shorter = canonical_address(address->substr(0, end) + "@my-host.example");
        if (shorter && *shorter != base)
          Query(database_, "INSERT INTO exemption(address) VALUES (?1) ON CONFLICT DO NOTHING", *shorter)
              .run();
      }
      EXPECT_EQ(shell_.ask("SELECT exempt FROM v_entry"), "0") << *address << " " << delimiters;
    }
    EXPECT_GT(covered, 10);
  }
}

TEST_F(SchemaTest, the_transport_map_holds_permanent_hard_entries_and_nothing_else) {
  must(ledger_.save({.mode = "enforce", .recipient_delimiter = ""}));
  EXPECT_EQ(shell_.run(
                "INSERT INTO suppression(address, kind, category, since, until, state, ref) VALUES"
                " ('dead@b.example', 'hard', 'bad-mailbox', 1793574000, NULL, 'active', 'ABC'),"
                " ('weak@b.example', 'hard', 'bad-mailbox', 1793574000, unixepoch() + 9999, 'active', 'ABC'),"
                " ('pending@b.example', 'hard', 'bad-mailbox', 1793574000, NULL, 'pending', 'ABC'),"
                " ('full@b.example', 'soft', 'mailbox-full', 1793574000, NULL, 'active', 'ABC'),"
                " ('manual@b.example', 'manual', 'manual', 1793574000, NULL, 'active', ''),"
                " ('exempt@b.example', 'hard', 'bad-mailbox', 1793574000, NULL, 'active', 'ABC'),"
                " ('@c.example', 'hard', 'bad-domain', 1793574000, NULL, 'active', ''),"
                " ('@.d.example', 'hard', 'bad-domain', 1793574000, NULL, 'active', '')"),
            "");
  for (const char* address :
       {"exempt@b.example", "boss@c.example", "boss@m.d.example", "@n.d.example", "boss@d.example"})
    ASSERT_EQ(insert("exemption", address), "");
  const std::string map = "SELECT address, answer FROM v_suppressed_transport ORDER BY address";
  EXPECT_EQ(shell_.ask(map),
            "@.d.example|error:5.1.1 recipient suppressed: bad-domain since 2026-11-01, ref by-hand\n"
            "@c.example|error:5.1.1 recipient suppressed: bad-domain since 2026-11-01, ref by-hand\n"
            "@n.d.example|:\n"
            "boss@c.example|:\n"
            "boss@m.d.example|:\n"
            "dead@b.example|error:5.1.1 recipient suppressed: bad-mailbox since 2026-11-01, ref ABC");
  EXPECT_EQ(
      shell_.ask("SELECT count(*) FROM v_suppressed_transport WHERE address IN ('c.example', '@c.example')"),
      "1");
  must(ledger_.save({.mode = "monitor", .recipient_delimiter = ""}));
  EXPECT_EQ(shell_.ask(map), "");
}

TEST_F(SchemaTest, the_transport_map_of_incidents_has_the_domains_of_open_ones) {
  must(ledger_.save({.mode = "enforce", .recipient_delimiter = ""}));
  shell_.run(
      "INSERT INTO known_good SELECT p, d, unixepoch(), 1, 1, 0, 0 FROM (SELECT 'big' AS p, value AS d"
      " FROM json_each('[\"\", \"a.example\", \"b.example\"]') UNION SELECT 'small', 'c.example')");
  shell_.run(
      "INSERT INTO incident(provider, domain, since, opened, closed, last, sends, failed) VALUES"
      " ('small', '', unixepoch(), unixepoch(), unixepoch(), unixepoch(), 9, 9),"
      " ('big', 'b.example', unixepoch(), unixepoch(), NULL, unixepoch(), 9, 9)");
  const std::string map = "SELECT domain, answer FROM v_incident_transport ORDER BY domain";
  EXPECT_EQ(shell_.ask(map), "b.example|incident:");
  shell_.run(
      "INSERT INTO incident(provider, since, opened, last, sends, failed) VALUES"
      " ('big', unixepoch(), unixepoch(), unixepoch(), 9, 9)");
  EXPECT_EQ(shell_.ask(map), "a.example|incident:\nb.example|incident:");
  must(ledger_.save({.mode = "monitor", .recipient_delimiter = ""}));
  EXPECT_EQ(shell_.ask(map), "");
}

}  // namespace
}  // namespace suppressd::test
