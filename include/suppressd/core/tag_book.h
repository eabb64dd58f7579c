// Notes of tags whose messages the log has not shown yet.
//
// Part of the tracker, and stored with its state. A note is used for one message; where two notes fit one
// message, it gets none. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/tags.h"

namespace suppressd {

/// What must be written to make the stored notes equal to those of the book.
struct TagChanges {
  std::vector<TagNote> removed;
  std::vector<TagNote> added;
  std::uint64_t lost = 0;     ///< Notes that came to no message.
  std::uint64_t unnoted = 0;  ///< Messages that entered in the gap, without a note.

  bool empty() const { return removed.empty() && added.empty() && lost == 0 && unnoted == 0; }
};

class TagBook {
 public:
  /// While the log is not read, notes collect; further ones are lost.
  static constexpr std::size_t kMost = 100'000;

  void load(std::vector<TagNote> notes, std::optional<TagGap> gap = {});
  bool empty() const { return size_ == 0; }
  /// take() has no effect.
  bool idle() const { return size_ == 0 && !gap_; }
  void add(TagNote note);
  /// The tags of a message that begins. nullopt: none are known, or it is ambiguous.
  std::optional<Tags> take(std::string_view queue_id, Time entered);
  /// Those from before that time are lost: the log does not show their messages.
  void drop(Time before);
  void count_lost() { ++lost_; }
  /// Since the last call.
  TagChanges take_changes();

 private:
  struct Kept {
    TagNote note;
    bool stored = false;
  };
  template <typename Gone>
  std::vector<TagNote> remove(std::vector<Kept>& of_id, Gone gone);

  std::unordered_map<std::string, std::vector<Kept>, TextHash, std::equal_to<>> notes_;  ///< By queue id.
  std::size_t size_ = 0;
  std::size_t unstored_ = 0;
  std::vector<TagNote> removed_;
  std::uint64_t lost_ = 0;
  std::uint64_t unnoted_ = 0;
  std::optional<TagGap> gap_;
};

}  // namespace suppressd
