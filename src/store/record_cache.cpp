#include "record_cache.h"

#include <algorithm>
#include <vector>

#include "suppressd/core/text.h"

namespace suppressd {
namespace {

constexpr std::size_t kKept = 20000;  // some 500 bytes each

}  // namespace

void RecordCache::begin() {
  const std::int64_t version = database_.data_version();
  in_company_ = in_company_ || (data_version_ && *data_version_ != version);
  if (data_version_ != version || database_.total_changes() != changes_ || records_.size() > kKept) forget();
  data_version_ = version;
}

AddressRecord& RecordCache::get(std::string_view address) {
  const auto found = records_.find(address);
  Kept& kept = found != records_.end() ? *found->second : read(address);
  if (!kept.used) used_.push_back(&kept);
  kept.used = true;
  return kept.record;
}

RecordCache::Kept& RecordCache::read(std::string_view address) {
  auto kept = std::make_unique<Kept>();
  kept->record.address = address;
  if (used_.size() >= kKept) {
    write();
    forget();  // and `address` with it, which may be one of theirs
  }
  kept->beginning = beginning_of(kept->record.address);
  if (!exemptions_) exemptions_ = Query(database_, "SELECT 1 FROM exemption LIMIT 1").step();
  kept->stored = load_record(database_, kept->record, *exemptions_);
  const std::string_view key = kept->record.address;
  return *records_.emplace(key, std::move(kept)).first->second;
}

void RecordCache::changed(const AddressRecord& record) {
  if (const auto found = records_.find(record.address); found != records_.end()) found->second->changed = true;
}

void RecordCache::write() {
  std::sort(used_.begin(), used_.end(), [](const Kept* a, const Kept* b) {
    return a->beginning == b->beginning ? a->record.address < b->record.address : a->beginning < b->beginning;
  });
  for (Kept* kept : used_) {
    if (kept->changed) kept->stored = save_record(database_, kept->record, kept->stored);
  }
}

void RecordCache::committed() {
  for (Kept* kept : used_) {
    if (!kept->changed) {
      records_.erase(records_.find(kept->record.address));
      continue;
    }
    kept->used = kept->changed = false;
  }
  used_.clear();
  changes_ = database_.total_changes();
}

void RecordCache::forget() {
  used_.clear();
  records_.clear();
  exemptions_.reset();
}

}  // namespace suppressd
