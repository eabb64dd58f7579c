#include "suppressd/source/journal_follower.h"

namespace suppressd {

struct JournalFollower::State {};

JournalFollower::JournalFollower(std::vector<std::string>, std::string) {}
JournalFollower::~JournalFollower() = default;

bool JournalFollower::present(const std::string&) {
  return false;
}

Result<std::vector<JournalFollower::Speaker>> JournalFollower::speakers(const std::vector<std::string>&,
                                                                        const std::string&) {
  return std::vector<Speaker>{};
}

Cursor JournalFollower::since(Time, Before) const {
  return {};
}

std::string JournalFollower::source() const {
  return {};
}

Status JournalFollower::open(CursorBook&, StartAt, std::vector<Gap>&) {
  return Error{
      "this suppressd was built without libsystemd and cannot read the journal: name the MTA's log in "
      "source.files"};
}

int JournalFollower::wait_fd() const {
  return -1;
}

Result<Source::Batch> JournalFollower::read(std::size_t) {
  return Batch{};
}

void JournalFollower::stored(const Cursor&) {}

std::string JournalFollower::name() const {
  return "journal";
}

}  // namespace suppressd
