// Every operation of the disk and every allocation fails, once or permanently: the store reports it, keeps
// the file consistent, and reaches the state of an undisturbed run as soon as it can work again, on the open
// connection or after a restart.
#include <filesystem>
#include <iostream>
#include <map>
#include <tuple>

#include <gtest/gtest.h>

#include "acts.h"
#include "faults.h"
#include "folder.h"
#include "stride.h"

namespace suppressd::fault {
namespace {

namespace fs = std::filesystem;

/// An act, with the files with which it begins and the state in which it must end.
struct Stage {
  ActKind act;
  Folder before;
  std::string output;
  std::string state_after;
};

/// The undisturbed run.
const std::vector<std::unique_ptr<Stage>>& stages() {
  static const auto made = [] {
    std::vector<std::unique_ptr<Stage>> list;
    Folder work;
    Folder closed;
    Folder killed;
    for (const ActKind& kind : all_acts()) {
      auto stage = std::make_unique<Stage>();
      stage->act = kind;
      stage->before.become(kind.killed ? killed.path() : closed.path());
      write_log(stage->before.path(), kind.whole_log);
      work.become(stage->before.path());
      auto act = kind.make(work.path());
      if (const Status ran = act->run(); !ran)
        throw std::runtime_error(kind.name + ": " + ran.error().message);
      stage->output = act->output();
      killed.become(work.path());
      act.reset();
      closed.become(work.path());
      const auto dumped = kind.state(work.path());
      if (!dumped) throw std::runtime_error(kind.name + ": " + dumped.error().message);
      stage->state_after = *dumped;
      list.push_back(std::move(stage));
    }
    return list;
  }();
  return made;
}

enum class After { same_connection, restart };

class Store : public testing::TestWithParam<std::tuple<std::size_t, Kind>> {
 protected:
  Store() : stage_(*stages()[std::get<0>(GetParam())]), kind_(std::get<1>(GetParam())) {}

  std::uint64_t count_operations() {
    work_.become(stage_.before.path());
    auto act = stage_.act.make(work_.path());
    arm({.kind = kind_});
    EXPECT_TRUE(act->run());
    act.reset();
    lift();
    return operations();
  }

  void fail_at(std::uint64_t number, bool lasting, After after) {
    work_.become(stage_.before.path());
    auto act = stage_.act.make(work_.path());
    arm({.kind = kind_, .at = number, .lasting = lasting});
    Status ran = act->run();
    if (after == After::restart) act.reset();
    lift();
    SCOPED_TRACE(stage_.act.name + ", " + name_of(kind_) + ", operation " + std::to_string(number) + " (" +
                 struck() + ")" + (lasting ? " and all after it" : "") +
                 (after == After::restart ? ", then a restart" : "") + ": " +
                 (ran ? std::string("no error") : ran.error().message));
    if (!ran) {
      ++errors_;
      EXPECT_NE(ran.error().message, "");
    }
    EXPECT_EQ(integrity_of(work_.path()), "ok\n");
    if (!ran) {
      if (after == After::restart) act = stage_.act.make(work_.path());
      const Status again = act->run();
      EXPECT_TRUE(again) << "when nothing fails any more: " << again.error().message;
    }
    if (act) {
      EXPECT_TRUE(act->output() == stage_.output) << "something else was read than in an undisturbed run";
    }
    act.reset();
    EXPECT_EQ(integrity_of(work_.path()), "ok\n");
    const auto dumped = stage_.act.state(work_.path());
    ASSERT_TRUE(dumped) << dumped.error().message;
    EXPECT_TRUE(*dumped == stage_.state_after) << "the state is not that of an undisturbed run:\n"
                                               << difference(*dumped);
  }

  std::string difference(const std::string& dump) const {
    std::map<std::string, int> lines;
    const auto count = [&](const std::string& text, int change) {
      for (std::size_t from = 0, end; (end = text.find('\n', from)) != std::string::npos; from = end + 1)
        lines[text.substr(from, end - from)] += change;
    };
    count(stage_.state_after, -1);
    count(dump, 1);
    std::string text;
    for (const auto& [line, change] : lines)
      if (change != 0) text += (change < 0 ? "missing: " : "too many: ") + line.substr(0, 300) + "\n";
    return text;
  }

  const Stage& stage_;
  Kind kind_;
  Folder work_;
  int errors_ = 0;
};

TEST_P(Store, reaches_the_state_of_an_undisturbed_run) {
  const std::uint64_t count = count_operations();
  int runs = 0;
  for (std::uint64_t number = first_operation(); number <= count && !HasFailure(); number += stride(kind_)) {
    for (const auto& [lasting, after] :
         {std::pair(false, After::same_connection), std::pair(true, After::same_connection),
          std::pair(true, After::restart)}) {
      fail_at(number, lasting, after);
      ++runs;
    }
    if (only_one_operation()) break;
  }
  std::cout << count << " operations, " << runs << " runs with a fault, " << errors_
            << " of them with an error\n";
}

std::string name_of_case(const testing::TestParamInfo<Store::ParamType>& chosen) {
  return all_acts()[std::get<0>(chosen.param)].name + "_" + name_of(std::get<1>(chosen.param));
}

INSTANTIATE_TEST_SUITE_P(Every, Store,
                         testing::Combine(testing::Range<std::size_t>(0, all_acts().size()),
                                          testing::Values(Kind::io, Kind::full, Kind::torn, Kind::memory)),
                         name_of_case);

}  // namespace
}  // namespace suppressd::fault
