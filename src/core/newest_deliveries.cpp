#include "suppressd/core/newest_deliveries.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr std::size_t kSlotsAtFirst = 32 * 1024;  // enough for those that are stored together

/// The first bytes of an address as numbers that are ordered as they are, to compare most without looking at
/// their texts.
struct Place {
  std::uint64_t first;
  std::uint64_t second;
  std::uint32_t note;
};

}  // namespace

NewestDeliveries::Slot& NewestDeliveries::slot_of(std::string_view address) {
  const std::uint64_t hash = std::hash<std::string_view>{}(address);
  const auto mark = static_cast<std::uint32_t>(hash >> 32);
  for (std::size_t place = hash % slots_.size();; place = (place + 1) % slots_.size()) {
    Slot& slot = slots_[place];
    if (slot.note == 0) {
      slot.hash = mark;
      return slot;
    }
    if (slot.hash == mark && address_of(notes_[slot.note - 1]) == address) return slot;
  }
}

void NewestDeliveries::make_room() {
  if (notes_.size() * 4 < slots_.size() * 3) return;
  notes_.reserve(kNotes + kNotes / 4);  // full() is asked now and then
  slots_.assign(std::max(kSlotsAtFirst, slots_.size() * 2), Slot{});
  for (std::size_t i = 0; i < notes_.size(); ++i)
    slot_of(address_of(notes_[i])).note = static_cast<std::uint32_t>(i) + 1;
}

std::uint32_t NewestDeliveries::keep(std::string_view text) {
  const auto place = static_cast<std::uint32_t>(texts_.size());
  texts_.append(text);
  return place;
}

void NewestDeliveries::add(std::string_view address, Time at, std::string_view queue_id) {
  make_room();
  Slot& slot = slot_of(address);
  if (slot.note == 0) {
    notes_.push_back({at, keep(address), 0, static_cast<std::uint16_t>(address.size()), 0, true});
    slot.note = static_cast<std::uint32_t>(notes_.size());
  }
  Note& note = notes_[slot.note - 1];
  if (!note.taken_out && at <= note.at) return;
  note.at = at;
  note.taken_out = false;
  if (queue_id.size() > note.id_size) note.queue_id = keep(queue_id);
  std::copy(queue_id.begin(), queue_id.end(), texts_.begin() + note.queue_id);
  note.id_size = static_cast<std::uint8_t>(queue_id.size());
}

bool NewestDeliveries::take_out(std::string_view address, NewestDelivery& delivery) {
  if (notes_.empty()) return false;
  const Slot& slot = slot_of(address);
  if (slot.note == 0) return false;
  Note& note = notes_[slot.note - 1];
  delivery = delivery_of(note);
  return !std::exchange(note.taken_out, true);
}

SortedDeliveries NewestDeliveries::take_sorted() {
  std::vector<Place> order;
  order.reserve(notes_.size());
  for (std::size_t i = 0; i < notes_.size(); ++i) {
    if (notes_[i].taken_out) continue;
    const std::string_view address = address_of(notes_[i]);
    const std::string_view behind = address.substr(std::min(sizeof Place::first, address.size()));
    order.push_back({beginning_of(address), beginning_of(behind), static_cast<std::uint32_t>(i)});
  }
  std::sort(order.begin(), order.end(), [&](const Place& a, const Place& b) {
    if (a.first != b.first) return a.first < b.first;
    if (a.second != b.second) return a.second < b.second;
    return address_of(notes_[a.note]) < address_of(notes_[b.note]);
  });
  SortedDeliveries sorted(order.size());
  sorted.reserve(texts_.size());
  for (const Place& place : order) sorted.add(delivery_of(notes_[place.note]));
  sorted.shrink();
  *this = {};
  return sorted;
}

}  // namespace suppressd
