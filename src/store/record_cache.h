// The records that the learning thread works on: read when first asked for, written before a commit, and kept, packed, for the next
// transactions as long as nobody else writes.
//
// "Nobody else" is another connection (`data_version`) as well as another user of this one, such as retention (the count of changes).
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "suppressd/core/record.h"
#include "suppressd/core/text.h"
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
  /// Writes what was changed, in the order of addresses.
  void write();
  void committed();
  void forget();
  /// Whether another connection has written between two transactions of this one.
  bool in_company() const { return in_company_; }

 private:
  struct Kept {
    std::string packed;
    StoredRows stored;
    bool changed = false;
  };
  using Row = std::pair<const std::string, Kept>;  // by address
  struct Changed {
    std::uint64_t beginning;  ///< Of the address, to compare two without looking at their texts.
    Row* row;
  };

  Row& read(std::string_view address);
  void keep(Row& row, const AddressRecord& record);

  Database& database_;
  std::unordered_map<std::string, Kept, TextHash, std::equal_to<>> records_;
  std::size_t bytes_ = 0;
  std::vector<Changed> changed_;
  AddressRecord current_;
  std::string scratch_;
  std::optional<std::int64_t> data_version_;
  bool in_company_ = false;
  std::int64_t changes_ = 0;        ///< Rows that this connection had changed when the last transaction ended.
  std::optional<bool> exemptions_;  ///< Whether there are any.
};

}  // namespace suppressd
