// What a Ledger and its batches have in common: the connection, the transaction, and what it holds in memory.
//
// One thread. within() ends the transaction at any failure; the others throw StoreFailure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <sqlite3.h>

#include "suppressd/base/text.h"
#include "suppressd/store/ledger.h"

#include "database.h"
#include "deciding_entry.h"
#include "failure.h"
#include "gathered_deliveries.h"
#include "record_rows.h"

namespace suppressd {

struct KeptRecord {
  AddressRecord record;
  StoredRows stored;
  bool changed = false;
};

/// What the question whether an address is exempt needs, beside the table itself.
struct Exempting {
  bool any = false;
  std::string delimiter;  ///< recipient_delimiter()
};

struct LedgerState {
  LedgerState(Database connection, Ledger::Durability promise)
      : database(std::move(connection)), durability(promise) {}

  static constexpr std::size_t kMostRecords = 2000;  // that a batch keeps in memory, some 2 KiB each

  Database database;
  Ledger::Durability durability;
  std::optional<Transaction> transaction;
  std::unordered_map<std::string, KeptRecord, TextHash, std::equal_to<>> records;
  GatheredDeliveries gathered;
  std::optional<Exempting> exempting;   // as of this batch
  std::optional<std::int64_t> learned;  // `meta.learning` as of what the caller holds in memory
  std::uint64_t batches = 0;
  bool must_load = true;
  bool learning_changed = false;
  std::optional<std::int64_t> data_version;
  bool in_company = false;

  void forget() {
    records.clear();
    gathered.clear();
    exempting.reset();
    learning_changed = false;
  }
  void roll_back() {
    transaction.reset();
    forget();
    learned.reset();
  }

  /// Runs `action` inside the transaction; a failure ends it.
  template <typename Action>
  auto within(Action&& action) {
    auto result = guarded(database, [&] {
      if (!transaction)
        throw StoreFailure{SQLITE_MISUSE, "no transaction is open: an earlier failure ended it"};
      return action();
    });
    if (!result) roll_back();
    return result;
  }

  std::optional<Time> exempt_since(std::string_view address) {
    if (!exempting)
      exempting = {.any = Query(database, "SELECT 1 FROM exemption LIMIT 1").step(),
                   .delimiter = recipient_delimiter(database)};
    if (!exempting->any) return std::nullopt;
    return suppressd::exempt_since(database, {address, exempting->delimiter});
  }

  void write_records() {
    for (auto& [address, kept] : records) {
      if (!std::exchange(kept.changed, false)) continue;
      save_record(database, kept.record, kept.stored);
    }
  }

  void unload() {
    write_records();
    records.clear();
  }

  // A checkpoint is folded again from the evidence.
  KeptRecord& reload(std::string_view address) {
    if (const auto known = records.find(address); known != records.end()) {
      auto& [record, stored, changed] = known->second;
      record.events = KeptEvents(record.events.events());
      save_record(database, record, stored);
      records.erase(known);
    }
    return kept(address);
  }

  KeptRecord& kept(std::string_view address) {
    if (const auto found = records.find(address); found != records.end()) return found->second;
    if (records.size() >= kMostRecords) unload();
    auto& fresh = records[std::string(address)];
    fresh.record.address = address;
    fresh.stored = load_record(database, fresh.record);
    fresh.record.exempt_since = exempt_since(address);
    return fresh;
  }
};

}  // namespace suppressd
