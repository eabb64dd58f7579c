#include "acts.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>

#include <sqlite3.h>

#include "suppressd/config/config.h"
#include "suppressd/config/rules_file.h"
#include "suppressd/core/suppression.h"
#include "suppressd/learn/learner.h"
#include "suppressd/learn/ledger_cursors.h"
#include "suppressd/source/file_follower.h"
#include "suppressd/store/admin.h"
#include "suppressd/store/ledger.h"
#include "suppressd/store/reader.h"

#include "database.h"
#include "failure.h"
#include "migration.h"

namespace suppressd::fault {
namespace {

namespace fs = std::filesystem;

const Time kNow = from_unix(1'790'500'000);  // a day after the log's last line

Config configuration() {
  Config config;
  config.learn.local_relays_default = false;
  config.learn.timezone = "UTC";
  return config;
}

std::string log_in(const std::string& folder) {
  return folder + "/mail.log";
}

/// Keeps its connection after an error, as the daemon does.
template <typename Connection>
class ConnectedAct : public Act {
 public:
  explicit ConnectedAct(std::string folder) : folder_(std::move(folder)) {}

  Status run() override {
    if (!connection_) {
      auto opened = open();
      if (!opened) return opened.error();
      connection_.emplace(std::move(*opened));
    }
    return work(*connection_);
  }

 protected:
  virtual Result<Connection> open() const = 0;
  virtual Status work(Connection&) { return {}; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::optional<Connection> connection_;
};

class LedgerAct : public ConnectedAct<Ledger> {
 public:
  explicit LedgerAct(std::string folder, Ledger::Durability durability = Ledger::Durability::learning,
                     Ledger::Mode mode = Ledger::Mode::write)
      : ConnectedAct(std::move(folder)), durability_(durability), mode_(mode) {}

 private:
  Result<Ledger> open() const override { return Ledger::open(database_in(folder()), mode_, durability_); }

  Ledger::Durability durability_;
  Ledger::Mode mode_;
};

class Create final : public LedgerAct {
 public:
  explicit Create(const std::string& folder)
      : LedgerAct(folder, Ledger::Durability::learning, Ledger::Mode::create) {}
};

/// Like the learning loop: after an error, the sources are opened again at their stored cursors.
class Learn final : public LedgerAct {
 public:
  explicit Learn(const std::string& folder) : LedgerAct(folder) {}

 private:
  Status work(Ledger& ledger) override {
    if (!parts_) parts_ = std::make_unique<Parts>(ledger, log_in(folder()));
    const Status learned = parts_->learn();
    parts_->must_open = !learned;
    return learned;
  }

  struct Parts {
    Parts(Ledger& ledger, const std::string& log)
        : cursors(ledger),
          source(log),
          learner(configuration().learn, rules(), ledger, {}, [] { return kNow; }) {}

    Status learn() {
      std::vector<Gap> gaps;
      if (must_open) {
        if (Status opened = source.open(cursors, StartAt::beginning, gaps); !opened) return opened;
      }
      for (bool more = true; more;) {
        auto batch = source.read(25);
        if (!batch) return batch.error();
        more = batch->more;
        if (batch->records.empty() && batch->gaps.empty() && !batch->moved) break;
        auto cursor = learner.learn(*batch);
        if (!cursor) return cursor.error();
        if (!*cursor) return Error{"overtaken, although nobody else is there"};
        source.stored(**cursor);
      }
      return {};
    }

    LedgerCursors cursors;
    FileFollower source;
    Learner learner;
    bool must_open = true;
  };
  std::unique_ptr<Parts> parts_;
};

/// Several steps; each is done only if it is not in the audit yet.
class HandAct : public LedgerAct {
 public:
  explicit HandAct(std::string folder) : LedgerAct(std::move(folder), Ledger::Durability::by_hand) {}

 protected:
  struct Step {
    std::string address;
    ChangeAct act;
    std::function<Status(Ledger&)> run;
  };
  virtual std::vector<Step> steps() const = 0;

 private:
  Status work(Ledger& ledger) override {
    for (const Step& step : steps()) {
      const auto number = number_of(step.address, step.act);
      if (!number) return number.error();
      if (*number) continue;
      if (Status ran = step.run(ledger); !ran) return ran;
    }
    return {};
  }

 protected:
  /// The number of the newest change of this kind to an address; nullopt: there is none.
  Result<std::optional<std::int64_t>> number_of(const std::string& address, ChangeAct act) const {
    auto reader = Reader::open(database_in(folder()));
    if (!reader) return reader.error();
    const auto story = reader->story(address, kNow);
    if (!story) return story.error();
    std::optional<std::int64_t> number;
    for (const Change& change : story->changes)
      if (change.act == act) number = change.act_number;
    return number;
  }
};

/// Like suppressctl, run by alice; `act` returns a Result or a Status.
template <typename Act>
Status by_hand(Ledger& ledger, Hand hand, Act act) {
  Decider decider(configuration().learn);
  hand.actor = "alice";
  auto batch = ledger.begin();
  if (!batch) return batch.error();
  if (Status begun = decider.begin(ledger, *batch); !begun) return begun;
  if (const auto done = act(decider, *batch, hand); !done) return done.error();
  if (Status ended = decider.end(*batch); !ended) return ended;
  return batch->commit();
}

class ByHand final : public HandAct {
 public:
  using HandAct::HandAct;

 private:
  std::vector<Step> steps() const override {
    const auto add = [](Ledger& ledger) {
      Suppression entry;
      entry.address = "hand@c.example";
      entry.category = "manual";
      const std::string note(6000, 'n');  // more than one page holds
      return by_hand(ledger, {.now = kNow, .note = note}, [&](Decider& decider, Batch& batch, Hand& hand) {
        return decider.add(batch, entry, hand);
      });
    };
    const auto lift = [](Ledger& ledger) {
      return by_hand(ledger, {.now = kNow, .note = "is back"},
                     [](Decider& decider, Batch& batch, Hand& hand) {
                       return decider.lift(batch, "dead3@b.example", hand);
                     });
    };
    const auto exempt = [](Ledger& ledger) {
      return by_hand(ledger, {.now = kNow}, [](Decider&, Batch& batch, Hand& hand) -> Status {
        const auto added = batch.add_exemption(
            {.address = "@d.example", .since = hand.now, .note = "the boss", .actor = hand.actor});
        return added ? batch.add_change(exemption(ChangeAct::exempted, hand)) : Status{added.error()};
      });
    };
    const auto unexempt = [](Ledger& ledger) {
      return by_hand(ledger, {.now = kNow + Duration{1}}, [](Decider&, Batch& batch, Hand& hand) -> Status {
        const auto removed = batch.remove_exemption("@d.example");
        return removed ? batch.add_change(exemption(ChangeAct::unexempted, hand)) : Status{removed.error()};
      });
    };
    return {{"hand@c.example", ChangeAct::added, add},
            {"dead3@b.example", ChangeAct::lifted, lift},
            {"@d.example", ChangeAct::exempted, exempt},
            {"@d.example", ChangeAct::unexempted, unexempt}};
  }

  static Change exemption(ChangeAct act, const Hand& hand) {
    Change change;
    change.at = hand.now;
    change.address = "@d.example";
    change.act = act;
    change.actor = hand.actor;
    return change;
  }
};

class Undo final : public HandAct {
 public:
  using HandAct::HandAct;

 private:
  std::vector<Step> steps() const override {
    const auto undo = [](Ledger& ledger) {
      return by_hand(ledger, {.now = kNow + Duration{10}}, [](Decider& decider, Batch& batch, Hand& hand) {
        return decider.undo(
            batch, {.since = from_unix(0), .until = kNow, .provider = {}, .category = {}, .rule = {}}, hand);
      });
    };
    const auto take_back = [this](Ledger& ledger) -> Status {
      const auto number = number_of("dead1@b.example", ChangeAct::lifted);
      if (!number) return number.error();
      return by_hand(ledger, {.now = kNow + Duration{20}}, [&](Decider& decider, Batch& batch, Hand& hand) {
        return decider.revert(batch, number->value(), hand);
      });
    };
    return {{"dead1@b.example", ChangeAct::lifted, undo},
            {"dead1@b.example", ChangeAct::restored, take_back}};
  }
};

class Retention final : public LedgerAct {
 public:
  using LedgerAct::LedgerAct;

 private:
  Status work(Ledger& ledger) override {
    const auto now = kNow + std::chrono::hours(24 * 500);
    Learner learner(configuration().learn, rules(), ledger, {}, [now] { return now; });
    for (;;) {
      const auto rows = ledger.expunge(RetentionSettings{}, now, 7);
      if (!rows) return rows.error();
      const auto evidence = learner.upkeep(RetentionSettings{}, 7);
      if (!evidence) return evidence.error();
      if (!*rows && !*evidence) return {};
    }
  }
};

/// Deliveries that a replay has gathered.
class Gather final : public LedgerAct {
 public:
  using LedgerAct::LedgerAct;

 private:
  Status work(Ledger& ledger) override {
    auto batch = ledger.begin();
    if (!batch) return batch.error();
    const EventId delivery{
        .ended = kNow,
        .kind = ListEventKind::delivery,
        .message = {.host = "mta", .instance = "postfix", .queue_id = "4XB0001", .entered = kNow}};
    for (int i = 100; i < 140; ++i)
      batch->gather("gathered" + std::to_string(i) + "@b.example", delivery, "b.example");
    KnownGoodTally tally;
    RateTally rates;
    DomainTally domains;
    const auto known = batch->write_gathered({.known_good = tally, .rates = rates, .domains = domains});
    if (!known) return known.error();
    return batch->commit();
  }
};

class ReadAll final : public ConnectedAct<Reader> {
 public:
  using ConnectedAct::ConnectedAct;

 private:
  Result<Reader> open() const override { return Reader::open(database_in(folder())); }
  Status work(Reader& reader) override {
    output_.clear();
    const auto add = [this](std::string_view text) { output_.append(text).append("\n"); };
    if (Status dumped = reader.dump(add); !dumped) return dumped;
    const auto story = reader.story("dead1@b.example", kNow);
    if (!story) return story.error();
    for (const Change& change : story->changes)
      add(std::string(name_of(change.act)) + change.cause + (change.before ? change.before->note : ""));
    for (const Evidence& evidence : story->evidence)
      add(natural_key(evidence.outcome) + evidence.outcome.reason.text);
    const auto take = [&](const Suppression& entry, std::int64_t /*incident*/) {
      add(entry.address + entry.category + entry.rule + entry.ref + entry.note);
    };
    if (Status listed = reader.each_entry(EntryFilter{.ended = true}, kNow, take); !listed) return listed;
    const auto counts = reader.count_entries(kNow);
    if (!counts) return counts.error();
    add(std::to_string(counts->in_force) + " " + std::to_string(counts->pending));
    auto admin = Admin::open(database_in(folder()));
    return admin ? admin->check() : Status{admin.error()};
  }
  std::string output() const override { return output_; }

  std::string output_;
};

/// A copy gets its name when it is complete; an incomplete one is removed.
class Backup final : public ConnectedAct<Admin> {
 public:
  using ConnectedAct::ConnectedAct;

 private:
  std::string copy() const { return folder() + "/copy.db"; }
  Result<Admin> open() const override { return Admin::open(database_in(folder())); }
  Status work(Admin& admin) override {
    for (const auto& file : fs::directory_iterator(folder())) {
      if (file.path().filename().string().starts_with("copy.db."))
        return Error{"left behind: " + file.path().string()};
    }
    if (fs::exists(copy())) return {};
    const auto size = admin.back_up(copy());
    return size ? Status{} : Status{size.error()};
  }
  std::string output() const override {
    auto reader = Reader::open(copy());
    if (!reader) return reader.error().message;
    std::string text;
    const Status dumped = reader->dump([&](std::string_view line) { text.append(line).append("\n"); });
    return dumped ? text : dumped.error().message;
  }
};

std::string ask(const std::string& path, const std::string& sql);

/// To a version that this program does not know, so that nothing can follow it.
class Migrate final : public Act {
 public:
  explicit Migrate(std::string folder) : folder_(std::move(folder)) {}

  Status run() override {
    if (!database_) {
      auto opened = Database::open(database_in(folder_), Database::Mode::read_write);
      // Done already: an error after the commit is reported, too.
      if (!opened && opened.error().message.find("install the newer suppressd") != std::string::npos)
        return {};
      if (!opened) return opened.error();
      database_.emplace(std::move(*opened));
    }
    static constexpr MigrationStep kSteps[] = {
        {1,
         "ALTER TABLE recipient ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey';"
         "UPDATE recipient SET colour = 'red' WHERE streak > 0; CREATE INDEX recipient_colour ON "
         "recipient(colour);"}};
    return guarded(*database_, [&] { migrate(*database_, schema_version() + 1, {}, kSteps); });
  }

  static Result<std::string> state(const std::string& folder) {
    return ask(database_in(folder),
               "PRAGMA user_version; SELECT address || streak || colour FROM recipient ORDER BY address;"
               "SELECT count(*) FROM sqlite_schema; SELECT count(*) FROM v_suppressed");
  }

 private:
  std::string folder_;
  std::optional<Database> database_;
};

template <typename Kind>
std::unique_ptr<Act> make(const std::string& folder) {
  return std::make_unique<Kind>(folder);
}

/// A message with several recipients; `{id}` is its queue id, each of `attempts` what follows `to=<`.
std::string message(const std::string& time, const std::string& id, const std::string& sender,
                    const std::vector<std::string>& attempts, bool removed = true) {
  const std::string head = time + " mta postfix/";
  std::string text = head + "smtpd[1]: " + id + ": client=app[192.0.2.1]\n" + head + "cleanup[1]: " + id +
                     ": message-id=<" + id + "@app.example>\n" + head + "qmgr[1]: " + id + ": from=<" +
                     sender + ">, size=1, nrcpt=1 (queue active)\n";
  for (const std::string& attempt : attempts) text += head + "smtp[1]: " + id + ": to=<" + attempt + "\n";
  if (removed) text += head + "qmgr[1]: " + id + ": removed\n";
  return text;
}

std::string said(const std::string& address, const std::string& dsn, const std::string& status,
                 const std::string& reply) {
  return address + ">, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=" + dsn +
         ", status=" + status + " (host mx.b.example[198.51.100.1] said: " + reply +
         " (in reply to RCPT TO command))";
}

std::string sent(const std::string& address) {
  return address +
         ">, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 2.0.0 "
         "Ok)";
}

/// Rows as lines, read as another program does.
std::string ask(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  std::string answer;
  char* message = nullptr;
  const auto take = [](void* out, int, char** values, char**) {
    static_cast<std::string*>(out)->append(values[0] != nullptr ? values[0] : "NULL").append("\n");
    return 0;
  };
  if (sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK)
    answer = "cannot be opened";
  int persist = 1;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
  if (answer.empty() && sqlite3_exec(handle, sql.c_str(), take, &answer, &message) != SQLITE_OK)
    answer = message;
  sqlite3_free(message);
  sqlite3_close(handle);
  return answer;
}

std::string the_log() {
  std::string text;
  for (int day = 10; day < 16; ++day) {
    const std::string date = "Sep " + std::to_string(day) + " ";
    const std::string number = std::to_string(day - 10);
    text += message(
        date + "10:00:00", "4XA1" + number, "news@x.example",
        {said("dead" + number + "@b.example", "5.1.1", "bounced", "550 5.1.1 User unknown"),
         sent("good@b.example"),
         said("full@b.example", "5.2.2", "bounced", "552 5.2.2 Mailbox full " + std::string(700, 'f'))});
    text +=
        message(date + "11:00:00", "4XA2" + number, "news@x.example",
                {said("slow" + number + "@b.example", "4.2.0", "deferred", "450 4.2.0 Greylisted")}, false);
    if (day > 12) {
      text += date + "12:00:00 mta postfix/smtp[1]: 4XA2" + std::to_string(day - 11) + ": to=<" +
              sent("slow" + std::to_string(day - 11) + "@b.example") + "\n" + date +
              "12:00:00 mta postfix/qmgr[1]: 4XA2" + std::to_string(day - 11) + ": removed\n";
    }
    text += message(date + "13:00:00", "4XA3" + number, "",
                    {said("forged" + number + "@b.example", "5.1.1", "bounced", "550 5.1.1 No")});
  }
  // Open at the end: a null sender whose recipient has not failed yet.
  return text + message("Sep 16 10:00:00", "4XA90", "", {}, false);
}

}  // namespace

const std::vector<ActKind>& all_acts() {
  static const std::vector<ActKind> acts = {
      {.name = "create", .make = make<Create>},
      {.name = "learn", .make = make<Learn>},
      {.name = "learn_after_a_kill", .make = make<Learn>, .killed = true, .whole_log = true},
      {.name = "hand", .make = make<ByHand>, .killed = true, .whole_log = true},
      {.name = "undo", .make = make<Undo>, .whole_log = true},
      {.name = "read", .make = make<ReadAll>, .whole_log = true},
      {.name = "gather", .make = make<Gather>, .whole_log = true},
      {.name = "retention", .make = make<Retention>, .whole_log = true},
      {.name = "read_after_a_kill", .make = make<ReadAll>, .killed = true, .whole_log = true},
      {.name = "backup", .make = make<Backup>, .killed = true, .whole_log = true},
      {.name = "migrate", .make = make<Migrate>, .state = Migrate::state, .whole_log = true},
  };
  return acts;
}

std::string database_in(const std::string& folder) {
  return folder + "/list.db";
}

void write_log(const std::string& folder, bool whole) {
  static const std::string log = the_log();
  std::ofstream(log_in(folder), std::ios::binary) << log.substr(0, whole ? log.size() : log.size() / 2);
}

const Ruleset& rules() {
  static const Ruleset compiled = [] {
    auto loaded = load_rules({}, {});
    if (loaded) return std::move(*loaded);
    std::cerr << loaded.error().message << '\n';
    std::abort();
  }();
  return compiled;
}

Result<std::string> dump_of(const std::string& folder) {
  auto reader = Reader::open(database_in(folder));
  if (!reader) return reader.error();
  std::string text;
  const Status dumped = reader->dump([&](std::string_view line) { text.append(line).append("\n"); });
  if (!dumped) return dumped.error();
  return text;
}

std::string integrity_of(const std::string& folder) {
  return fs::exists(database_in(folder)) ? ask(database_in(folder), "PRAGMA integrity_check") : "ok\n";
}

}  // namespace suppressd::fault
