#include "suppressd/core/delivery_runs.h"

#include <algorithm>
#include <utility>

namespace suppressd {

void DeliveryRuns::add(SortedDeliveries run) {
  if (run.size() == 0) return;
  bytes_ += run.memory();
  runs_.push_back(std::move(run));
}

bool DeliveryRuns::take_out(std::string_view address, NewestDelivery& newest) {
  if (left_out_.contains(address)) return false;
  bool found = false;
  for (const SortedDeliveries& run : runs_) {
    NewestDelivery one;
    if (!run.find(address, one) || (found && one.at <= newest.at)) continue;
    newest = one;
    found = true;
  }
  if (found) left_out_.emplace(address);
  return found;
}

bool DeliveryRuns::Reader::Head::next() {
  if (!rows.next()) return false;
  beginning = beginning_of(rows.row().address);
  return true;
}

DeliveryRuns::Reader::Reader(const DeliveryRuns& runs) : runs_(runs) {
  heads_.reserve(runs.runs_.size());
  for (const SortedDeliveries& run : runs.runs_) {
    Head& head = heads_.emplace_back(Head{SortedDeliveries::Reader(run)});
    if (head.next()) heap_.push_back(&head);
  }
  std::make_heap(heap_.begin(), heap_.end(), is_behind);
  skip_left_out();
}

bool DeliveryRuns::Reader::is_behind(const Head* a, const Head* b) {
  if (a->beginning != b->beginning) return a->beginning > b->beginning;
  const auto one = a->rows.row();
  const auto other = b->rows.row();
  if (const int order = one.address.compare(other.address); order != 0) return order > 0;
  if (one.at != other.at) return one.at < other.at;
  return a > b;
}

void DeliveryRuns::Reader::drop_first() {
  std::pop_heap(heap_.begin(), heap_.end(), is_behind);
  if (heap_.back()->next())
    std::push_heap(heap_.begin(), heap_.end(), is_behind);
  else
    heap_.pop_back();
}

void DeliveryRuns::Reader::skip_left_out() {
  if (runs_.left_out_.empty()) return;
  while (!done() && runs_.left_out_.contains(row().address)) drop_first();
}

void DeliveryRuns::Reader::advance() {
  last_ = row().address;
  while (!done() && row().address == last_) drop_first();
  skip_left_out();
}

}  // namespace suppressd
