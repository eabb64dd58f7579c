// The records that the learning thread works on: read when first asked for, written before a commit, and
// kept, packed, for the next transactions as long as nobody else writes. Newest deliveries to addresses
// without a record wait here, too.
//
// "Nobody else" is another connection (`data_version`) as well as another user of this one, such as retention
// (the count of changes). Throws StoreFailure; used within the layer only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/delivery_runs.h"
#include "suppressd/core/record.h"
#include "suppressd/core/word_list.h"
#include "suppressd/store/database.h"

#include "record_rows.h"

namespace suppressd {

class RecordCache {
 public:
  explicit RecordCache(Database& database) : database_(database) {}

  /// A transaction has begun: what others may have changed is forgotten.
  void begin();
  /// The record as it was last read or marked as changed. Stays until the next one is asked for.
  AddressRecord& get(std::string_view address);
  /// Keeps the record as it is now, to be written.
  void changed(const AddressRecord& record);
  /// Takes newest deliveries to addresses that have no record here, to be written when they are many.
  void add_newest(SortedDeliveries deliveries);
  /// Writes what was changed and what waits, in the order of addresses.
  void write();
  void committed();
  void forget();
  /// Writes what was changed, and keeps no record.
  void let_go();
  /// Whether another connection has written between two transactions of this one.
  bool in_company() const { return in_company_; }

 private:
  /// A record as it is kept: one block of memory beside its node, as there are tens of thousands.
  struct Kept {
    std::string bytes;  ///< The address, then the record, packed.
    std::uint32_t address_size = 0;
    std::uint32_t entries = 0;  ///< Where they begin.
    StoredRows stored;
    bool changed = false;
    bool entries_changed = false;

    std::string_view address() const { return {bytes.data(), address_size}; }
  };
  struct AddressHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view address) const { return TextHash{}(address); }
    std::size_t operator()(const Kept& kept) const { return TextHash{}(kept.address()); }
  };
  struct SameAddress {
    using is_transparent = void;
    bool operator()(const Kept& a, const Kept& b) const { return a.address() == b.address(); }
    bool operator()(std::string_view a, const Kept& b) const { return a == b.address(); }
    bool operator()(const Kept& a, std::string_view b) const { return a.address() == b; }
  };
  struct Changed {
    std::uint64_t beginning;  ///< Of the address, to compare two without looking at their texts.
    Kept* kept;
  };

  AddressRecord read(std::string_view address);
  void keep(Kept& kept, const AddressRecord& record);
  void keep_changed(Kept& kept, const AddressRecord& record);
  void write_records();
  void write_newest();

  Database& database_;
  std::unordered_set<Kept, AddressHash, SameAddress> records_;
  WordList words_;  ///< What most records say in the same words.
  std::size_t bytes_ = 0;
  std::vector<Changed> changed_;
  DeliveryRuns newest_;
  AddressRecord current_;
  std::string scratch_;
  std::optional<std::int64_t> data_version_;
  bool in_company_ = false;
  std::int64_t changes_ = 0;  ///< Rows that this connection had changed when the last transaction ended.
  std::optional<bool> exemptions_;  ///< Whether there are any.
};

}  // namespace suppressd
