#include "record_cache.h"

#include <algorithm>

#include "suppressd/core/packed.h"

namespace suppressd {
namespace {

constexpr std::size_t kBytes = 16 * 1024 * 1024;
constexpr std::size_t kBesides = 160;  // what a row takes beside its texts

/// Every field but the address and the entries.
template <typename SomeRecord, typename Visit>
void each_field(SomeRecord& record, Visit&& visit) {
  auto& recipient = record.recipient;
  visit(record.exempt, recipient.last_delivery, recipient.last_delivery_id, recipient.last_manual, recipient.streak, recipient.streak_since,
        recipient.last_failure, recipient.last_failure_entered, recipient.last_category, recipient.soft_step, recipient.hard_step);
}

/// Every field but address and kind.
template <typename SomeEntry, typename Visit>
void each_entry_field(SomeEntry& entry, Visit&& visit) {
  visit(entry.state, entry.category, entry.rule, entry.operator_domain, entry.since, entry.until, entry.ref, entry.evidence_id, entry.note,
        entry.actor, entry.contradicted_at);
}

void pack(const AddressRecord& record, std::string& bytes) {
  Packer packer(bytes);
  each_field(record, packer);
  for (const auto& entry : record.entries) {
    packer(entry.has_value());
    if (entry) each_entry_field(*entry, packer);
  }
}

void unpack(const std::string& bytes, const std::string& address, AddressRecord& record) {
  Unpacker unpacker(bytes.data());
  record.address = address;
  each_field(record, unpacker);
  for (std::size_t kind = 0; kind < kSuppressionKinds; ++kind) {
    bool there = false;
    unpacker(there);
    if (!there) {
      record.entries[kind].reset();
      continue;
    }
    Suppression entry;
    entry.address = address;
    entry.kind = static_cast<SuppressionKind>(kind);
    each_entry_field(entry, unpacker);
    record.entries[kind] = std::move(entry);
  }
}

}  // namespace

void RecordCache::begin() {
  const std::int64_t version = database_.data_version();
  in_company_ = in_company_ || (data_version_ && *data_version_ != version);
  if (data_version_ != version || database_.total_changes() != changes_) forget();
  data_version_ = version;
}

AddressRecord& RecordCache::get(std::string_view address) {
  const auto found = records_.find(address);
  const Row& row = found != records_.end() ? *found : read(address);
  unpack(row.second.packed, row.first, current_);
  return current_;
}

RecordCache::Row& RecordCache::read(std::string_view address) {
  AddressRecord record;
  record.address = address;
  if (bytes_ >= kBytes) {
    write();
    forget();
  }
  if (!exemptions_) exemptions_ = Query(database_, "SELECT 1 FROM exemption LIMIT 1").step();
  Kept kept;
  kept.stored = load_record(database_, record, *exemptions_);
  Row& row = *records_.emplace(record.address, std::move(kept)).first;
  bytes_ += row.first.size() + kBesides;
  keep(row, record);
  return row;
}

void RecordCache::keep(Row& row, const AddressRecord& record) {
  scratch_.clear();
  pack(record, scratch_);
  auto& packed = row.second.packed;
  bytes_ -= packed.capacity();
  packed = scratch_;
  bytes_ += packed.capacity();
}

void RecordCache::changed(const AddressRecord& record) {
  Row& row = *records_.find(record.address);
  keep(row, record);
  if (!row.second.changed) changed_.push_back({beginning_of(row.first), &row});
  row.second.changed = true;
}

void RecordCache::write() {
  std::sort(changed_.begin(), changed_.end(), [](const Changed& a, const Changed& b) {
    return a.beginning == b.beginning ? a.row->first < b.row->first : a.beginning < b.beginning;
  });
  AddressRecord record;
  for (const auto& changed : changed_) {
    auto& kept = changed.row->second;
    unpack(kept.packed, changed.row->first, record);
    kept.stored = save_record(database_, record, kept.stored);
  }
}

void RecordCache::committed() {
  for (const auto& changed : changed_) changed.row->second.changed = false;
  changed_.clear();
  changes_ = database_.total_changes();
}

void RecordCache::forget() {
  changed_.clear();
  records_.clear();
  bytes_ = 0;
  exemptions_.reset();
}

}  // namespace suppressd
