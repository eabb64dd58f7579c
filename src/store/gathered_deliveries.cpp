#include "gathered_deliveries.h"

#include <algorithm>
#include <iterator>

namespace suppressd {

void GatheredDeliveries::add(std::string_view address, EventId delivery) {
  auto place = by_address_.find(address);
  if (place == by_address_.end()) place = by_address_.emplace(std::string{address}, Deliveries{}).first;
  place->second.push_back(std::move(delivery));
  ++deliveries_;
}

GatheredDeliveries::Deliveries GatheredDeliveries::take(std::string_view address) {
  const auto place = by_address_.find(address);
  if (place == by_address_.end()) return {};
  auto taken = std::move(place->second);
  by_address_.erase(place);
  deliveries_ -= taken.size();
  return taken;
}

std::vector<std::pair<std::string, GatheredDeliveries::Deliveries>> GatheredDeliveries::take_all() {
  std::vector<std::pair<std::string, Deliveries>> all;
  all.reserve(by_address_.size());
  while (!by_address_.empty()) {
    auto node = by_address_.extract(by_address_.begin());
    all.emplace_back(std::move(node.key()), std::move(node.mapped()));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  deliveries_ = 0;
  return all;
}

void GatheredDeliveries::clear() {
  by_address_.clear();
  deliveries_ = 0;
}

}  // namespace suppressd
