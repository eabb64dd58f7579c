#include "suppressd/core/sorted_deliveries.h"

#include <algorithm>
#include <optional>

#include "suppressd/core/address.h"

namespace suppressd {

void SortedDeliveries::add(const NewestDelivery& delivery) {
  if (size_ == 0) first_ = delivery.at;
  std::string_view rest = delivery.address;
  std::size_t shared = 0;
  if (size_++ % kBetweenMarks == 0)
    marks_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  else
    shared = static_cast<std::size_t>(
        std::mismatch(rest.begin(), rest.end(), last_.begin(), last_.end()).first - rest.begin());
  rest.remove_prefix(shared);
  const auto domain = domain_of(rest);
  const auto number = domain.empty() ? std::nullopt : words_.number_of(domain);
  if (number) rest.remove_suffix(domain.size());
  Packer{bytes_}(number ? *number + 1 : 0, shared, rest, delivery.at - first_, delivery.queue_id);
  members_.add(delivery.address);
  last_ = delivery.address;
}

SortedDeliveries::Reader::Reader(const SortedDeliveries& deliveries, std::size_t mark)
    : deliveries_(&deliveries),
      unpacker_(deliveries.bytes_.data() + (mark > 0 ? deliveries.marks_[mark] : 0)),
      left_(deliveries.size_ - mark * kBetweenMarks) {}

bool SortedDeliveries::Reader::next() {
  if (left_ == 0) return false;
  --left_;
  int domain = 0;
  std::size_t shared = 0;
  std::string_view rest;
  Duration later{};
  unpacker_(domain, shared, rest, later, queue_id_);
  address_.resize(shared);
  address_ += rest;
  if (domain > 0) address_ += deliveries_->words_.word(static_cast<std::uint8_t>(domain - 1));
  at_ = deliveries_->first_ + later;
  return true;
}

bool SortedDeliveries::find(std::string_view address, NewestDelivery& found) const {
  if (!members_.may_contain(address)) return false;
  const auto begins_behind = [&](std::size_t mark) {
    Reader reader(*this, mark);
    return reader.next() && reader.row().address > address;
  };
  std::size_t mark = 0;  // the last one that is not behind the address
  for (std::size_t behind = marks_.size(); behind - mark > 1;) {
    const std::size_t middle = mark + (behind - mark) / 2;
    (begins_behind(middle) ? behind : mark) = middle;
  }
  Reader reader(*this, mark);
  for (std::size_t i = 0; i < kBetweenMarks && reader.next(); ++i) {
    found = reader.row();
    if (found.address < address) continue;
    if (found.address != address) return false;
    found.address = address;
    return true;
  }
  return false;
}

}  // namespace suppressd
