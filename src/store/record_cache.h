// The records that the learning thread works on: read when first asked for, written before a commit, and kept for the next transaction as
// long as nobody else writes.
//
// "Nobody else" is another connection (`data_version`) as well as another user of this one, such as retention (the count of changes).
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "suppressd/core/record.h"
#include "suppressd/store/database.h"

#include "record_rows.h"

namespace suppressd {

class RecordCache {
 public:
  explicit RecordCache(Database& database) : database_(database) {}

  /// A transaction has begun: what others may have changed is forgotten.
  void begin();
  /// Stays where it is until the next get(), committed() or forget().
  AddressRecord& get(std::string_view address);
  void changed(const AddressRecord& record);
  /// Writes what was changed, in the order of addresses.
  void write();
  /// What was read and not changed is forgotten, as its holder may have played with it.
  void committed();
  void forget();
  /// Whether another connection has written between two transactions of this one.
  bool in_company() const { return in_company_; }

 private:
  struct Kept {
    AddressRecord record;
    StoredRows stored;
    std::uint64_t beginning = 0;  ///< Of the address, to compare two without looking at their texts.
    bool used = false;            ///< Handed out in this transaction.
    bool changed = false;
  };

  Kept& read(std::string_view address);

  Database& database_;
  std::unordered_map<std::string_view, std::unique_ptr<Kept>> records_;  ///< By record.address.
  std::vector<Kept*> used_;
  std::optional<std::int64_t> data_version_;
  bool in_company_ = false;
  std::int64_t changes_ = 0;        ///< Rows that this connection had changed when the last transaction ended.
  std::optional<bool> exemptions_;  ///< Whether there are any.
};

}  // namespace suppressd
