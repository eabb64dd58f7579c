// Deliveries that wait to be written, by address. Most addresses have only deliveries, whose fold is their
// maximum: one row is written for each address, and nothing is folded. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/list_event.h"

namespace suppressd {

class GatheredDeliveries {
 public:
  using Deliveries = std::vector<EventId>;

  void add(std::string_view address, EventId delivery);
  /// The deliveries to one address, in the order in which they came.
  Deliveries take(std::string_view address);
  /// All, ordered by address as the table is.
  std::vector<std::pair<std::string, Deliveries>> take_all();
  bool full() const { return deliveries_ >= kMost; }
  bool empty() const { return by_address_.empty(); }
  void clear();

 private:
  static constexpr std::size_t kMost = 100000;  // some 25 MiB

  std::unordered_map<std::string, Deliveries, TextHash, std::equal_to<>> by_address_;
  std::size_t deliveries_ = 0;
};

}  // namespace suppressd
