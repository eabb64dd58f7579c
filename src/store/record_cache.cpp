#include "record_cache.h"

#include <algorithm>
#include <utility>

#include "suppressd/core/packed_words.h"

namespace suppressd {
namespace {

constexpr std::size_t kBytes = 10 * 1024 * 1024;
constexpr std::size_t kBesides = 96;  // what a record takes beside its bytes

/// Every field but the address and the entries.
template <typename SomeRecord, typename Visit>
void each_field(SomeRecord& record, Visit&& visit) {
  auto& recipient = record.recipient;
  visit(record.exempt, recipient.last_delivery, recipient.last_delivery_id, recipient.last_manual,
        recipient.streak, recipient.streak_since, recipient.last_failure, recipient.last_failure_entered,
        Word{recipient.last_category}, recipient.soft_step, recipient.hard_step);
}

/// Every field but address and kind.
template <typename SomeEntry, typename Visit>
void each_entry_field(SomeEntry& entry, Visit&& visit) {
  visit(entry.state, Word{entry.category}, Word{entry.rule}, Word{entry.provider}, entry.since, entry.until,
        entry.ref, entry.evidence_id, entry.note, Word{entry.actor}, entry.contradicted_at);
}

/// Returns where the entries begin.
std::size_t pack(const AddressRecord& record, std::string& bytes, WordList& words) {
  WordPacker packer(bytes, words);
  each_field(record, packer);
  const std::size_t entries = bytes.size();
  for (const auto& entry : record.entries) {
    packer(entry.has_value());
    if (entry) each_entry_field(*entry, packer);
  }
  return entries;
}

void unpack(const char* bytes, std::string_view address, AddressRecord& record, const WordList& words) {
  Unpacker packed(bytes);
  WordUnpacker unpacker(packed, words);
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

/// What an element's place hangs on, its address, is never changed.
template <typename Element>
Element& editable(const Element& element) {
  return const_cast<Element&>(element);
}

}  // namespace

void RecordCache::begin() {
  const std::int64_t version = database_.data_version();
  in_company_ = in_company_ || (data_version_ && *data_version_ != version);
  if (data_version_ != version || database_.total_changes() != changes_) forget();
  data_version_ = version;
}

AddressRecord& RecordCache::get(std::string_view address) {
  if (const auto found = records_.find(address); found != records_.end())
    unpack(found->bytes.data() + found->address_size, found->address(), current_, words_);
  else
    current_ = read(address);
  return current_;
}

AddressRecord RecordCache::read(std::string_view address) {
  AddressRecord record;
  record.address = address;
  if (bytes_ >= kBytes) let_go();
  if (!exemptions_) exemptions_ = Query(database_, "SELECT 1 FROM exemption LIMIT 1").step();
  Kept fresh;
  fresh.stored = load_record(database_, record, *exemptions_);
  fresh.bytes = record.address;
  fresh.address_size = static_cast<std::uint32_t>(record.address.size());
  Kept& kept = editable(*records_.insert(std::move(fresh)).first);
  bytes_ += kBesides + kept.bytes.capacity();
  keep(kept, record);
  kept.entries_changed = false;
  NewestDelivery newest;
  auto& recipient = record.recipient;
  if (newest_.take_out(record.address, newest) &&
      (!recipient.last_delivery || newest.at > *recipient.last_delivery)) {
    recipient.last_delivery = newest.at;
    recipient.last_delivery_id = newest.queue_id;
    keep_changed(kept, record);
  }
  return record;
}

void RecordCache::keep(Kept& kept, const AddressRecord& record) {
  const auto before = std::string_view(kept.bytes).substr(kept.entries);
  scratch_ = kept.address();
  kept.entries = static_cast<std::uint32_t>(pack(record, scratch_, words_));
  kept.entries_changed = kept.entries_changed || before != std::string_view(scratch_).substr(kept.entries);
  bytes_ -= kept.bytes.capacity();
  if (scratch_.size() > kept.bytes.capacity())
    kept.bytes = std::string(scratch_);  // as long as it is, where growing would double it
  else
    kept.bytes = scratch_;
  bytes_ += kept.bytes.capacity();
}

void RecordCache::changed(const AddressRecord& record) {
  if (const auto found = records_.find(std::string_view(record.address)); found != records_.end())
    keep_changed(editable(*found), record);
}

void RecordCache::keep_changed(Kept& kept, const AddressRecord& record) {
  keep(kept, record);
  if (!kept.changed) changed_.push_back({beginning_of(kept.address()), &kept});
  kept.changed = true;
}

void RecordCache::add_newest(SortedDeliveries deliveries) {
  newest_.add(std::move(deliveries));
  if (newest_.full()) write_newest();
}

void RecordCache::write() {
  write_records();
  write_newest();
}

void RecordCache::write_newest() {
  save_newest(database_, newest_);
  newest_ = {};
}

void RecordCache::write_records() {
  std::sort(changed_.begin(), changed_.end(), [](const Changed& a, const Changed& b) {
    return a.beginning == b.beginning ? a.kept->address() < b.kept->address() : a.beginning < b.beginning;
  });
  AddressRecord record;
  for (const auto& changed : changed_) {
    Kept& kept = *changed.kept;
    unpack(kept.bytes.data() + kept.address_size, kept.address(), record, words_);
    kept.stored = save_record(database_, record, kept.stored, kept.entries_changed);
  }
}

void RecordCache::committed() {
  for (const auto& changed : changed_) changed.kept->changed = changed.kept->entries_changed = false;
  changed_.clear();
  changes_ = database_.total_changes();
}

void RecordCache::let_go() {
  write_records();
  auto newest = std::exchange(newest_, {});
  forget();
  newest_ = std::move(newest);
}

void RecordCache::forget() {
  changed_.clear();
  records_.clear();
  words_.clear();
  bytes_ = 0;
  exemptions_.reset();
  newest_ = {};
}

}  // namespace suppressd
