// What a power cut would lose: an act by hand is on the disk when it returns, because no one repeats it; what
// was learned is read again.
#include <fstream>

#include <gtest/gtest.h>

#include "suppressd/ctl/hand.h"
#include "suppressd/store/exemptions.h"
#include "suppressd/store/ledger.h"

#include "acts.h"
#include "faults.h"
#include "folder.h"

namespace suppressd::fault {
namespace {

const Time kNow = from_unix(1'790'500'000);

class Durability : public testing::Test {
 protected:
  Durability() {
    auto opened = Database::open(database_in(folder_.path()), Database::Mode::create);
    if (!opened) throw std::runtime_error(opened.error().message);
    database_ = std::make_unique<Database>(std::move(*opened));
  }
  ~Durability() override { lift(); }

  Folder folder_;
  std::unique_ptr<Database> database_;
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
  arm({.kind = Kind::sync});
  ASSERT_TRUE(ctl::act_by_hand(*context, *database_, {"a@b.example"}, {}, act, [](const HandChange&) {}));
  EXPECT_EQ(operations(), 1U);
  arm({.kind = Kind::sync});
  Ledger ledger(*database_, Ledger::Durability::by_hand);
  auto batch = ledger.begin();
  ASSERT_TRUE(batch) << batch.error().message;
  ASSERT_TRUE(batch->add_exemption({.address = "c@d.example", .since = kNow, .note = {}, .actor = "alice"}));
  ASSERT_TRUE(batch->commit());
  EXPECT_EQ(operations(), 1U);
}

TEST_F(Durability, learning_does_not_wait_for_the_disk) {
  Ledger ledger(*database_);
  auto batch = ledger.begin();
  ASSERT_TRUE(batch) << batch.error().message;
  ASSERT_TRUE(batch->add_gap({.from = kNow, .to = kNow, .source = "log", .reason = "lost"}));
  arm({.kind = Kind::sync});
  ASSERT_TRUE(batch->commit());
  EXPECT_EQ(operations(), 0U);
}

}  // namespace
}  // namespace suppressd::fault
