// Follows systemd's journal, or a folder of journal files.
//
// Only entries of the MTA's own units count, since a program that calls logger(1) cannot forge
// `_SYSTEMD_UNIT`: journald itself writes it. A postsuper(1) that root runs counts too. The
// position is the journal's own cursor. If the entry of a cursor was vacuumed away, or journald
// notes that it dropped messages of such a unit, that is a gap. Without libsystemd (build option
// SUPPRESSD_JOURNAL) open() is an Error that says so. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "suppressd/source/source.h"

namespace suppressd {

class JournalFollower final : public Source {
 public:
  /// `units` are patterns for fnmatch(3): `postfix*.service`. `folder` empty: this host's system
  /// journal.
  explicit JournalFollower(std::vector<std::string> units, std::string folder = {});
  ~JournalFollower() override;

  /// Whether there is a journal, readable or not. `folder` empty: this host's system journal, here
  /// and below.
  static bool present(const std::string& folder = {});
  /// A unit that has written mail messages (facility `mail`) to the journal, and the time of the
  /// newest one.
  struct Speaker {
    std::string unit;
    Time newest;
  };
  /// The speakers that match a pattern of `units`. Error: the journal cannot be read.
  static Result<std::vector<Speaker>> speakers(const std::vector<std::string>& units,
                                               const std::string& folder = {});

  Status open(CursorBook& book, StartAt start, std::vector<Gap>& gaps) override;
  Cursor since(Time time, Before before) const override;
  std::string source() const override;
  int wait_fd() const override;
  Result<Batch> read(std::size_t limit) override;
  void stored(const Cursor& cursor) override;
  std::string name() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace suppressd
