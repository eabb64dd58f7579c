// Every operation of the disk and every allocation fails during the milter's look-up: the answer is correct,
// or it is an error. A fault that is answered with "clear" lets mail go to a dead address; one that is
// answered with "suppressed" refuses a living one.
#include <iostream>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "suppressd/store/ledger.h"
#include "suppressd/store/verdict_reader.h"

#include "acts.h"
#include "faults.h"
#include "folder.h"
#include "stride.h"

namespace suppressd::fault {
namespace {

using Answer = LookupResult::Answer;

const Time kNow = from_unix(1'790'500'000);

Suppression entry(const std::string& address, SuppressionKind kind) {
  Suppression row;
  row.address = address;
  row.kind = kind;
  row.category = "bad-mailbox";
  row.rule = "mailbox.no-such-user";
  row.provider = "b.example";
  row.since = kNow - Duration{100};
  row.ref = "ABC123";
  row.note = std::string(9000, 'n');  // on pages of its own
  row.actor = "suppressd";
  return row;
}

void put(Ledger& ledger, const std::vector<Suppression>& rows) {
  auto batch = ledger.begin();
  if (!batch) throw std::runtime_error(batch.error().message);
  for (const Suppression& row : rows) {
    auto record = batch->record(row.address);
    if (!record) throw std::runtime_error(record.error().message);
    (*record)->entry(row.kind) = row;
    batch->changed(**record);
  }
  if (Status committed = batch->commit(); !committed) throw std::runtime_error(committed.error().message);
}

class Verdict : public testing::TestWithParam<Kind> {
 protected:
  Verdict() : writer_(open_writer(folder_)) {
    std::vector<Suppression> rows = {
        entry("dead@b.example", SuppressionKind::hard), entry("@gone.example", SuppressionKind::manual),
        entry("dead@exempt.example", SuppressionKind::hard), entry("@.sub.example", SuppressionKind::hard)};
    for (int i = 0; i < 60; ++i)
      rows.push_back(entry("user" + std::to_string(i) + "@c.example", SuppressionKind::soft));
    put(writer_, rows);
    exempt({"@exempt.example", "@.free.sub.example"});
  }

  static Ledger open_writer(const Folder& folder) {
    auto opened =
        Ledger::open(database_in(folder.path()), Ledger::Mode::create, Ledger::Durability::learning);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  void exempt(const std::vector<std::string>& addresses) {
    auto batch = writer_.begin();
    if (!batch) throw std::runtime_error(batch.error().message);
    for (const std::string& address : addresses) {
      const auto added =
          batch->add_exemption({.address = address, .since = kNow, .note = {}, .actor = "alice"});
      if (!added) throw std::runtime_error(added.error().message);
    }
    if (Status committed = batch->commit(); !committed) throw std::runtime_error(committed.error().message);
  }
  std::unique_ptr<VerdictReader> reader() const {
    return std::make_unique<VerdictReader>(database_in(folder_.path()), std::chrono::milliseconds(0));
  }

  /// One look-up of each kind; an answer that is neither correct nor an error fails the test. Returns the
  /// number of errors.
  int ask(VerdictReader& reader) const {
    int errors = 0;
    for (const auto& [address, right] : right_) {
      const LookupResult result = reader.find(CoveringKeys{address, {}}, {}, kNow);
      if (result.answer == Answer::error) {
        ++errors;
        EXPECT_NE(result.error, "");
        continue;
      }
      EXPECT_EQ(result.answer, right) << address;
      if (result.answer != Answer::suppressed) continue;
      EXPECT_EQ(result.entry.category, "bad-mailbox") << address;
      EXPECT_EQ(result.entry.ref, "ABC123") << address;
      EXPECT_EQ(result.entry.note.size(), 9000U) << address;
      EXPECT_EQ(result.entry.kind, right == Answer::suppressed && address == "x@gone.example"
                                       ? SuppressionKind::manual
                                   : address == "user7@c.example" ? SuppressionKind::soft
                                                                  : SuppressionKind::hard)
          << address;
    }
    return errors;
  }

  /// Runs `asked` with each operation failing, and again without failures.
  void every_fault(const std::function<std::unique_ptr<VerdictReader>()>& prepare) {
    std::unique_ptr<VerdictReader> asked = prepare();
    arm({.kind = GetParam()});
    EXPECT_EQ(ask(*asked), 0);
    lift();
    const std::uint64_t count = operations();
    int runs = 0;
    int errors = 0;
    for (std::uint64_t number = first_operation(); number <= count && !HasFailure();
         number += stride(GetParam(), 10)) {
      for (const bool lasting : {false, true}) {
        asked = prepare();
        arm({.kind = GetParam(), .at = number, .lasting = lasting});
        SCOPED_TRACE(name_of(GetParam()) + ", operation " + std::to_string(number) +
                     (lasting ? " and all after it" : ""));
        const int failed = ask(*asked);
        lift();
        SCOPED_TRACE(struck());
        EXPECT_EQ(ask(*asked), 0) << "when nothing fails any more";
        errors += failed > 0 ? 1 : 0;
        ++runs;
      }
      if (only_one_operation()) break;
    }
    std::cout << count << " operations, " << runs << " runs with a fault, " << errors
              << " of them with an error\n";
  }

  Folder folder_;
  Ledger writer_;
  std::map<std::string, Answer> right_ = {
      {"dead@b.example", Answer::suppressed},     {"x@gone.example", Answer::suppressed},
      {"dead@exempt.example", Answer::clear},     {"living@b.example", Answer::clear},
      {"x@mail.sub.example", Answer::suppressed}, {"x@mail.free.sub.example", Answer::clear},
      {"user7@c.example", Answer::suppressed}};
};

TEST_P(Verdict, is_right_or_an_error_on_a_new_connection) {
  every_fault([this] { return reader(); });
}

TEST_P(Verdict, is_right_or_an_error_after_a_change_on_an_open_connection) {
  bool lifted = false;
  every_fault([&] {
    auto prepared = reader();
    ask(*prepared);
    lifted = !lifted;
    Suppression row = entry("dead@b.example", SuppressionKind::hard);
    if (lifted) row.until = kNow - Duration{1};
    put(writer_, {row});
    right_["dead@b.example"] = lifted ? Answer::clear : Answer::suppressed;
    return prepared;
  });
}

INSTANTIATE_TEST_SUITE_P(Every, Verdict, testing::Values(Kind::io, Kind::memory),
                         [](const testing::TestParamInfo<Kind>& chosen) { return name_of(chosen.param); });

}  // namespace
}  // namespace suppressd::fault
