#include "suppressd/core/tag_book.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace suppressd {

void TagBook::load(std::vector<TagNote> notes, std::optional<TagGap> gap) {
  *this = {};
  gap_ = gap;
  size_ = notes.size();
  for (auto& note : notes) {
    auto& of_id = notes_[note.queue_id];
    of_id.push_back({.note = std::move(note), .stored = true});
  }
}

void TagBook::add(TagNote note) {
  if (size_ >= kMost) {
    ++lost_;
    return;
  }
  auto& of_id = notes_[note.queue_id];
  // A content filter may say it for each recipient.
  const auto says_the_same = [&](const Kept& kept) {
    return kept.note.tags == note.tags && may_be_about(kept.note, note.ended);
  };
  if (std::ranges::any_of(of_id, says_the_same)) return;
  ++size_;
  ++unstored_;
  of_id.push_back({.note = std::move(note)});
}

// Takes the notes out for which `gone` is true.
template <typename Gone>
std::vector<TagNote> TagBook::remove(std::vector<Kept>& of_id, Gone gone) {
  std::vector<TagNote> taken;
  for (auto kept = of_id.begin(); kept != of_id.end();) {
    if (!gone(kept->note)) {
      ++kept;
      continue;
    }
    --size_;
    if (kept->stored)
      removed_.push_back(kept->note);
    else
      --unstored_;
    taken.push_back(std::move(kept->note));
    kept = of_id.erase(kept);
  }
  return taken;
}

std::optional<Tags> TagBook::take(std::string_view queue_id, Time entered) {
  const auto found = notes_.find(queue_id);
  if (found == notes_.end()) {
    if (gap_ && entered > gap_->from && entered <= gap_->to) ++unnoted_;
    return std::nullopt;
  }
  auto taken = remove(found->second, [&](const TagNote& note) { return may_be_about(note, entered); });
  if (found->second.empty()) notes_.erase(found);
  if (taken.size() == 1) return std::move(taken.front().tags);
  lost_ += taken.size();
  return std::nullopt;
}

void TagBook::drop(Time before) {
  for (auto of_id = notes_.begin(); of_id != notes_.end();) {
    lost_ += remove(of_id->second, [&](const TagNote& note) { return note.ended < before; }).size();
    of_id = of_id->second.empty() ? notes_.erase(of_id) : std::next(of_id);
  }
}

TagChanges TagBook::take_changes() {
  TagChanges changes{.removed = std::exchange(removed_, {}),
                     .added = {},
                     .lost = std::exchange(lost_, 0),
                     .unnoted = std::exchange(unnoted_, 0)};
  if (unstored_ == 0) return changes;
  for (auto& [queue_id, of_id] : notes_)
    for (auto& kept : of_id)
      if (!std::exchange(kept.stored, true)) changes.added.push_back(kept.note);
  unstored_ = 0;
  return changes;
}

}  // namespace suppressd
