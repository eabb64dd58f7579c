// What a power cut would lose: an act by hand is on the disk when it returns, because no one repeats it; what
// was learned is read again.
#include <fstream>

#include <gtest/gtest.h>

#include "suppressd/store/exemptions.h"
#include "suppressd/store/ledger.h"

#include "acts.h"
#include "faults.h"
#include "folder.h"
#include "hand.h"

namespace suppressd::fault {
namespace {

const Time kNow = from_unix(1'790'500'000);

class Durability : public testing::Test {
 protected:
  Ledger open(Ledger::Durability durability) const {
    auto opened = Ledger::open(database_in(folder_.path()), Ledger::Mode::create, durability);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  ~Durability() override { lift(); }

  Folder folder_;
};

TEST_F(Durability, an_act_by_hand_does_not_wait_for_the_next_sync) {
  const std::string configuration = folder_.path() + "/suppressd.conf";
  std::ofstream{configuration}.close();
  const auto context =
      ctl::Context::make({.config_path = configuration, .database_path = database_in(folder_.path())});
  ASSERT_TRUE(context) << context.error().message;
  const auto act = [](Decider& decider, Batch& batch, const std::string& address, const Hand& hand) {
    return decider.add(batch, {.address = address, .category = "manual"}, hand);
  };
  Ledger ledger = open(Ledger::Durability::by_hand);
  arm({.kind = Kind::sync});
  ASSERT_TRUE(ctl::act_by_hand(*context, ledger, {"a@b.example"}, {}, act, [](const HandChange&) {}));
  EXPECT_EQ(operations(), 1U);
  arm({.kind = Kind::sync});
  auto batch = ledger.begin();
  ASSERT_TRUE(batch) << batch.error().message;
  ASSERT_TRUE(batch->add_exemption({.address = "c@d.example", .since = kNow, .note = {}, .actor = "alice"}));
  ASSERT_TRUE(batch->commit());
  EXPECT_EQ(operations(), 1U);
}

TEST_F(Durability, learning_does_not_wait_for_the_disk) {
  Ledger ledger = open(Ledger::Durability::learning);
  auto batch = ledger.begin();
  ASSERT_TRUE(batch) << batch.error().message;
  ASSERT_TRUE(batch->add_gap({.from = kNow, .to = kNow, .source = "log", .reason = "lost"}));
  arm({.kind = Kind::sync});
  ASSERT_TRUE(batch->commit());
  EXPECT_EQ(operations(), 0U);
}

}  // namespace
}  // namespace suppressd::fault
