// Deliveries that wait to be written, by address. Most addresses have only deliveries, whose fold is their
// maximum: one row is written for each address, and nothing is folded.
//
// Used by one Batch at a time. Some 100 bytes per delivery: hosts, instances, providers, sender domains and
// tags, of which a log has few, are kept once. Private to this layer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/list_event.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

class GatheredDeliveries {
 public:
  void add(std::string_view address, const EventId& delivery, std::string_view provider,
           std::string_view sender_domain, const Tags& tags);
  /// The deliveries to one address, in the order in which they came. Their providers, sender domains and tags
  /// are valid until the next clear().
  std::vector<GatheredDelivery> take(std::string_view address);
  /// In the order of the table.
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
    const std::string* provider;
    const std::string* sender_domain;
    const Tags* tags;
  };
  const std::string& kept_once(std::string_view name);
  const std::string* sender_domain_of(std::string_view name);
  const Tags* tags_once(const Tags& tags);
  std::uint32_t origin_of(const MessageKey& message);

  std::unordered_map<std::string, std::vector<Delivery>, TextHash, std::equal_to<>> by_address_;
  std::size_t deliveries_ = 0;
  std::vector<Origin> origins_;
  std::uint32_t newest_origin_ = 0;
  std::unordered_set<std::string, TextHash, std::equal_to<>> names_;
  const std::string* newest_sender_ = nullptr;
  std::unordered_map<std::string, Tags, TextHash, std::equal_to<>> tags_;  ///< By their texts.
  const Tags* newest_tags_ = nullptr;
};

}  // namespace suppressd
