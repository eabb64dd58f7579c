// What a power cut would take: an act by hand is on the disk when it returns, for nobody repeats it; what was
// learned is read again.
#include <gtest/gtest.h>

#include "suppressd/core/policy.h"
#include "suppressd/ctl/hand.h"
#include "suppressd/store/exemptions.h"
#include "suppressd/store/ledger.h"
#include "suppressd/store/undo.h"

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

TEST_F(Durability, an_act_by_hand_is_not_left_to_the_next_sync) {
  const auto act = [](AddressRecord& record) {
    return add_by_hand(
        record, Suppression{.kind = SuppressionKind::manual, .category = "manual", .actor = "alice"}, kNow);
  };
  arm({.kind = Kind::sync});
  ASSERT_TRUE(ctl::change_by_hand(*database_, {"a@b.example"}, act, [](const ctl::HandChange&) {}));
  EXPECT_EQ(operations(), 1U);
  arm({.kind = Kind::sync});
  ASSERT_TRUE(
      add_exemption(*database_, {.address = "c@d.example", .since = kNow, .note = {}, .actor = "alice"}));
  EXPECT_EQ(operations(), 1U);
}

TEST_F(Durability, learning_does_not_wait_for_the_disk) {
  Ledger ledger(*database_);
  bool foreign = false;
  ASSERT_TRUE(ledger.begin(foreign));
  ASSERT_TRUE(ledger.add_gap({.from = kNow, .to = kNow, .source = "log", .reason = "lost"}));
  arm({.kind = Kind::sync});
  ASSERT_TRUE(ledger.commit());
  EXPECT_EQ(operations(), 0U);
}

}  // namespace
}  // namespace suppressd::fault
