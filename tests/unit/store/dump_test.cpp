#include "dump.h"

#include <gtest/gtest.h>

#include "fixture.h"

namespace suppressd::test {
namespace {

using DumpTest = StoreTest;
using Kind = SuppressionKind;

std::vector<std::string> lines_of(Database& database) {
  std::vector<std::string> lines;
  must(dump(database, [&](std::string_view line) { lines.emplace_back(line); }));
  return lines;
}

void learn(const Database& database, const std::vector<std::string>& addresses) {
  Ledger ledger = must(Ledger::open(database.path(), Ledger::Mode::write, Ledger::Durability::learning));
  Batch batch = must(ledger.begin());
  for (const std::string& address : addresses) {
    AddressRecord* record = must(batch.record(address));
    Suppression row = entry(address, Kind::hard);
    row.evidence_id = must(batch.save(evidence_of(failure(address))));
    record->entry(Kind::hard) = row;
    record->recipient.last_failure = kNow;
    batch.changed(*record);
    must(batch.add_change({.at = kNow,
                           .address = address,
                           .act = ChangeAct::suppressed,
                           .evidence_id = row.evidence_id,
                           .actor = "suppressd"}));
    const Message message{.key = {"mx", "postfix", "4" + address, kNow}, .last_line = kNow};
    const Send send{.address = address, .first_failed = kNow, .last_failed = kNow};
    must(batch.save(TrackerChanges{
        .removed = {}, .messages = {message}, .sends = {{message.key, send}}, .removed_sends = {}}));
    must(batch.save(Brake::Changes{.written = {{"provider." + address, kNow, 1, 1}}, .removed = {}}));
  }
  must(batch.commit());
}

TEST_F(DumpTest, an_empty_database_prints_nothing) {
  Database database = open();
  EXPECT_TRUE(lines_of(database).empty());
}

TEST_F(DumpTest, equal_states_print_equal_bytes_however_they_were_reached) {
  Database one = open();
  learn(one, {"a@b.example", "c@d.example", "e@f.example"});
  path_ = folder_ + "/other.db";
  Database two = open();
  learn(two, {"x@y.example"});
  Shell(path_).run(
      "DELETE FROM evidence; PRAGMA foreign_keys; DELETE FROM recipient; DELETE FROM message; DELETE FROM "
      "send; DELETE FROM traffic");
  Shell shell(path_);
  shell.ask("SELECT 1");
  two.execute("DELETE FROM suppression; DELETE FROM audit; DELETE FROM recipient");
  learn(two, {"e@f.example", "c@d.example"});
  Ledger ledger = open_ledger();
  Batch batch = must(ledger.begin());
  must(batch.save_cursor({.kind = "file", .source = "/var/log/mail.log", .first_line = "f", .offset = 1}));
  must(batch.add_gap({.from = kNow, .to = kNow, .source = "/var/log/mail.log", .reason = "r"}));
  must(batch.add_refusals({{.at = kNow, .address = "a@b.example"}}, 5));
  must(batch.commit());
  learn(two, {"a@b.example"});
  EXPECT_EQ(lines_of(one), lines_of(two));
  EXPECT_EQ(lines_of(one).size(), 7u * 3);
}

TEST_F(DumpTest, a_difference_in_any_table_shows) {
  Database database = open();
  learn(database, {"a@b.example"});
  auto before = lines_of(database);
  for (const char* change :
       {"UPDATE suppression SET until = 4000000000", "UPDATE suppression SET evidence = NULL",
        "UPDATE recipient SET streak = 9", "UPDATE message SET ended = 9", "UPDATE send SET attempts = 9",
        "UPDATE evidence SET text = 'x'", "UPDATE audit SET cause = 'x'", "UPDATE traffic SET hard = 9",
        "INSERT INTO exemption VALUES ('z@z.example', 1, '', '')",
        "INSERT INTO act(at, act) VALUES (1, 'lift')",
        "INSERT INTO rate VALUES ('provider', 'b.example', 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0)",
        "INSERT INTO domain(domain) VALUES ('z.example')", "UPDATE domain SET last_delivery = 9",
        "UPDATE domain SET hours = '1 2 3'", "UPDATE evidence SET against = '@b.example'",
        "INSERT INTO delivery(message, address, at, host, instance, queue_id, entered)"
        " VALUES ('m', 'a@b.example', 1, 'mx', 'postfix', '4A', 1)"}) {
    database.execute(change);
    const auto after = lines_of(database);
    EXPECT_NE(before, after) << change;
    before = after;
  }
}

TEST_F(DumpTest, rows_refer_by_natural_key) {
  Database database = open();
  learn(database, {"a@b.example"});
  const std::string key = "a@b.example|" + std::to_string(to_unix(kNow)) + "|mx|4XYZ|failed";
  EXPECT_EQ(key, natural_key(failure("a@b.example")));
  const auto lines = lines_of(database);
  EXPECT_TRUE(has(lines.front(), R"({"table":"suppression","address":"a@b.example","kind":"hard")"))
      << lines.front();
  EXPECT_TRUE(has(lines.front(), R"("evidence":")" + key + '"')) << lines.front();
  EXPECT_TRUE(has(lines.front(), R"("since":"2026-11-01T23:00:00Z","until":null)")) << lines.front();
}

TEST_F(DumpTest, the_state_before_a_change_refers_by_natural_key_too) {
  Database database = open();
  learn(database, {"a@b.example"});
  EXPECT_EQ(Shell(path_).run("DELETE FROM suppression"), "");
  for (const std::string& line : lines_of(database))
    if (has(line, "row deleted by hand") && has(line, R"("table":"audit")")) {
      EXPECT_TRUE(has(line, natural_key(failure("a@b.example")) + R"(","note")")) << line;
      return;
    }
  FAIL() << "no such line";
}

TEST_F(DumpTest, rows_come_in_the_order_of_their_bytes) {
  Database database = open();
  learn(database, {"b@x.example", "a_@x.example", "aa@x.example", "\xc3\xbc@x.example", "@x.example"});
  const std::string kStart = R"({"table":"suppression","address":")";
  std::string order;
  for (const std::string& line : lines_of(database))
    if (line.starts_with(kStart))
      order += line.substr(kStart.size(), line.find("\",\"kind") - kStart.size()) + " ";
  EXPECT_EQ(order, "@x.example a_@x.example aa@x.example b@x.example \xc3\xbc@x.example ");
}

TEST_F(DumpTest, of_the_list_there_is_no_audit_no_count_and_nothing_of_the_host) {
  Database database = open();
  learn(database, {"a@b.example"});
  std::string tables;
  must(dump(
      database,
      [&](std::string_view line) {
        const auto from = line.find(':') + 2;
        tables.append(line.substr(from, line.find('"', from) - from)).append(" ");
      },
      DumpScope::list));
  EXPECT_EQ(tables, "suppression recipient evidence ");
}

}  // namespace
}  // namespace suppressd::test
