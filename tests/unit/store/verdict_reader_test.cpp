#include "suppressd/store/verdict_reader.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "fixture.h"

namespace suppressd::test {
namespace {

using Answer = LookupResult::Answer;
using Kind = SuppressionKind;

class VerdictReaderTest : public StoreTest {
 protected:
  VerdictReaderTest() : database_(open()), reader_(path_) {}

  LookupResult find(const std::string& address, Time now = kNow) {
    return reader_.find({address, {}}, {}, now);
  }
  bool refused(const std::string& address, Time now = kNow) {
    const LookupResult result = find(address, now);
    EXPECT_NE(result.answer, Answer::error) << result.error;
    return result.answer == Answer::suppressed;
  }

  Database database_;
  VerdictReader reader_;
};

TEST_F(VerdictReaderTest, an_unknown_address_is_clear) {
  EXPECT_FALSE(refused("a@b.example"));
}

TEST_F(VerdictReaderTest, an_entry_is_read_back_as_it_was_written) {
  auto row = entry("a@b.example", Kind::hard);
  row.until = kNow + kDay;
  row.note = "asked by phone";
  row.evidence_id = 7;
  put(database_, {row});
  const LookupResult result = find("a@b.example");
  ASSERT_EQ(result.answer, Answer::suppressed);
  const Suppression& got = result.entry;
  EXPECT_EQ(got.address, row.address);
  EXPECT_EQ(got.kind, row.kind);
  EXPECT_EQ(got.state, row.state);
  EXPECT_EQ(got.category, row.category);
  EXPECT_EQ(got.rule, row.rule);
  EXPECT_EQ(got.provider, row.provider);
  EXPECT_EQ(got.since, row.since);
  EXPECT_EQ(got.until, row.until);
  EXPECT_EQ(got.ref, row.ref);
  EXPECT_EQ(got.evidence_id, row.evidence_id);
  EXPECT_EQ(got.note, row.note);
  EXPECT_EQ(got.actor, row.actor);
}

TEST_F(VerdictReaderTest, an_answer_says_whether_enforcement_is_off_at_that_time) {
  put(database_, {entry("a@b.example", Kind::hard)});
  const auto enforced = [&](Time now) { return find("a@b.example", now).enforced; };
  EXPECT_TRUE(enforced(kNow));
  const auto off = [&](Time since, Time until) {
    run(database_, "INSERT INTO enforcement_off(since, until) VALUES (?1, ?2)", since, until);
  };
  off(kNow - kDay, kNow + kDay);
  EXPECT_FALSE(enforced(kNow));
  EXPECT_FALSE(enforced(kNow + kDay - Duration{1}));
  EXPECT_TRUE(enforced(kNow + kDay)) << "it ends by itself";
  off(kNow, kNow);
  EXPECT_TRUE(enforced(kNow)) << "the newest row decides";
}

TEST_F(VerdictReaderTest, the_kinds_decide_in_their_order) {
  const Kind order[] = {Kind::soft, Kind::hard, Kind::manual, Kind::unsubscribe, Kind::complaint};
  for (const Kind kind : order) {
    put(database_, {entry("a@b.example", kind)});
    EXPECT_EQ(find("a@b.example").entry.kind, kind);
  }
}

TEST_F(VerdictReaderTest, an_entry_that_is_not_in_force_leaves_the_decision_to_the_next) {
  auto complaint = entry("a@b.example", Kind::complaint);
  complaint.until = kNow;
  auto pending = entry("a@b.example", Kind::hard);
  pending.state = SuppressionState::pending;
  put(database_, {complaint});
  put(database_, {pending});
  EXPECT_FALSE(refused("a@b.example"));
  put(database_, {entry("a@b.example", Kind::soft)});
  EXPECT_EQ(find("a@b.example").entry.kind, Kind::soft);
}

TEST_F(VerdictReaderTest, until_is_the_first_second_that_no_longer_refuses) {
  auto row = entry("a@b.example", Kind::soft);
  row.until = kNow + Duration{10};
  put(database_, {row});
  EXPECT_TRUE(refused("a@b.example", kNow + Duration{9}));
  EXPECT_FALSE(refused("a@b.example", kNow + Duration{10}));
}

TEST_F(VerdictReaderTest, a_domain_entry_refuses_its_addresses_and_no_others) {
  put(database_, {entry("@b.example", Kind::manual)});
  EXPECT_TRUE(refused("a@b.example"));
  EXPECT_TRUE(refused("\"x@y\"@b.example"));
  EXPECT_FALSE(refused("a@sub.b.example"));
  EXPECT_FALSE(refused("b.example@c.example"));
}

TEST_F(VerdictReaderTest, the_entry_of_the_address_decides_before_that_of_the_domain) {
  put(database_, {entry("@b.example", Kind::complaint), entry("a@b.example", Kind::soft)});
  EXPECT_EQ(find("a@b.example").entry.address, "a@b.example");
  EXPECT_EQ(find("other@b.example").entry.address, "@b.example");
}

TEST_F(VerdictReaderTest, an_entry_for_subdomains_refuses_them_at_any_depth_and_not_the_domain_itself) {
  put(database_, {entry("@.b.example", Kind::manual)});
  EXPECT_TRUE(refused("a@sub.b.example"));
  EXPECT_TRUE(refused("a@deep.sub.b.example"));
  EXPECT_FALSE(refused("a@b.example"));
  EXPECT_FALSE(refused("a@xb.example"));
  EXPECT_FALSE(refused("a@b.example.other.example"));
  put(database_, {entry("@.example", Kind::manual)});
  EXPECT_TRUE(refused("a@b.example"));
  EXPECT_FALSE(refused("a@[192.0.2.1]"));
}

TEST_F(VerdictReaderTest, the_entry_with_the_most_specific_key_decides) {
  const char* const wider[] = {"@.example", "@.b.example", "@m.b.example", "a@m.b.example",
                               "a+x@m.b.example"};
  for (const char* address : wider) {
    put(database_, {entry(address, address[1] == '.' ? Kind::complaint : Kind::soft)});
    const LookupResult result = reader_.find(CoveringKeys{"a+x@m.b.example", "+"}, {}, kNow);
    ASSERT_EQ(result.answer, Answer::suppressed) << result.error;
    EXPECT_EQ(result.entry.address, address);
  }
}

TEST_F(VerdictReaderTest, a_tagged_address_is_refused_with_its_base_and_not_the_reverse) {
  put(database_, {entry("anna@b.example", Kind::hard), entry("boris+tag@b.example", Kind::hard)});
  const auto answer = [&](const char* address, const char* delimiters) {
    return reader_.find(CoveringKeys{address, delimiters}, {}, kNow).answer;
  };
  EXPECT_EQ(answer("anna+tag@b.example", "+"), Answer::suppressed);
  EXPECT_EQ(answer("anna+tag@b.example", ""), Answer::clear);
  EXPECT_EQ(answer("anna-tag@b.example", "+"), Answer::clear);
  EXPECT_EQ(answer("anna-tag@b.example", "+-"), Answer::suppressed);
  EXPECT_EQ(answer("boris@b.example", "+"), Answer::clear);
  EXPECT_EQ(answer("boris+other@b.example", "+"), Answer::clear);
}

TEST_F(VerdictReaderTest, an_exemption_covers_tagged_addresses_and_subdomains_as_an_entry_does) {
  put(database_, {entry("a+x@b.example", Kind::hard), entry("c@m.d.example", Kind::hard),
                  entry("@.e.example", Kind::hard)});
  Shell shell(path_);
  shell.run("INSERT INTO exemption(address) VALUES ('a@b.example'), ('@.d.example'), ('@f.e.example')");
  EXPECT_EQ(reader_.find(CoveringKeys{"a+x@b.example", "+"}, {}, kNow).answer, Answer::clear);
  EXPECT_EQ(reader_.find(CoveringKeys{"a+x@b.example", ""}, {}, kNow).answer, Answer::suppressed);
  EXPECT_FALSE(refused("c@m.d.example"));
  EXPECT_FALSE(refused("x@f.e.example"));
  EXPECT_TRUE(refused("x@g.e.example"));
}

TEST_F(VerdictReaderTest, exempt_addresses_and_domains_are_clear) {
  put(database_, {entry("a@b.example", Kind::hard), entry("c@d.example", Kind::hard),
                  entry("@e.example", Kind::manual)});
  Shell shell(path_);
  shell.run("INSERT INTO exemption(address) VALUES ('a@b.example'), ('@d.example'), ('f@e.example')");
  EXPECT_FALSE(refused("a@b.example"));
  EXPECT_FALSE(refused("c@d.example"));
  EXPECT_FALSE(refused("f@e.example"));
  EXPECT_TRUE(refused("g@e.example"));
  shell.run("DELETE FROM exemption");
  EXPECT_TRUE(refused("a@b.example"));
}

TEST_F(VerdictReaderTest, an_exemption_is_known_without_an_entry) {
  database_.execute("INSERT INTO exemption(address) VALUES ('vip@b.example'), ('@c.example')");
  for (const auto* address : {"vip@b.example", "anybody@c.example"})
    EXPECT_TRUE(*reader_.exempt({address, {}})) << address;
  for (const auto* address : {"other@b.example", "vip@sub.c.example"})
    EXPECT_FALSE(*reader_.exempt({address, {}})) << address;
  EXPECT_FALSE(VerdictReader(path_ + ".missing").exempt({"vip@b.example", {}}));
}

TEST_F(VerdictReaderTest, a_row_written_by_hand_is_in_force_at_once) {
  EXPECT_FALSE(refused("a@b.example"));
  Shell shell(path_);
  shell.run("INSERT INTO suppression(address) VALUES ('a@b.example')");
  EXPECT_TRUE(refused("a@b.example", from_unix(4000000000)));
  shell.run("DELETE FROM suppression");
  EXPECT_FALSE(refused("a@b.example", from_unix(4000000000)));
}

TEST_F(VerdictReaderTest, an_entry_for_one_sender_domain_holds_under_every_key) {
  const auto scoped = [&](const std::string& address, Kind kind) {
    auto row = entry(address, kind);
    row.scope = "shop.example";
    return row;
  };
  put(database_, {scoped("a@b.example", Kind::unsubscribe), entry("a@b.example", Kind::hard)});
  put(database_, {scoped("@c.example", Kind::manual)});
  put(database_, {scoped("@.d.example", Kind::manual)});
  const auto decides = [&](const std::string& address, const std::string& sender) {
    const auto found = reader_.find({address, "+"}, sender, kNow);
    if (found.answer == Answer::clear) return std::string("clear");
    return std::string(name_of(found.entry.kind)) + " " + found.entry.scope;
  };
  EXPECT_EQ(decides("a@b.example", "x@news.shop.example"), "unsubscribe shop.example");
  EXPECT_EQ(decides("a@b.example", "x@other.example"), "hard ");
  EXPECT_EQ(decides("a@b.example", ""), "hard ");
  EXPECT_EQ(decides("a+tag@b.example", "x@shop.example"), "unsubscribe shop.example");
  EXPECT_EQ(decides("any@c.example", "x@shop.example"), "manual shop.example");
  EXPECT_EQ(decides("any@sub.d.example", "x@shop.example"), "manual shop.example");
  for (const auto* address : {"any@c.example", "any@sub.d.example"})
    for (const auto* sender : {"", "x@other.example"}) EXPECT_EQ(decides(address, sender), "clear") << sender;
  put(database_, {entry("@c.example", Kind::manual)});
  EXPECT_EQ(decides("any@c.example", "x@shop.example"), "manual ") << "the one for all mail says more";
  Shell shell(path_);
  shell.run("INSERT INTO exemption(address) VALUES ('a@b.example')");
  EXPECT_EQ(decides("a@b.example", "x@shop.example"), "clear");
}

TEST_F(VerdictReaderTest, v_suppressed_has_a_row_for_each_scope_that_differs) {
  const auto scoped = [&](Kind kind, const std::string& scope) {
    auto row = entry("a@b.example", kind);
    row.scope = scope;
    return row;
  };
  put(database_, {entry("a@b.example", Kind::manual), scoped(Kind::complaint, "shop.example"),
                  scoped(Kind::unsubscribe, "shop.example"), scoped(Kind::manual, "news.example")});
  Shell shell(path_);
  EXPECT_EQ(shell.ask("SELECT scope, kind FROM v_suppressed ORDER BY scope"),
            "|manual\nshop.example|complaint")
      << "mail from news.example is refused by the entry for all mail";
}

TEST_F(VerdictReaderTest, agrees_with_v_suppressed) {
  const Time now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  auto ended = entry("ended@b.example", Kind::soft, now - kDay);
  ended.until = now - Duration{100};
  auto running = entry("running@b.example", Kind::soft, now - kDay);
  running.until = now + kDay;
  auto pending = entry("pending@b.example", Kind::hard, now - kDay);
  pending.state = SuppressionState::pending;
  put(database_, {ended});
  put(database_, {running});
  put(database_, {entry("running@b.example", Kind::manual, now - kDay)});
  put(database_, {pending});
  put(database_, {entry("exempt@b.example", Kind::hard), entry("of-domain@c.example", Kind::hard),
                  entry("@d.example", Kind::manual)});
  Shell shell(path_);
  shell.run("INSERT INTO exemption(address) VALUES ('exempt@b.example'), ('@c.example')");
  EXPECT_EQ(shell.ask("SELECT address, kind, until IS NULL FROM v_suppressed ORDER BY address"),
            "@d.example|manual|1\nrunning@b.example|manual|1");
  for (const char* address :
       {"ended@b.example", "pending@b.example", "exempt@b.example", "of-domain@c.example"})
    EXPECT_FALSE(refused(address, now)) << address;
  EXPECT_TRUE(refused("running@b.example", now));
  EXPECT_TRUE(refused("x@d.example", now));
}

TEST_F(VerdictReaderTest, a_missing_database_is_an_error_and_never_clear) {
  VerdictReader reader(folder_ + "/none.db");
  EXPECT_TRUE(has(reader.probe().error().message, "there is no such file"));
  const LookupResult result = reader.find({"a@b.example", {}}, {}, kNow);
  EXPECT_EQ(result.answer, Answer::error);
  EXPECT_TRUE(has(result.error, "none.db"));
}

TEST_F(VerdictReaderTest, a_locked_database_is_an_error_and_never_clear) {
  path_ = folder_ + "/locked.db";
  { const Database database = open(); }
  VerdictReader reader(path_, std::chrono::milliseconds(10));
  {
    Shell shell(path_);
    shell.ask("PRAGMA locking_mode = EXCLUSIVE");
    shell.run("INSERT INTO suppression(address) VALUES ('a@b.example')");
    const LookupResult result = reader.find({"a@b.example", {}}, {}, kNow);
    EXPECT_EQ(result.answer, Answer::error);
    EXPECT_TRUE(has(result.error, "lock")) << result.error;
  }
  EXPECT_EQ(reader.find({"a@b.example", {}}, {}, kNow).answer, Answer::suppressed);
}

TEST_F(VerdictReaderTest, knows_since_when_look_ups_fail_until_one_succeeds) {
  path_ = folder_ + "/late.db";
  VerdictReader reader(path_);
  EXPECT_FALSE(reader.trouble());
  for (const auto after : {Duration{1}, Duration{9}}) reader.find({"a@b.example", {}}, {}, kNow + after);
  ASSERT_TRUE(reader.trouble());
  EXPECT_EQ(reader.trouble()->since, kNow + Duration{1});
  EXPECT_TRUE(has(reader.trouble()->why, "there is no such file"));
  const Database database = open();
  EXPECT_EQ(reader.find({"a@b.example", {}}, {}, kNow + Duration{10}).answer, Answer::clear);
  EXPECT_FALSE(reader.trouble());
}

TEST_F(VerdictReaderTest, knows_that_exemptions_cannot_be_read) {
  VerdictReader reader(folder_ + "/none.db");
  EXPECT_FALSE(reader.exempt({"a@b.example", {}}));
  EXPECT_TRUE(reader.trouble());
}

TEST_F(VerdictReaderTest, a_message_with_a_thousand_recipients_waits_for_a_lock_once) {
  using std::chrono::steady_clock;
  constexpr std::chrono::milliseconds limit(300);
  path_ = folder_ + "/locked.db";
  { const Database database = open(); }
  VerdictReader reader(path_, limit);
  {
    Shell shell(path_);
    shell.ask("PRAGMA locking_mode = EXCLUSIVE");
    shell.run("INSERT INTO suppression(address) VALUES ('a@b.example')");
    const auto begun = steady_clock::now();
    for (int recipient = 0; recipient < 1000; ++recipient) {
      const auto asked = steady_clock::now();
      ASSERT_EQ(reader.find({"a@b.example", {}}, {}, kNow).answer, Answer::error);
      ASSERT_LT(steady_clock::now() - asked, 2 * limit + std::chrono::seconds(1));
    }
    EXPECT_LT(steady_clock::now() - begun, 20 * limit);
  }
  EXPECT_EQ(reader.find({"a@b.example", {}}, {}, kNow).answer, Answer::suppressed);
  EXPECT_EQ(reader.find({"b@b.example", {}}, {}, kNow).answer, Answer::clear);
}

TEST_F(VerdictReaderTest, a_writer_in_the_middle_of_a_transaction_is_not_waited_for) {
  put(database_, {entry("a@b.example", Kind::hard)});
  const Transaction transaction(database_);
  database_.execute("DELETE FROM suppression");
  EXPECT_TRUE(refused("a@b.example"));
}

TEST_F(VerdictReaderTest, a_replaced_file_is_noticed) {
  put(database_, {entry("a@b.example", Kind::hard)});
  EXPECT_TRUE(refused("a@b.example"));
  std::filesystem::rename(path_, path_ + ".old");
  for (const char* suffix : {"-wal", "-shm"})
    std::filesystem::rename(path_ + suffix, path_ + ".old" + suffix);
  Database other = open();
  put(other, {entry("c@d.example", Kind::hard)});
  std::this_thread::sleep_for(2 * DatabaseGate::kTrusted);
  EXPECT_TRUE(refused("c@d.example"));
  EXPECT_FALSE(refused("a@b.example"));
}

TEST_F(VerdictReaderTest, a_new_file_beside_the_log_of_the_old_one_is_an_error_and_never_the_old_list) {
  put(database_, {entry("old@b.example", Kind::hard)});
  EXPECT_TRUE(refused("old@b.example"));
  const std::string other = folder_ + "/other.db";
  {
    auto database = must(Database::open(other, Database::Mode::create));
    put(database, {entry("new@b.example", Kind::hard)});
  }
  std::filesystem::rename(other, path_);
  std::this_thread::sleep_for(2 * DatabaseGate::kTrusted);
  for (const char* address : {"old@b.example", "new@b.example", "clear@b.example"}) {
    const LookupResult result = find(address);
    EXPECT_EQ(result.answer, Answer::error) << address;
    EXPECT_TRUE(has(result.error, "belongs to the old one")) << result.error;
  }
}

TEST_F(VerdictReaderTest, a_deleted_file_becomes_an_error) {
  EXPECT_FALSE(refused("a@b.example"));
  std::filesystem::remove(path_);
  std::this_thread::sleep_for(2 * DatabaseGate::kTrusted);
  EXPECT_EQ(reader_.find({"a@b.example", {}}, {}, kNow).answer, Answer::error);
}

TEST_F(VerdictReaderTest, many_threads_look_up_while_a_writer_writes) {
  put(database_, {entry("always@b.example", Kind::hard)});
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) {
        if (reader_.find({"always@b.example", {}}, {}, kNow).answer != Answer::suppressed) ++wrong;
        if (reader_.find({"never@b.example", {}}, {}, kNow).answer != Answer::clear) ++wrong;
      }
    });
  for (int n = 0; n < 50; ++n) put(database_, {entry("new" + std::to_string(n) + "@b.example", Kind::hard)});
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace suppressd::test
