// Deliveries that wait to be written, by address: of most addresses nothing else is known, so that each needs
// one row written and none read by the rules.
//
// Used by one Batch at a time. Some 100 bytes a delivery: hosts and instances, of which a log names few, are
// kept once. Private to this layer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/list_event.h"

namespace suppressd {

class GatheredDeliveries {
 public:
  void add(std::string_view address, const EventId& delivery);
  /// What waits for one address, in the order in which it came.
  std::vector<EventId> take(std::string_view address);
  /// As rows are stored.
  std::vector<std::string> addresses() const;
  bool full() const { return deliveries_ >= kMost || origins_.size() >= kMostOrigins; }
  void clear();

 private:
  static constexpr std::size_t kMost = 100000;
  static constexpr std::size_t kMostOrigins = 1000;

  struct Origin {
    std::string host;
    std::string instance;
  };
  struct Delivery {
    Time ended;
    Time entered;
    std::string queue_id;
    std::uint32_t origin;
  };
  std::uint32_t origin_of(const MessageKey& message);

  std::unordered_map<std::string, std::vector<Delivery>, TextHash, std::equal_to<>> by_address_;
  std::size_t deliveries_ = 0;
  std::vector<Origin> origins_;
  std::uint32_t newest_origin_ = 0;
};

}  // namespace suppressd
