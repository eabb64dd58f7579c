// The newest delivery to each of many addresses, gathered to be stored together.
//
// Of an address of which nothing but deliveries is known (HistoryFilter) the newest one is all that such a
// delivery changes. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/sorted_deliveries.h"

namespace suppressd {

class NewestDeliveries {
 public:
  /// A delivery to a canonical address; an older one than is known of it changes nothing. `queue_id`: at most
  /// 255 bytes.
  void add(std::string_view address, Time at, std::string_view queue_id);
  /// What is known of an address, which is forgotten now. False: nothing. Its texts stay until more is added.
  bool take_out(std::string_view address, NewestDelivery& delivery);
  /// So many that they should be sorted and handed on.
  bool full() const { return notes_.size() >= kNotes || texts_.size() >= kTexts; }
  /// All of them; it is empty then.
  SortedDeliveries take_sorted();
  /// Bytes, about.
  std::size_t memory() const {
    return notes_.capacity() * sizeof(Note) + texts_.capacity() + slots_.capacity() * sizeof(Slot);
  }

 private:
  static constexpr std::size_t kNotes = 12 * 1024;
  static constexpr std::size_t kTexts = 1024 * 1024;

  struct Note {
    Time at;
    std::uint32_t address;  ///< Where it begins in texts_.
    std::uint32_t queue_id;
    std::uint16_t address_size;
    std::uint8_t id_size;
    bool taken_out;
  };
  struct Slot {
    std::uint32_t hash = 0;  ///< Another part of it than the slot's number.
    std::uint32_t note = 0;  ///< Its number and 1; 0: free.
  };

  std::uint32_t keep(std::string_view text);
  std::string_view address_of(const Note& note) const {
    return {texts_.data() + note.address, note.address_size};
  }
  NewestDelivery delivery_of(const Note& note) const {
    return {address_of(note), note.at, {texts_.data() + note.queue_id, note.id_size}};
  }
  /// The slot of the address, or the free one for it.
  Slot& slot_of(std::string_view address);
  void make_room();

  std::vector<Note> notes_;
  std::string texts_;
  std::vector<Slot> slots_;
};

}  // namespace suppressd
