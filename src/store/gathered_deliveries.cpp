#include "gathered_deliveries.h"

#include <algorithm>

namespace suppressd {

std::uint32_t GatheredDeliveries::origin_of(const MessageKey& message) {
  const auto is_it = [&](const Origin& origin) {
    return origin.host == message.host && origin.instance == message.instance;
  };
  if (newest_origin_ < origins_.size() && is_it(origins_[newest_origin_])) return newest_origin_;
  const auto known = std::find_if(origins_.begin(), origins_.end(), is_it);
  newest_origin_ = static_cast<std::uint32_t>(known - origins_.begin());
  if (known == origins_.end()) origins_.push_back({message.host, message.instance});
  return newest_origin_;
}

// Most logs have one sender domain.
const std::string* GatheredDeliveries::sender_domain_of(std::string_view name) {
  if (newest_sender_ == nullptr || *newest_sender_ != name) newest_sender_ = &kept_once(name);
  return newest_sender_;
}

const std::string& GatheredDeliveries::kept_once(std::string_view name) {
  const auto known = names_.find(name);
  return known != names_.end() ? *known : *names_.emplace(name).first;
}

// The contact is another one in each message, and counts nowhere.
const Tags* GatheredDeliveries::tags_once(const Tags& tags) {
  static const Tags kNone;
  const auto& [campaign, source, account, contact] = tags;
  if (campaign.empty() && source.empty() && account.empty()) return &kNone;
  const auto is_it = [&](const Tags& known) {
    return known.campaign == campaign && known.source == source && known.account == account;
  };
  if (newest_tags_ != nullptr && is_it(*newest_tags_)) return newest_tags_;
  const auto key = campaign + '\n' + source + '\n' + account;
  const Tags kept{.campaign = campaign, .source = source, .account = account};
  return newest_tags_ = &tags_.try_emplace(key, kept).first->second;
}

void GatheredDeliveries::add(std::string_view address, const EventId& delivery, std::string_view provider,
                             std::string_view sender_domain, const Tags& tags) {
  auto place = by_address_.find(address);
  if (place == by_address_.end()) place = by_address_.try_emplace(std::string{address}).first;
  const auto& message = delivery.message;
  place->second.push_back({delivery.ended, message.entered, message.queue_id, origin_of(message),
                           &kept_once(provider), sender_domain_of(sender_domain), tags_once(tags)});
  ++deliveries_;
}

std::vector<GatheredDelivery> GatheredDeliveries::take(std::string_view address) {
  const auto place = by_address_.find(address);
  if (place == by_address_.end()) return {};
  std::vector<GatheredDelivery> taken;
  taken.reserve(place->second.size());
  for (auto& delivery : place->second) {
    const auto& origin = origins_[delivery.origin];
    taken.push_back({.id = {.ended = delivery.ended,
                            .kind = ListEventKind::delivery,
                            .message = {.host = origin.host,
                                        .instance = origin.instance,
                                        .queue_id = std::move(delivery.queue_id),
                                        .entered = delivery.entered}},
                     .provider = *delivery.provider,
                     .sender_domain = *delivery.sender_domain,
                     .tags = delivery.tags});
  }
  by_address_.erase(place);
  deliveries_ -= taken.size();
  if (by_address_.empty()) origins_.clear();
  return taken;
}

std::vector<std::string> GatheredDeliveries::addresses() const {
  std::vector<std::string> addresses;
  addresses.reserve(by_address_.size());
  for (const auto& [address, deliveries] : by_address_) addresses.push_back(address);
  std::sort(addresses.begin(), addresses.end());
  return addresses;
}

void GatheredDeliveries::clear() {
  by_address_.clear();
  deliveries_ = 0;
  origins_.clear();
  names_.clear();
  newest_sender_ = nullptr;
  tags_.clear();
  newest_tags_ = nullptr;
}

}  // namespace suppressd
